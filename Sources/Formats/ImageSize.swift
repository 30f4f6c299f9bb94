/// A height and a width: of an image in pixels, or of a grid in cells.
public struct ImageSize: Hashable, Sendable, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Width first, as sizes of images are written: `640x480`.
  public var description: String { "\(width)x\(height)" }
}
