import Formats
import NeuralNet

/// The dimensions and choices of a vision transformer of one resolution: ViT, DeiT, DeiT III, DINOv2, the image encoders of
/// CLIP and SigLIP, MAE.
public struct ViTConfiguration: BackboneConfiguration, Sendable {
  /// Which tokens have a position embedding.
  public enum Positions: String, Codable, Sendable {
    /// The prefix tokens and the patches.
    case allTokens
    /// The patches alone; prefix tokens come before them without a position.
    case patches
    /// The class token and the patches; registers come between them without a position (transformers' DINOv2).
    case classTokenAndPatches
    /// None: positions are ``RotaryPositions`` alone.
    case absent
  }

  /// What the classifier sees.
  public enum Pooling: String, Codable, Sendable {
    case classToken
    /// The mean of the patches.
    case average
    /// Attention of a learned query over the patches (timm's SigLIP).
    case attention
    /// The class token and, behind it, the mean of the patches: a classifier of twice the width (DINOv2).
    case classTokenAndAverage
  }

  /// Where the last layer norm stands.
  public enum FinalNorm: String, Codable, Sendable {
    case beforePooling
    /// After it; the tap `norm` is then the last block's output, as in timm's `forward_features`.
    case afterPooling
    /// Nowhere; the tap `norm` is the last block's output (classifiers on CLIP).
    case absent
  }

  // ``inputSize`` and ``patchSize``, under the four keys that trainings record.
  private var inputHeight = 224
  private var inputWidth = 224
  private var patchHeight = 16
  private var patchWidth = 16
  public var embeddingDimension = 768
  public var depth = 12
  public var heads = 12
  /// Channels of a head.
  public var headDimension = 64
  /// Of a gated MLP, the width of one half.
  public var mlpDimension = 3072
  /// Nil for plain MLPs, so that what was recorded of them stays as it was.
  private var gatedMLP: Bool?
  public var activation = Activation.gelu
  public var epsilon = 1e-6
  public var hasPatchBias = true
  public var hasQueryKeyValueBias = true
  public var hasProjectionBias = true
  public var normalizesQueriesAndKeys = false
  public var hasLayerScale = false
  /// A layer norm between the embedding and the first block.
  public var hasNormBeforeBlocks = false
  public var hasClassToken = true
  public var hasDistillationToken = false
  public var registerTokens = 0
  public var positions = Positions.allTokens
  /// What turns queries and keys, where anything does.
  public var rotary: RotaryPositions?
  /// The grid whose positions the checkpoint holds, where it is not that of the input size.
  public var storedGrid: ImageSize?
  /// Whether positions for another grid are interpolated with antialiasing (timm) or without (transformers).
  public var antialiasesPositions = true
  public var finalNorm = FinalNorm.beforePooling
  public var pooling = Pooling.classToken
  /// 0 where there is no classifier.
  public var classes = 1000
  /// Whether a second head sees the distillation token; the logits are then the mean of both.
  public var hasDistillationHead = false

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

  /// Whether the activation of one half of the MLP multiplies the other half (SwiGLU).
  public var hasGatedMLP: Bool {
    get { gatedMLP ?? false }
    set { gatedMLP = newValue ? true : nil }
  }

  /// The keys of the JSON that trainings record.
  private enum CodingKeys: String, CodingKey {
    case inputHeight, inputWidth, patchHeight, patchWidth, embeddingDimension, depth, heads, headDimension
    case mlpDimension = "perceptronDimension"
    case gatedMLP = "hasGatedMLP"
    case activation, epsilon, hasPatchBias, hasQueryKeyValueBias, hasProjectionBias, normalizesQueriesAndKeys
    case hasLayerScale, hasNormBeforeBlocks, hasClassToken, hasDistillationToken, registerTokens, positions, rotary,
      storedGrid
    case antialiasesPositions, finalNorm, pooling, classes, hasDistillationHead
  }

  public var layers: Int { depth }

  public func network(family: Family) -> any Backbone { VisionTransformer(self, family: family) }

  /// The grid of patches for the native input size.
  public var grid: ImageSize { inputSize.combined(with: patchSize, /) }

  /// How many class, distillation and register tokens come before the patches.
  public var prefixTokens: Int { (hasClassToken ? 1 : 0) + (hasDistillationToken ? 1 : 0) + registerTokens }

  /// How many rows the position embeddings have for a grid.
  public func positionCount(of grid: ImageSize) -> Int {
    switch positions {
    case .allTokens: grid.area + prefixTokens
    case .patches: grid.area
    case .classTokenAndPatches: grid.area + prefixTokens - registerTokens
    case .absent: 0
    }
  }

  /// Sets the dimensions of a block: width, depth, heads, and the width of the MLP (of a gated one, of both halves) as a
  /// multiple.
  mutating func setShape(width: Int, depth: Int, heads: Int, ratio: Double) {
    embeddingDimension = width
    self.depth = depth
    self.heads = heads
    headDimension = width / max(1, heads)
    mlpDimension = Int(saturating: Double(width) * ratio) / (hasGatedMLP ? 2 : 1)
  }

  /// Refuses dimensions that make no network.
  ///
  /// - Throws: ``BackboneError``.
  public func checked(place: String) throws -> ViTConfiguration {
    let positive: [(String, Int)] = [
      ("input height", inputHeight), ("input width", inputWidth), ("patch height", patchHeight),
      ("patch width", patchWidth), ("width", embeddingDimension), ("depth", depth), ("heads", heads),
      ("width of a head", headDimension), ("width of the MLP", mlpDimension),
    ]
    for (name, value) in positive where value < 1 || value > (name == "depth" ? LayerCount.most : 1 << 20) {
      throw BackboneError(
        "\(place): \(name) is \(value); a network has from 1 to \(name == "depth" ? LayerCount.most : 1 << 20) of it")
    }
    guard patchHeight <= inputHeight, patchWidth <= inputWidth else {
      throw BackboneError(
        "\(place): the patch \(patchSize) is larger than the input \(inputSize) (width x height)")
    }
    if [.classToken, .classTokenAndAverage].contains(pooling), !hasClassToken, classes > 0 {
      throw BackboneError("\(place): the classifier sees the class token, but there is none; set global_pool to avg")
    }
    if let rotary, !(rotary.temperature > 0 && rotary.temperature.isFinite && rotary.referenceSide > 0) {
      throw BackboneError(
        "\(place): rotary positions of temperature \(rotary.temperature) on a grid of side \(rotary.referenceSide); "
          + "both have to be above 0")
    }
    if rotary != nil, headDimension % 4 != 0 {
      throw BackboneError(
        "\(place): heads of \(headDimension) channels cannot be turned along two axes; 4 has to divide them")
    }
    if pooling == .attention, classes > 0, embeddingDimension % heads != 0 {
      throw BackboneError(
        "\(place): the width \(embeddingDimension) cannot be divided among \(heads) heads of the pooling")
    }
    return self
  }
}
