import NeuralNet

/// The dimensions of a DETR.
public struct DETRConfiguration: Codable, Equatable, Sendable {
  public var backbone: ResNetConfiguration
  /// C of encoder and decoder (`d_model`).
  public var width = 256
  public var encoderLayers = 6
  public var decoderLayers = 6
  public var encoderHeads = 8
  public var decoderHeads = 8
  /// The inner width of the encoder's perceptrons (`encoder_ffn_dim`).
  public var encoderInnerWidth = 2048
  public var decoderInnerWidth = 2048
  public var activation = Activation.relu
  public var positions = DETRPositions.sine
  public var queries = 100
  /// Classes without "no object"; nil for a model without heads (transformers' `DetrModel`).
  public var classes: Int?
  /// With `auxiliary_loss`, transformers' decoder hands each layer's output on normalised, and normalises the last twice.
  public var normalizesBetweenDecoderLayers = false

  public init(backbone: ResNetConfiguration, classes: Int?) {
    self.backbone = backbone
    self.classes = classes
  }

  /// What `--architecture` accepts for a bare file, in order.
  public static let architectures = [
    "detr_resnet101", "detr_resnet101_dc5", "detr_resnet50", "detr_resnet50_dc5",
  ]

  /// The network of a name of ``architectures``; the numbers of queries and classes are set from the file.
  static func named(_ architecture: String) -> DETRConfiguration? {
    guard architectures.contains(architecture) else { return nil }
    let parts = architecture.split(separator: "_")
    guard parts.count > 1, var backbone = ResNetConfiguration.named[String(parts[1])] else { return nil }
    if parts.last == "dc5" { backbone.outputStride = 16 }
    return DETRConfiguration(backbone: backbone, classes: nil)
  }
}
