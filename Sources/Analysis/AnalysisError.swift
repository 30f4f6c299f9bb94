import Formats

/// Why an analysis cannot be made, in one line: what, where, expected and got, how to repair it.
public struct AnalysisError: ExitStatusError, Equatable, Sendable {
  /// Who has to repair it.
  public enum Kind: Sendable, Equatable {
    /// What was asked for, or a store it was asked of.
    case badInput
    /// The machine: memory, disk.
    case workFailed
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  public var exitStatus: Int32 { kind == .badInput ? 2 : 1 }
}
