import Formats

/// Inverse networks that cannot be built, trained or loaded, in one line: what, where, and how to fix it.
public struct InversionError: ExitStatusError {
  public enum Kind: Sendable {
    /// What was asked for cannot be done: the user has to change it.
    case badInput
    /// The work itself failed.
    case failed
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  public var exitStatus: Int32 { kind == .badInput ? 2 : 1 }
}
