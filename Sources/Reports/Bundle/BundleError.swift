import Formats

/// Why a bundle could not be made or read: one sentence for people.
public struct BundleError: ExitStatusError, Sendable, Equatable {
  public enum Kind: Sendable {
    /// What was given has to be repaired.
    case badInput
    /// The machine would not: no space, no permission.
    case failed
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// That the file at `path` cannot be read as a zip.
  static func notZip(_ path: String, _ reason: String) -> BundleError {
    BundleError(.badInput, "\(path) cannot be read as a zip: \(reason)")
  }

  public var exitStatus: Int32 { kind == .badInput ? 2 : 1 }
}
