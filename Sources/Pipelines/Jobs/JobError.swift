import Formats

/// Bad usage or bad input: exit status 2.
public struct BadInput: ExitStatusError, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }

  public var exitStatus: Int32 { 2 }
}

/// The work could not be finished: exit status 1.
public struct WorkFailed: ExitStatusError, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }

  public var exitStatus: Int32 { 1 }
}

/// The user interrupted: exit status 130.
public struct Interrupted: ExitStatusError, Equatable {
  public let description: String

  /// Of work that keeps what was done.
  public init(_ description: String = "interrupted; the same command goes on where it stopped") {
    self.description = description
  }

  /// Of work that keeps nothing of what was done.
  public static let startingAgain = Interrupted("interrupted; nothing is kept, the same command starts again")

  public var exitStatus: Int32 { 130 }
}
