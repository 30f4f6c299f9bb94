import NeuralNet

/// The dimensions of a ResNet, alone or as the backbone of DETR.
///
/// Sources: transformers' `ResNetConfig`, timm's `resnet`. Both put the stride of a bottleneck into its 3×3 convolution
/// ("v1.5") unless ``stridesInFirstConvolution`` says otherwise.
public struct ResNetConfiguration: Codable, Equatable, Sendable {
  public enum LayerType: String, Codable, Sendable, CaseIterable {
    /// Two 3×3 convolutions (ResNet-18 and -34).
    case basic
    /// 1×1, 3×3 and 1×1 convolutions, a quarter as wide inside (ResNet-50 and deeper).
    case bottleneck
  }

  public var layerType: LayerType
  /// Channels after the stem.
  public var embeddingSize: Int
  /// Channels after each stage.
  public var hiddenSizes: [Int]
  /// Layers of each stage.
  public var depths: [Int]
  /// The stem's activation and that at the end of each layer; inside a layer it is always ReLU.
  public var activation: Activation = .relu
  /// Whether stage 1 halves the resolution.
  public var downsamplesInFirstStage = false
  /// Whether a bottleneck strides in its first 1×1 convolution.
  public var stridesInFirstConvolution = false
  /// Input pixels from one output position to the next at most: 16 (DC5) or 8, beyond which stages dilate instead of
  /// striding; nil where all stages stride.
  public var outputStride: Int?

  /// The five sizes of the ResNet paper, and two of timm.
  public static let named: [String: ResNetConfiguration] = [
    "resnet18": ResNetConfiguration(.basic, depths: [2, 2, 2, 2]),
    "resnet26": ResNetConfiguration(.bottleneck, depths: [2, 2, 2, 2]),
    "resnet34": ResNetConfiguration(.basic, depths: [3, 4, 6, 3]),
    "resnet50": ResNetConfiguration(.bottleneck, depths: [3, 4, 6, 3]),
    "resnet101": ResNetConfiguration(.bottleneck, depths: [3, 4, 23, 3]),
    "resnet152": ResNetConfiguration(.bottleneck, depths: [3, 8, 36, 3]),
    "resnet200": ResNetConfiguration(.bottleneck, depths: [3, 24, 36, 3]),
  ]

  private init(_ layerType: LayerType, depths: [Int]) {
    let expansion = layerType == .bottleneck ? 4 : 1
    self.init(
      layerType: layerType, embeddingSize: 64, hiddenSizes: [64, 128, 256, 512].map { $0 * expansion }, depths: depths)
  }

  public init(layerType: LayerType, embeddingSize: Int, hiddenSizes: [Int], depths: [Int]) {
    self.layerType = layerType
    self.embeddingSize = embeddingSize
    self.hiddenSizes = hiddenSizes
    self.depths = depths
  }

  /// What one stage does to the resolution.
  package struct StageGeometry: Equatable {
    /// The stride of its first layer.
    package let stride: Int
    /// The dilation of its first layer's first 3×3 convolution.
    let firstDilation: Int
    /// The dilation of its other 3×3 convolutions.
    let dilation: Int
  }

  /// Stride and dilation of every stage: strides that would go beyond ``outputStride`` become dilation, which takes hold
  /// after the stage's first 3×3 convolution (timm's `make_blocks`, torchvision's `_make_layer`).
  package var geometry: [StageGeometry] {
    var reached = 4
    var dilation = 1
    return depths.indices.map { stage in
      let before = dilation
      var stride = stage == 0 && !downsamplesInFirstStage ? 1 : 2
      if let outputStride, reached >= outputStride {
        dilation *= stride
        stride = 1
      } else {
        reached *= stride
      }
      return StageGeometry(stride: stride, firstDilation: before, dilation: dilation)
    }
  }
}
