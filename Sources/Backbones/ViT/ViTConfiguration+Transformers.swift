import NeuralNet

extension ViTConfiguration {
  /// A configuration of transformers' ViT or DeiT; an absent key means the library's default.
  ///
  /// - Parameters:
  ///   - distilled: DeiT, which always has a distillation token.
  ///   - names: those of the checkpoint, which tell whether there is a classifier where the configuration does not.
  init(_ configuration: TransformersConfiguration, distilled: Bool, names: CheckpointNames) throws {
    let object = configuration.object
    self.init()
    inputSize = try configuration.size("image_size", default: 224)
    patchSize = try configuration.size("patch_size", default: 16)
    embeddingDimension = try object.dimension("hidden_size") ?? 768
    depth = try object.dimension("num_hidden_layers") ?? 12
    heads = try object.dimension("num_attention_heads") ?? 12
    let headDimension = try object.dimension("head_dim")
    guard heads > 0, headDimension != nil || embeddingDimension % heads == 0 else {
      throw BackboneError(
        "\(object.place): hidden_size \(embeddingDimension) cannot be divided among \(heads) attention heads")
    }
    self.headDimension = headDimension ?? embeddingDimension / heads
    mlpDimension = try object.dimension("intermediate_size") ?? 3072
    activation = try configuration.activation("hidden_act", default: .gelu)
    epsilon = try object.number("layer_norm_eps") ?? 1e-12
    hasQueryKeyValueBias = try object.boolean("qkv_bias") ?? true
    hasDistillationToken = distilled
    antialiasesPositions = false

    let classifies = configuration.architecture?.contains("ImageClassification") ?? false
    let hasTwoHeads = names.containsPrefix("cls_classifier.") || names.containsPrefix("head_dist.")
    let hasHead = hasTwoHeads || names.containsPrefix("classifier.") || names.containsPrefix("head.")
    classes = hasHead || classifies ? try configuration.classes() : 0
    let isTaught = configuration.architecture?.hasSuffix("WithTeacher") ?? false
    hasDistillationHead = distilled && classes > 0 && (hasTwoHeads || isTaught)
    self = try checked(place: object.place)
  }
}
