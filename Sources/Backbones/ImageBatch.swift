import Formats
import Torch

/// Normalised images of one size, perhaps padded at the right and at the bottom.
public struct ImageBatch {
  /// `[B, 3, H, W]`, float32, normalised, in memory as `[B, H, W, 3]`.
  public let pixels: Tensor
  /// Height and width of each image's valid part; nil where all of every image is valid.
  public let validSizes: [ImageSize]?

  public init(pixels: Tensor, validSizes: [ImageSize]? = nil) {
    self.pixels = pixels
    self.validSizes = validSizes
  }

  /// Scales 8-bit pixels `[B, H, W, 3]` by `rescaleFactor`, subtracts `mean` and divides by `deviation`, per channel.
  /// Padding is 0 after that, as the image processor of DETR leaves it.
  public init(
    bytes: Tensor, rescaleFactor: Double, mean: [Double], deviation: [Double],
    validSizes: [ImageSize]? = nil
  ) throws {
    let mean = try Tensor(mean.map(Float.init), shape: [3]).to(bytes.device)
    let deviation = try Tensor(deviation.map(Float.init), shape: [3]).to(bytes.device)
    let scaled = try bytes.to(.float32) * rescaleFactor
    pixels = try ((scaled - mean) / deviation).permuted(0, 3, 1, 2)
    self.validSizes = validSizes
    for (index, valid) in (validSizes ?? []).enumerated() {
      let image = try pixels.select(0, index)
      try image.slice(1, valid.height..<image.extent(1)).multiply(by: 0)
      try image.slice(2, valid.width..<image.extent(2)).multiply(by: 0)
    }
  }
}
