import Formats

/// What went wrong while scenes were drawn or written: one sentence that says what, where and how to repair it.
public struct SceneError: ExitStatusError, Equatable, Sendable {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }

  public var exitStatus: Int32 { 2 }
}
