import Formats
import NeuralNet

extension ViTConfiguration {
  /// A configuration of transformers; an absent key means the library's default.
  ///
  /// - Parameters:
  ///   - kind: which of the library's models it is.
  ///   - names: those of the checkpoint, which tell whether there is a classifier where the configuration does not.
  init(_ configuration: TransformersConfiguration, kind: TransformersViT, names: CheckpointNames) throws {
    let encoder = try kind.encoder(of: configuration)
    let object = encoder.object
    self.init()
    inputSize = try encoder.size("image_size", default: 224)
    patchSize = try encoder.size("patch_size", default: kind.standardPatch)
    embeddingDimension = try object.dimension("hidden_size") ?? 768
    depth = try object.dimension("num_hidden_layers") ?? 12
    heads = try object.dimension("num_attention_heads") ?? 12
    let headDimension = kind.isCLIP || kind.isSigLIP ? nil : try object.dimension("head_dim")
    guard heads > 0, headDimension != nil || embeddingDimension % heads == 0 else {
      throw BackboneError(
        "\(object.place): hidden_size \(embeddingDimension) cannot be divided among \(heads) attention heads")
    }
    self.headDimension = headDimension ?? embeddingDimension / heads
    mlpDimension = try object.dimension("intermediate_size") ?? 3072
    activation = try encoder.activation("hidden_act", default: kind.standardActivation)
    epsilon = try object.number("layer_norm_eps") ?? kind.standardEpsilon
    hasQueryKeyValueBias = kind.isCLIP || kind.isSigLIP ? true : try object.boolean("qkv_bias") ?? true
    hasDistillationToken = kind == .deit
    antialiasesPositions = kind == .dinov2WithRegisters
    if kind.isDINOv2 { try setDINOv2(object, kind) }
    if kind.isCLIP || kind.isSigLIP || kind.isDINOv2, inputSize.height != inputSize.width {
      throw BackboneError(
        "\(object.place): 'image_size' is \(inputSize) (width x height), but transformers' \(kind.rawValue) has square "
          + "images alone; write one number, and give another input size with --size")
    }

    let classifies = configuration.architecture?.contains("ImageClassification") ?? false
    let hasTwoHeads = names.containsPrefix("cls_classifier.") || names.containsPrefix("head_dist.")
    // `head.` is a classifier in timm's names alone: SigLIP's is its pooling.
    let hasHead =
      hasTwoHeads || names.containsPrefix("classifier.") || (!kind.isSigLIP && names.containsPrefix("head."))
    classes = hasHead || classifies ? try configuration.classes() : 0
    let isTaught = configuration.architecture?.hasSuffix("WithTeacher") ?? false
    hasDistillationHead = hasDistillationToken && classes > 0 && (hasTwoHeads || isTaught)
    setPooling(kind)
    self = try checked(place: object.place)
  }

  /// What only DINOv2 has: layer scale, registers, and an MLP of a multiple of the width, which may be gated.
  private mutating func setDINOv2(_ object: JSONObject, _ kind: TransformersViT) throws {
    hasLayerScale = true
    if kind == .dinov2WithRegisters {
      registerTokens = try object.dimension("num_register_tokens") ?? 4
      positions = .classTokenAndPatches
    }
    let inner = Int(saturating: Double(embeddingDimension) * (try object.multiple("mlp_ratio") ?? 4))
    mlpDimension = inner
    guard try object.boolean("use_swiglu_ffn") ?? false else { return }
    hasGatedMLP = true
    activation = .silu
    mlpDimension = (Int(saturating: Double(2 * inner) / 3) + 7) / 8 * 8
  }

  /// Which tokens there are beside the patches, and what a classifier sees.
  private mutating func setPooling(_ kind: TransformersViT) {
    switch kind {
    case .vit, .deit, .mae, .msn: break
    case .dinov2, .dinov2WithRegisters: pooling = .classTokenAndAverage
    case .ijepa, .siglip, .siglipVision:
      hasClassToken = false
      pooling = .average
    case .clip, .clipVision:
      hasNormBeforeBlocks = true
      hasPatchBias = false
      // The library's classifier averages the last block's output as it is.
      guard classes > 0 else { return }
      pooling = .average
      finalNorm = .absent
    }
  }
}

extension TransformersViT {
  /// The configuration of the image encoder: all of it, or the part of a model that has a text encoder too.
  fileprivate func encoder(of configuration: TransformersConfiguration) throws -> TransformersConfiguration {
    guard self == .clip || self == .siglip else { return configuration }
    // Files of early versions repeat the part under another key, which then counts; what it does not say is the default.
    if self == .clip, let part = try configuration.object.object("vision_config_dict") {
      return try TransformersConfiguration(part)
    }
    // Without the part, everything is the default.
    let part = try configuration.object.object("vision_config")
    return try TransformersConfiguration(
      part ?? JSONObject(parsing: Array("{}".utf8), file: configuration.object.place))
  }
}
