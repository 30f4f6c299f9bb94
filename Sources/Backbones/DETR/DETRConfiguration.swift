import NeuralNet

/// The dimensions of a DETR.
public struct DETRConfiguration: BackboneConfiguration, Sendable {
  public var backbone: ResNetConfiguration
  /// C of encoder and decoder (`d_model`).
  public var width = 256
  public var encoderLayers = 6
  public var decoderLayers = 6
  public var encoderHeads = 8
  public var decoderHeads = 8
  /// The inner width of the encoder's MLPs (`encoder_ffn_dim`).
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

  public var layers: Int { encoderLayers + decoderLayers + backbone.depths.reduce(0, +) }

  public func network(family: Family) -> any Backbone { DETR(self) }

  /// Refuses dimensions that make no network.
  ///
  /// - Throws: ``BackboneError``.
  public func checked(place: String) throws -> DETRConfiguration {
    var positive: [(String, Int)] = [
      ("width", width), ("decoder layers", decoderLayers), ("heads of the encoder", encoderHeads),
      ("heads of the decoder", decoderHeads), ("inner width of the encoder", encoderInnerWidth),
      ("inner width of the decoder", decoderInnerWidth), ("queries", queries),
      ("width of the stem", backbone.embeddingSize), ("the number of stages", backbone.hiddenSizes.count),
    ]
    positive += (backbone.hiddenSizes + backbone.depths).map { ("a stage's width or depth", $0) }
    for (name, value) in positive where value < 1 || value > 1 << 20 {
      throw BackboneError("\(place): \(name) is \(value); a network has from 1 to \(1 << 20) of it")
    }
    guard encoderLayers <= LayerCount.most, decoderLayers <= LayerCount.most, layers <= LayerCount.most else {
      throw BackboneError("\(place): the network would have \(layers) layers; at most \(LayerCount.most) are possible")
    }
    guard backbone.hiddenSizes.count == backbone.depths.count, encoderLayers >= 0, width % 4 == 0,
      width % encoderHeads == 0, width % decoderHeads == 0
    else { throw BackboneError("\(place): DETR's widths, heads and stages do not fit together; fetch the file again") }
    return self
  }
}
