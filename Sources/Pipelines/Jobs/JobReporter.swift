/// What a running job reports to whoever started it. The library prints nothing itself.
public struct JobReporter: Sendable {
  /// Takes a sentence that a reader of the results should know.
  public let note: @Sendable (String) -> Void
  /// Takes how far the work is. What it throws stops the work: an interruption.
  public let progress: @Sendable (JobProgress) throws -> Void

  public init(
    note: @escaping @Sendable (String) -> Void = { _ in },
    progress: @escaping @Sendable (JobProgress) throws -> Void = { _ in }
  ) {
    self.note = note
    self.progress = progress
  }

  /// A reporter that drops everything.
  public static let silent = JobReporter()
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

  /// The unit of work whose parts have no name.
  public static let percent = "%"

  public init(_ work: String, _ done: Int, of total: Int, unit: String, detail: String = "") {
    self.work = work
    self.done = done
    self.total = total
    self.unit = unit
    self.detail = detail
  }
}
