/// A height and a width: of an image in pixels, or of a grid in cells.
public struct ImageSize: Hashable, Sendable, Codable {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Pixels or cells.
  public var area: Int { height * width }
}
