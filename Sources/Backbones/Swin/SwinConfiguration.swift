import Formats
import NeuralNet

/// The dimensions and choices of a Swin transformer.
public struct SwinConfiguration: BackboneConfiguration, Sendable {
  /// One stage: the blocks of one resolution.
  public struct Stage: Codable, Equatable, Sendable {
    public var depth: Int
    public var width: Int
    public var heads: Int
    /// Channels of a head.
    public var headDimension: Int
    public var mlpDimension: Int
    /// The size of a window where the grid is larger.
    public var window: ImageSize

    /// The keys of the JSON that trainings record.
    private enum CodingKeys: String, CodingKey {
      case depth, width, heads, headDimension
      case mlpDimension = "perceptronDimension"
      case window
    }
  }

  // ``inputSize`` and ``patchSize``, under the four keys that trainings record.
  private var inputHeight = 224
  private var inputWidth = 224
  private var patchHeight = 4
  private var patchWidth = 4
  public var stages: [Stage] = []
  public var hasQueryKeyValueBias = true
  public var activation = Activation.gelu
  /// Of the norms in the blocks and of the last one.
  public var epsilon = 1e-5
  /// Of the norms after the patches and in the merging; transformers fixes it.
  public var stemEpsilon = 1e-5
  /// Position embeddings are added to the patches (transformers' `use_absolute_embeddings`).
  public var hasAbsolutePositions = false
  /// Whose rules hold where windows and grid, or patches and image, do not fit.
  public var rules = WindowRules.timm(alwaysPartitions: false, followsInput: true)
  /// 0 where there is no classifier.
  public var classes = 1000

  public init() {}

  /// The size of the images that the network is made for.
  public var inputSize: ImageSize {
    get { ImageSize(height: inputHeight, width: inputWidth) }
    set { (inputHeight, inputWidth) = (newValue.height, newValue.width) }
  }

  /// The size of a patch in pixels.
  public var patchSize: ImageSize {
    get { ImageSize(height: patchHeight, width: patchWidth) }
    set { (patchHeight, patchWidth) = (newValue.height, newValue.width) }
  }

  public var layers: Int { stages.reduce(0) { $0 + $1.depth } }

  public func network(family: Family) -> any Backbone { SwinTransformer(self) }

  /// The grid of patches of an input.
  package func grid(of input: ImageSize) -> ImageSize {
    switch rules {
    case .timm: input.combined(with: patchSize, /)
    // Images that are no multiple of the patch are padded.
    case .transformers: input.combined(with: patchSize) { ($0 + $1 - 1) / $1 }
    }
  }

  /// The grid of stage `index` for a grid of patches: each merging halves it, rounding up.
  package static func grid(ofStage index: Int, patches: ImageSize) -> ImageSize {
    patches.map { ($0 + (1 << index) - 1) >> index }
  }

  /// The window and its shift in stage `index`, for a grid of patches.
  package func windows(ofStage index: Int, patches: ImageSize) -> WindowGeometry {
    let input = SwinConfiguration.grid(ofStage: index, patches: patches)
    let native = SwinConfiguration.grid(ofStage: index, patches: grid(of: inputSize))
    return rules.geometry(window: stages[index].window, grid: input, nativeGrid: native)
  }

  /// The window whose offsets the bias table of stage `index` holds.
  func tableWindow(ofStage index: Int) -> ImageSize {
    switch rules {
    case .timm: windows(ofStage: index, patches: grid(of: inputSize)).window
    case .transformers: stages[index].window
    }
  }

  /// Refuses dimensions that make no network.
  ///
  /// - Throws: ``BackboneError``.
  public func checked(place: String) throws -> SwinConfiguration {
    var positive: [(String, Int)] = [
      ("input height", inputHeight), ("input width", inputWidth), ("patch height", patchHeight),
      ("patch width", patchWidth), ("the number of stages", stages.count),
    ]
    for stage in stages {
      positive += [
        ("depth", stage.depth), ("width", stage.width), ("heads", stage.heads),
        ("width of a head", stage.headDimension), ("width of the MLP", stage.mlpDimension),
        ("window height", stage.window.height), ("window width", stage.window.width),
      ]
    }
    for (name, value) in positive where value < 1 || value > 1 << 20 {
      throw BackboneError("\(place): \(name) is \(value); a network has from 1 to \(1 << 20) of it")
    }
    guard layers <= LayerCount.most else {
      throw BackboneError("\(place): the depths sum to \(layers); a network has at most \(LayerCount.most) layers")
    }
    guard grid(of: inputSize).area > 0 else {
      throw BackboneError(
        "\(place): the patch \(patchSize) is larger than the input \(inputSize) (width x height)")
    }
    return self
  }
}
