import Torch

/// Learned perceptual image patch similarity (Zhang, Isola, Efros, Shechtman and Wang, CVPR 2018), version 0.1 of its authors'
/// package `lpips`: how far apart the features of two pictures lie in a network that learned to classify pictures.
///
/// The tensors are those of `scripts/lpips_weights.py`: torchvision's names, and `lin0.weight` … for the weights of the
/// stages' channels, all behind the trunk's name and a dot.
public final class LPIPS: Module {
  /// The network whose features are compared.
  public enum Trunk: String, CaseIterable, Sendable {
    /// The convolutions of AlexNet, which the authors recommend for measuring.
    case alex
    /// The convolutions of VGG16.
    case vgg

    /// What the names of its tensors in a file begin with.
    var prefix: String { rawValue + "." }
  }

  /// What happens from one place of comparison to the next.
  private struct Stage {
    /// Side and stride of the pooling before the convolutions; nil where there is none.
    let pooling: (side: Int, stride: Int)?
    /// Each followed by ReLU, with its number among torchvision's `features`.
    let convolutions: [(number: Int, layer: Convolution)]
    /// [1, C, 1, 1]
    let weight: Parameter
  }

  public let trunk: Trunk
  private let stages: [Stage]

  /// Pictures with a shorter side leave the trunk nothing to compare at its end.
  public var leastSide: Int { trunk == .alex ? 31 : 16 }

  public init(_ trunk: Trunk) {
    self.trunk = trunk
    switch trunk {
    case .alex:
      let pooling = (side: 3, stride: 2)
      stages = [
        LPIPS.stage(nil, 3, 64, [0], kernel: 11, stride: 4, padding: 2),
        LPIPS.stage(pooling, 64, 192, [3], kernel: 5, padding: 2),
        LPIPS.stage(pooling, 192, 384, [6]), LPIPS.stage(nil, 384, 256, [8]), LPIPS.stage(nil, 256, 256, [10]),
      ]
    case .vgg:
      let pooling = (side: 2, stride: 2)
      stages = [
        LPIPS.stage(nil, 3, 64, [0, 2]), LPIPS.stage(pooling, 64, 128, [5, 7]),
        LPIPS.stage(pooling, 128, 256, [10, 12, 14]), LPIPS.stage(pooling, 256, 512, [17, 19, 21]),
        LPIPS.stage(pooling, 512, 512, [24, 26, 28]),
      ]
    }
  }

  private static func stage(
    _ pooling: (side: Int, stride: Int)?, _ inputs: Int, _ outputs: Int, _ numbers: [Int], kernel: Int = 3,
    stride: Int = 1, padding: Int = 1
  ) -> Stage {
    Stage(
      pooling: pooling,
      convolutions: numbers.enumerated().map { place, number in
        let layer = Convolution(
          place == 0 ? inputs : outputs, outputs, kernel: [kernel, kernel], stride: [stride, stride],
          padding: [padding, padding], bias: true)
        return (number, layer)
      }, weight: Parameter([1, outputs, 1, 1]))
  }

  public var contents: [ModuleEntry] {
    stages.flatMap { stage in stage.convolutions.map { .child("features.\($0.number)", $0.layer) } }
      + stages.enumerated().map { .parameter("lin\($0.offset).weight", $0.element.weight) }
  }

  // MARK: Weights

  /// The trunks that a file has any tensor of.
  public static func trunks(in checkpoint: Checkpoint) -> [Trunk] {
    Trunk.allCases.filter { trunk in checkpoint.names.contains { $0.hasPrefix(trunk.prefix) } }
  }

  /// Takes the weights of its trunk from a file, strictly; another trunk may be in it too.
  ///
  /// - Throws: ``CheckpointError`` that lists what is missing, unexpected or misshapen.
  public func load(_ checkpoint: Checkpoint) throws {
    let own = trunk.prefix
    let others = Trunk.allCases.filter { $0 != trunk }.map(\.prefix)
    let dialect = CheckpointDialect(
      name: "LPIPS with \(trunk.rawValue)", ignores: { name in others.contains(where: name.hasPrefix) },
      recipe: { .stored(own + $0) })
    do {
      try load(checkpoint, dialect: dialect)
    } catch let error as CheckpointError {
      throw CheckpointError("\(checkpoint.files.first?.url.path ?? "LPIPS"): \(error)")
    }
  }

  // MARK: Distances

  /// Means and deviations of the three colours in −1 … 1, as the package has them.
  private static let shift: [Float] = [-0.030, -0.088, -0.188]
  private static let scale: [Float] = [0.458, 0.448, 0.450]
  /// Added to lengths, so that features of zeros stay zeros.
  private static let tiny = 1e-10

  /// Features of pictures at every stage, `[B, C, h, w]`, those of a place scaled to length 1.
  ///
  /// - Parameter pixels: `[B, H, W, 3]` bytes, both sides at least ``leastSide``.
  public func features(of pixels: Tensor) throws -> [Tensor] {
    var features: [Tensor] = []
    try forEachStage(pixels) { features.append($1) }
    return features
  }

  /// The distance of each of some pictures to the one of the same place whose ``features(of:)`` are given: at every stage
  /// the weighted sum of squared differences over channels, mean over places; summed over stages. 0 for equal pictures.
  ///
  /// - Parameter pixels: `[B, H, W, 3]` bytes.
  public func distances(of pixels: Tensor, to features: [Tensor]) throws -> [Double] {
    var distances = [Double](repeating: 0, count: pixels.extent(0))
    try forEachStage(pixels) { place, own in
      let difference = try own - features[place]
      let weighted = try (difference * difference).convolved(weight: stages[place].weight.value, bias: nil)
      let means: [Double] = try weighted.mean([1, 2, 3], dtype: .float64).values()
      for (image, mean) in means.enumerated() { distances[image] += mean }
    }
    return distances
  }

  /// Runs the trunk and hands on each stage's features, scaled to length 1.
  private func forEachStage(_ pixels: Tensor, visit: (Int, Tensor) throws -> Void) throws {
    try withoutGradients {
      let device = try stages[0].weight.value.device
      let shift = try Tensor(LPIPS.shift, shape: [3]).to(device)
      let scale = try Tensor(LPIPS.scale, shape: [3]).to(device)
      let colors = try pixels.to(device).to(.float32) / 127.5 - 1
      var map = try ((colors - shift) / scale).permuted(0, 3, 1, 2)
      for (place, stage) in stages.enumerated() {
        if let pooling = stage.pooling {
          map = try map.maxPooled(
            kernel: [pooling.side, pooling.side], stride: [pooling.stride, pooling.stride])
        }
        for convolution in stage.convolutions { map = try convolution.layer(map).reluInPlace() }
        let length = try (map * map).sum([1], keepingAxes: true).squareRoot() + LPIPS.tiny
        try visit(place, map / length)
      }
    }
  }

  /// How many pictures go through at once so that their features take about a quarter of a gigabyte; at most 16.
  public func batch(height: Int, width: Int) -> Int {
    let sides = trunk == .alex ? [4, 8, 16, 16, 16] : [1, 2, 4, 8, 16]
    let numbers = zip(stages, sides).reduce(0) { sum, stage in
      sum + stage.0.weight.shape[1] * (height / stage.1) * (width / stage.1)
    }
    return max(1, min(16, (256 << 20) / max(1, numbers * MemoryLayout<Float>.stride)))
  }
}
