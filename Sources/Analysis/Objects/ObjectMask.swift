import Activations
import Formats

/// One object of an image, as pixels of the model's input.
public struct ObjectMask: Sendable, Equatable {
  /// The name of its class.
  public let category: String
  /// Whether it stands for a crowd, whose pixels are neither an object's nor background.
  public let isCrowd: Bool
  /// `[height, width]` of the input, row by row: 1 inside, 0 outside.
  public let pixels: [UInt8]

  public init(category: String, isCrowd: Bool = false, pixels: [UInt8]) {
    self.category = category
    self.isCrowd = isCrowd
    self.pixels = pixels
  }

  /// The upper left corner of it.
  ///
  /// - Parameter rowPixels: pixels in a row of the input.
  func cropped(height: Int, width: Int, rowPixels: Int) -> [UInt8] {
    precondition(width <= rowPixels && pixels.count >= height * rowPixels, "a mask of the input's size")
    if width == rowPixels { return Array(pixels.prefix(height * width)) }
    return (0..<height).flatMap { pixels[$0 * rowPixels..<$0 * rowPixels + width] }
  }
}

/// A store whose pixels are measured: what the model saw, and what came back.
public struct PixelStore: Sendable {
  public let name: String
  public let store: FeatureStore
  /// Height and width of what an input shows, the rest of it at the right and below being padding; nil where there is none.
  public let validSize: (@Sendable (_ row: Int) -> ImageSize?)?
  /// The objects of a row's image, nil for an image that the annotations do not name; nil where there are no annotations.
  public let objects: (@Sendable (_ row: Int) throws -> [ObjectMask]?)?

  public init(
    name: String, store: FeatureStore, validSize: (@Sendable (_ row: Int) -> ImageSize?)? = nil,
    objects: (@Sendable (_ row: Int) throws -> [ObjectMask]?)? = nil
  ) {
    self.name = name
    self.store = store
    self.validSize = validSize
    self.objects = objects
  }

  /// Height and width of the picture in a row's input of `height` × `width`.
  package func size(row: Int, height: Int, width: Int) -> ImageSize {
    guard let valid = validSize?(row) else { return ImageSize(height: height, width: width) }
    return ImageSize(height: min(height, max(1, valid.height)), width: min(width, max(1, valid.width)))
  }
}
