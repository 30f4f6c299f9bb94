import Formats
import NeuralNet

/// The dimensions and choices of a ConvNeXt, and of a ConvNeXt V2, whose MLPs have a response norm in place of the layer scale.
public struct ConvNeXtConfiguration: BackboneConfiguration {
  /// What stands before the first stage.
  public enum Stem: String, Codable, Sendable {
    /// A convolution whose stride is its kernel.
    case patches
    /// Two 3×3 convolutions that halve the resolution each.
    case overlapping
    /// The same, the first with about half of the channels.
    case tiered
    /// Two 3×3 convolutions with an activation between them.
    case activated
  }

  /// How channels are normalised.
  public enum Norm: String, Codable, Sendable {
    /// Layer norm: mean and deviation, then scale and shift.
    case layer
    /// By the root of the mean square, then scale (timm's `rmsnorm`).
    case rootMeanSquare
    /// By the deviation with n − 1, the mean kept, then scale (timm's `simplenorm`).
    case deviation
  }

  /// Where the last norm stands.
  public enum FinalNorm: String, Codable, Sendable {
    /// On the map; the tap `norm` has its grid.
    case beforePooling
    /// On the mean over the map; the tap `norm` is that one token.
    case afterPooling
    /// Nowhere, as in backbones that are saved alone and after masked training; there is no tap `norm`.
    case absent
  }

  public var stem = Stem.patches
  /// Of a stem of patches.
  public var patchSize = ImageSize(side: 4)
  /// Channels of each stage.
  public var widths: [Int]
  /// Blocks of each stage.
  public var depths: [Int]
  /// The side of each stage's depthwise kernels, odd.
  public var kernels: [Int]
  /// Whether the first stage halves the resolution too, as timm has it after patches of 2 × 2.
  public var stridesInFirstStage = false
  /// Input pixels from one position of the last map to the next at most: 16 or 8, beyond which stages dilate; nil where all stages
  /// stride.
  public var outputStride: Int?
  /// Of stem, downsampling and depthwise convolutions.
  public var hasConvolutionBias = true
  public var hasLayerScale = true
  public var hasResponseNorm = false
  public var activation = Activation.gelu
  public var norm = Norm.layer
  public var epsilon = 1e-6
  /// Of the last norm.
  public var finalEpsilon = 1e-6
  public var finalNorm = FinalNorm.afterPooling
  /// The width of a hidden layer with GELU before the classifier, nil where there is none.
  public var classifierWidth: Int?
  /// 0 where there is no classifier.
  public var classes = 1000

  public init(widths: [Int], depths: [Int]) {
    self.widths = widths
    self.depths = depths
    kernels = widths.map { _ in 7 }
  }

  public var layers: Int { depths.reduce(0, +) }

  public func network(family: Family) -> any Backbone { ConvNeXt(self, family: family) }

  /// The width of a block's MLP as a multiple of the block's.
  static let mlpRatio = 4

  // MARK: Resolution

  /// What one stage does to the resolution.
  struct StageGeometry: Equatable {
    /// Whether a convolution stands before the blocks: from the second stage on, and where the first one strides or dilates.
    let hasDownsampling: Bool
    let stride: Int
    /// The dilation of that convolution, whose kernel is 2×2.
    let firstDilation: Int
    /// The dilation of the blocks.
    let dilation: Int
  }

  /// Source: `ConvNeXt.__init__` of timm 1.0.31; without `outputStride` it is that of transformers too.
  var geometry: [StageGeometry] {
    var reached = stem == .patches ? patchSize.height : 4
    var dilation = 1
    return widths.indices.map { stage in
      var stride = stage > 0 || stridesInFirstStage ? 2 : 1
      if let outputStride, reached >= outputStride, stride > 1 {
        dilation *= stride
        stride = 1
      }
      reached *= stride
      let first = dilation <= 2 ? 1 : 2
      return StageGeometry(
        hasDownsampling: stride > 1 || first != dilation, stride: stride, firstDilation: first, dilation: dilation)
    }
  }

  /// The stride of the convolution before a stage's blocks, nil where there is none.
  package func downsamplingStride(ofStage stage: Int) -> Int? {
    geometry[stage].hasDownsampling ? geometry[stage].stride : nil
  }

  /// The size of the map after the stem.
  func stemGrid(of input: ImageSize) -> ImageSize {
    stem == .patches ? input.combined(with: patchSize, /) : input.map { halved(halved($0, 2), 2) }
  }

  /// The size of the map after each stage; what is over at the right and below is left out.
  func grids(of input: ImageSize) -> [ImageSize] {
    var grid = stemGrid(of: input)
    return geometry.map { geometry in
      grid = grid.map { $0 / geometry.stride }
      return grid
    }
  }

  /// - Throws: ``BackboneError`` for dimensions that make no network.
  public func checked(place: String) throws -> ConvNeXtConfiguration {
    func check(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
      guard condition else { throw BackboneError("\(place): \(problem())") }
    }
    try check(
      !widths.isEmpty && widths.count == depths.count && (widths + depths).allSatisfy((1...1 << 16).contains)
        && depths.allSatisfy { $0 <= LayerCount.most },
      "a ConvNeXt of widths \(widths) and depths \(depths); give a positive number of both for each stage")
    try check(
      kernels.count == widths.count && kernels.allSatisfy { $0 % 2 == 1 && $0 < 256 },
      "depthwise kernels \(kernels); give an odd one below 256 for each of the \(widths.count) stages")
    try check(
      patchSize.shape.allSatisfy((1...1024).contains),
      "patches of \(patchSize) (width x height); a side has 1 to 1024 pixels")
    try check(norm != .deviation || !widths.contains(1), "no deviation can be taken of 1 channel; widths are \(widths)")
    try check(
      (classifierWidth ?? 1) > 0 && (classifierWidth ?? 1) < 1 << 16 && classes >= 0,
      "a classifier of \(classes) classes behind \(classifierWidth ?? 0) channels")
    return self
  }
}
