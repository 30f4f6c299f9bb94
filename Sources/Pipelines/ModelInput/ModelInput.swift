import Backbones
import Formats
import Imaging
import Inversion
import Torch

/// How images become a model's input, and the one size that the inputs of all images have.
///
/// An image that comes out smaller lies in the upper left corner of its input; the rest is padding.
public struct ModelInput: Sendable {
  public let preprocessing: Preprocessing
  /// Height and width of the pixels the model sees.
  public let size: ImageSize

  public init(_ preprocessing: Preprocessing, size: ImageSize) {
    self.preprocessing = preprocessing
    self.size = size
  }

  /// Of the recipe's size, or where that depends on the image (DETR's native rule) of the smallest that holds every image.
  ///
  /// - Parameter name: the images in messages, such as their folder.
  /// - Throws: ``BadInput`` where the size depends on the image and none can be read.
  public init(_ preprocessing: Preprocessing, holding images: [ImageFolder.Entry], name: String) throws {
    if let size = preprocessing.inputSize {
      self.init(preprocessing, size: size)
      return
    }
    var height = 0
    var width = 0
    for entry in images {
      guard let file = try? entry.size(),
        let size = try? preprocessing.outputSize(of: file)
      else { continue }
      height = max(height, size.height)
      width = max(width, size.width)
    }
    guard height > 0 else { throw BadInput("\(name): none of the images can be read") }
    self.init(preprocessing, size: ImageSize(height: height, width: width))
  }

  /// `[H, W, 3]` bytes of an image that the recipe was applied to.
  ///
  /// - Precondition: it is no larger than the input.
  public func bytes(_ image: PixelImage) -> [UInt8] {
    image.placed(left: 0, top: 0, width: size.width, height: size.height, fill: [0, 0, 0]).pixels
  }

  /// The same valid sizes, or nil where nothing is padded.
  public func padded(_ validSizes: [ImageSize]?) -> [ImageSize]? {
    validSizes.flatMap { sizes in sizes.contains { $0 != size } ? sizes : nil }
  }

  /// The normalised input of a batch on a device.
  ///
  /// - Parameters:
  ///   - bytes: `[B, H, W, 3]`.
  ///   - validSizes: height and width of each image's valid part; nil where nothing is padded.
  public func batch(_ bytes: Tensor, validSizes: [ImageSize]?, device: Device) throws -> ImageBatch {
    try preprocessing.scale.batch(bytes, validSizes: padded(validSizes), device: device)
  }
}

extension Preprocessing {
  /// How 8-bit pixels become the numbers of the model's input.
  public var scale: PixelScale { PixelScale(rescaleFactor: rescaleFactor, mean: mean, deviation: std) }
}

extension PixelScale {
  /// The normalised input of a batch on a device.
  ///
  /// - Parameters:
  ///   - bytes: `[B, H, W, 3]`.
  ///   - validSizes: height and width of each image's valid part; nil where nothing is padded.
  func batch(_ bytes: Tensor, validSizes: [ImageSize]?, device: Device) throws -> ImageBatch {
    try ImageBatch(
      bytes: bytes.to(device), rescaleFactor: rescaleFactor, mean: mean, deviation: deviation, validSizes: validSizes)
  }
}
