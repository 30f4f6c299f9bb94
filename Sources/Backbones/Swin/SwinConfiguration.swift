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
    /// Height and width that a window has where the grid is larger.
    public var window: [Int]

    /// The keys of the JSON that trainings record.
    private enum CodingKeys: String, CodingKey {
      case depth, width, heads, headDimension
      case mlpDimension = "perceptronDimension"
      case window
    }
  }

  public var inputHeight = 224
  public var inputWidth = 224
  public var patchHeight = 4
  public var patchWidth = 4
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

  public var layers: Int { stages.reduce(0) { $0 + $1.depth } }

  public func network(family: Family) -> any Backbone { SwinTransformer(self) }

  /// Height and width of the grid of patches.
  package func grid(height: Int, width: Int) -> [Int] {
    switch rules {
    case .timm: [height / patchHeight, width / patchWidth]
    // Images that are no multiple of the patch are padded.
    case .transformers: [(height + patchHeight - 1) / patchHeight, (width + patchWidth - 1) / patchWidth]
    }
  }

  /// Height and width of the grid of stage `index` for a grid of patches: each merging halves it, rounding up.
  package static func grid(ofStage index: Int, patches: [Int]) -> [Int] {
    patches.map { ($0 + (1 << index) - 1) >> index }
  }

  /// The window and its shift in stage `index`, for a grid of patches.
  package func windows(ofStage index: Int, patches: [Int]) -> WindowGeometry {
    let input = SwinConfiguration.grid(ofStage: index, patches: patches)
    let native = SwinConfiguration.grid(
      ofStage: index, patches: grid(height: inputHeight, width: inputWidth))
    return rules.geometry(window: stages[index].window, grid: input, nativeGrid: native)
  }

  /// Height and width of the window whose offsets the bias table of stage `index` holds.
  func tableWindow(ofStage index: Int) -> [Int] {
    switch rules {
    case .timm: windows(ofStage: index, patches: grid(height: inputHeight, width: inputWidth)).window
    case .transformers: stages[index].window
    }
  }

  /// Refuses dimensions that make no network.
  ///
  /// - Throws: ``BackboneError``.
  public func checked(place: String) throws -> SwinConfiguration {
    guard stages.allSatisfy({ $0.window.count == 2 }) else {
      throw BackboneError("\(place): a window of Swin has no height and width; fetch the file again")
    }
    var positive: [(String, Int)] = [
      ("input height", inputHeight), ("input width", inputWidth), ("patch height", patchHeight),
      ("patch width", patchWidth), ("the number of stages", stages.count),
    ]
    for stage in stages {
      positive += [
        ("depth", stage.depth), ("width", stage.width), ("heads", stage.heads),
        ("width of a head", stage.headDimension), ("width of the MLP", stage.mlpDimension),
        ("window height", stage.window[0]), ("window width", stage.window[1]),
      ]
    }
    for (name, value) in positive where value < 1 || value > 1 << 20 {
      throw BackboneError("\(place): \(name) is \(value); a network has from 1 to \(1 << 20) of it")
    }
    guard layers <= LayerCount.most else {
      throw BackboneError("\(place): the depths sum to \(layers); a network has at most \(LayerCount.most) layers")
    }
    guard grid(height: inputHeight, width: inputWidth).allSatisfy({ $0 > 0 }) else {
      throw BackboneError(
        "\(place): the patch \(patchHeight)x\(patchWidth) is larger than the input \(inputHeight)x\(inputWidth)")
    }
    return self
  }
}
