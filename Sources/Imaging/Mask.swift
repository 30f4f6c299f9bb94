import Formats

/// A set of pixels, such as those of an object.
public struct Mask: Sendable, Equatable {
  /// Pixels a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `[height, width]`, row by row: 1 inside, 0 outside.
  public var values: [UInt8]

  /// Height and width in pixels.
  public var size: ImageSize { ImageSize(height: height, width: width) }

  /// - Precondition: `values` holds `width * height` bytes, each 0 or 1.
  public init(width: Int, height: Int, values: [UInt8]) {
    precondition(width > 0 && height > 0 && values.count == width * height, "values must hold width × height bytes")
    precondition(values.allSatisfy { $0 < 2 }, "values are 0 or 1")
    self.width = width
    self.height = height
    self.values = values
  }

  /// An empty mask.
  public init(width: Int, height: Int) {
    self.init(width: width, height: height, values: [UInt8](repeating: 0, count: width * height))
  }

  /// Number of pixels inside.
  public var area: Int { values.reduce(0) { $0 + Int($1) } }

  /// Adds the pixels of another mask of the same size.
  public mutating func formUnion(_ other: Mask) {
    precondition(width == other.width && height == other.height, "masks of one size are united")
    for index in values.indices { values[index] |= other.values[index] }
  }

  /// The mask at another size: a pixel is inside where at least half of the area it stands for is (box filter, 0.5).
  func resized(width newWidth: Int, height newHeight: Int, window: PixelImage.Region) -> Mask {
    // Through the image's own code, so that a mask can never be shifted against its image.
    let coverage = PixelImage(width: width, height: height, pixels: values.flatMap { [$0 * 255, 0, 0] })
      .resized(width: newWidth, height: newHeight, interpolation: .box, window: window)
    return Mask(
      width: window.width, height: window.height,
      values: stride(from: 0, to: coverage.pixels.count, by: 3).map { coverage.pixels[$0] >= 128 ? 1 : 0 })
  }
}
