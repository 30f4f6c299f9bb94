/// The name of a family of models, as stores and plans record it: `vit`, `swin`.
public struct Family: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public var description: String { rawValue }
}
