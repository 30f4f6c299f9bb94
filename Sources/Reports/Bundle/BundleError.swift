/// Why a bundle could not be made or read: one sentence for people.
public struct BundleError: Error, CustomStringConvertible, Sendable, Equatable {
  public enum Kind: Sendable {
    /// What was given has to be mended.
    case badInput
    /// The machine would not: no space, no permission.
    case failed
  }

  public let kind: Kind
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
