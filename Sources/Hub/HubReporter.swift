/// What fetching says while it runs, and whether it shall stop. The library prints nothing itself.
public struct HubReporter: Sendable {
  /// Takes a sentence that the user should know, such as that the Hub asks to wait.
  public let note: @Sendable (String) -> Void
  /// Takes the file and how many of its bytes are there, of how many.
  public let progress: @Sendable (_ file: String, _ done: Int, _ total: Int, _ alreadyThere: Int) -> Void
  /// Whether to stop; asked at least once a second.
  public let isCancelled: @Sendable () -> Bool

  public init(
    note: @escaping @Sendable (String) -> Void = { _ in },
    progress: @escaping @Sendable (String, Int, Int, Int) -> Void = { _, _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.note = note
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// Drops everything and never stops.
  public static let silent = HubReporter()
}
