import Backbones
import Formats
import Torch

/// How the model's input was made from pixels in [0, 255]: factor, then mean and deviation of each channel.
public struct PixelScale: Codable, Equatable, Sendable {
  public var rescaleFactor: Double
  public var mean: [Double]
  public var deviation: [Double]

  public init(rescaleFactor: Double, mean: [Double], deviation: [Double]) {
    self.rescaleFactor = rescaleFactor
    self.mean = mean
    self.deviation = deviation
  }

  /// Pixels in [0, 1], `[B, 3, H, W]`, as the model's input.
  public func normalize(_ pixels: Tensor) throws -> Tensor {
    // (255 · factor · x − mean) / deviation as one multiplication and one addition.
    let scale = deviation.map { Float(255 * rescaleFactor / $0) }
    let shift = zip(mean, deviation).map { Float(-$0 / $1) }
    return try pixels * channels(scale, pixels.device) + channels(shift, pixels.device)
  }

  /// The model's input `[B, 3, H, W]` as 8-bit pixels `[B, H, W, 3]`, rounded and held in range.
  public func bytes(_ input: Tensor) throws -> Tensor {
    let scale = deviation.map { Float($0 / rescaleFactor) }
    let shift = mean.map { Float($0 / rescaleFactor) }
    let pixels = try input * channels(scale, input.device) + channels(shift, input.device)
    return try (pixels.clamped(low: 0, high: 255) + 0.5).to(.uint8).permuted(0, 2, 3, 1).contiguous()
  }

  /// The model's input `[B, 3, H, W]` as pixels in [0, 1].
  func pixels(_ input: Tensor) throws -> Tensor {
    let scale = deviation.map { Float($0 / (255 * rescaleFactor)) }
    let shift = mean.map { Float($0 / (255 * rescaleFactor)) }
    return try (input * channels(scale, input.device) + channels(shift, input.device)).clamped(low: 0, high: 1)
  }

  private func channels(_ values: [Float], _ device: Device) throws -> Tensor {
    try Tensor(values, shape: [1, 3, 1, 1]).to(device)
  }
}

/// What inverse layers know of a batch beside the activations: sizes, padding, and whether they are being trained.
public final class InverseContext {
  public let height: Int
  public let width: Int
  /// Height and width of each image's valid part; nil where all of every image is valid.
  public let validSizes: [ImageSize]?
  /// Whether batch normalisation uses and learns from the batch's own statistics.
  public let isTraining: Bool
  public let scale: PixelScale
  let taps: [String: Tap]
  private var sinePositions: [String: (positions: Tensor, mask: Tensor?)] = [:]

  /// - Throws: `BackboneError` where the model cannot take inputs of this size.
  public init(
    backbone: any Backbone, height: Int, width: Int, validSizes: [ImageSize]? = nil,
    scale: PixelScale, isTraining: Bool
  ) throws {
    self.height = height
    self.width = width
    self.validSizes = validSizes
    self.scale = scale
    self.isTraining = isTraining
    taps = Dictionary(
      uniqueKeysWithValues: try backbone.taps(height: height, width: width).map { ($0.name, $0) })
  }

  /// Height and width of the images.
  package var size: ImageSize { ImageSize(height: height, width: width) }

  /// A tap's grid.
  public func grid(of tap: String) -> ImageSize {
    guard let grid = taps[tap]?.grid else {
      preconditionFailure("inverse layers name taps of their own model that lie on a grid")
    }
    return grid
  }

  /// How many prefix tokens a tap has.
  public func prefixTokens(of tap: String) -> Int { taps[tap]?.prefixTokens ?? 0 }

  /// Sine positions [1 or B, T, width] of a tap's grid, and which of its tokens show an image ([B, 1, 1, T] bool, true
  /// takes part; nil where all do).
  ///
  /// - Parameter other: gives device and element type.
  func sinePositions(of tap: String, width: Int, like other: Tensor) throws -> (positions: Tensor, mask: Tensor?) {
    if let kept = sinePositions[tap], kept.positions.extent(2) == width, kept.positions.device == other.device,
      kept.positions.dtype == other.dtype
    {
      return kept
    }
    let (grid, device) = (grid(of: tap), other.device)
    let valid = try validity(grid: grid, device: device)
    let computed = try withoutGradients {
      let positions = try DETRPositions.sine(
        valid: valid ?? Tensor.ones([1] + grid.shape, device: device), width: width)
      let mask = try valid.map { try $0.to(.bool).reshaped($0.extent(0), 1, 1, grid.area) }
      return (positions: try positions.to(other.dtype), mask: mask)
    }
    sinePositions[tap] = computed
    return computed
  }

  /// [B, h, w] float32: 1 where a grid over the input shows the image, 0 where it is padded; nil where nothing is.
  func validity(grid: ImageSize, device: Device) throws -> Tensor? {
    try DETRPadding(validSizes: validSizes, input: size, grid: grid)?.validMap(on: device)
  }

  /// The grid at a cut, nil where it has none; for nil that of the pixels.
  func grid(at cut: String?) -> ImageSize? {
    guard let cut else { return size }
    return taps[cut]?.grid
  }

  /// The mean squared error of what an inverse gave for `cut` (nil: for the pixels), padding left out.
  public func loss(_ output: Tensor, target: Tensor, at cut: String?) throws -> Tensor {
    guard validSizes != nil, let grid = grid(at: cut), let valid = try validity(grid: grid, device: output.device)
    else {
      return try output.meanSquaredError(to: target)
    }
    // [B, 1, H, W] for pixels, [B, T, 1] for tokens.
    let weight = try cut == nil ? valid.unsqueezed(1) : valid.flattened(from: 1).unsqueezed(2)
    let difference = try output - target
    let channels = Double(cut == nil ? 3 : output.extent(2))
    return try (difference * difference * weight).sum() / (weight.sum() * channels)
  }

  /// The mean squared error of each image of `[B, 3, H, W]`, as pixels in [0, 1] and padding left out.
  package func pixelErrors(_ output: Tensor, target: Tensor) throws -> [Double] {
    try meanSquares(scale.pixels(output) - scale.pixels(target)).to(.float64).to(.cpu).values(as: Double.self)
  }

  /// The mean square of each image's numbers, `[B]`, of `[B, 3, H, W]`; padding left out.
  func meanSquares(_ images: Tensor) throws -> Tensor {
    var squares = try images * images
    var count = try Tensor.full([images.extent(0)], Double(3 * height * width), device: images.device)
    if let valid = try validity(grid: size, device: images.device) {
      squares = try squares * valid.unsqueezed(1)
      count = try valid.sum([1, 2]) * 3
    }
    return try squares.sum([1, 2, 3]) / count
  }
}
