/// What a running job reports to whoever started it, and whether it shall stop. The library prints nothing itself.
public struct JobReporter: Sendable {
  /// Takes a sentence that a reader of the results should know.
  public let note: @Sendable (String) -> Void
  /// Takes how far the work is. What it throws stops the work: an interruption.
  public let progress: @Sendable (JobProgress) throws -> Void
  /// Takes a line on what is about to be done, or was done.
  public let say: @Sendable (String) -> Void
  /// Whether the work shall stop. Asked by jobs that bring what they have into good order first, and then throw
  /// ``Interrupted``.
  public let isCancelled: @Sendable () -> Bool
  /// Whether little time is left to stop in: work that was cancelled leaves what it would still put together to its next run.
  public let endsSoon: @Sendable () -> Bool

  public init(
    note: @escaping @Sendable (String) -> Void = { _ in },
    progress: @escaping @Sendable (JobProgress) throws -> Void = { _ in },
    say: @escaping @Sendable (String) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false },
    endsSoon: @escaping @Sendable () -> Bool = { false }
  ) {
    self.endsSoon = endsSoon
    self.note = note
    self.progress = progress
    self.say = say
    self.isCancelled = isCancelled
  }

  /// A reporter that drops everything and never stops the work.
  public static let silent = JobReporter()

  /// Reports how far work is that asks ``isCancelled`` itself, and that nothing else may stop.
  func show(_ progress: JobProgress) { try? self.progress(progress) }
}

/// How far a piece of work is.
public struct JobProgress: Sendable, Equatable {
  /// The piece of work, such as `quality`.
  public let work: String
  public let done: Int
  public let total: Int
  /// The name of what is counted, in the plural; ``percent`` where only the share means something.
  public let unit: String
  /// What is being done at the moment; empty where nothing is to be said.
  public let detail: String
  /// Of what is done, what an earlier run did: it does not count for the rate.
  public let alreadyDone: Int

  /// The unit of work whose parts have no name.
  public static let percent = "%"

  public init(_ work: String, _ done: Int, of total: Int, unit: String, detail: String = "", alreadyDone: Int = 0) {
    self.work = work
    self.done = done
    self.total = total
    self.unit = unit
    self.detail = detail
    self.alreadyDone = alreadyDone
  }
}
