import NeuralNet

extension ViTConfiguration {
  /// A configuration of timm: the named architecture with the arguments that override it.
  ///
  /// - Parameters:
  ///   - named: what the architecture's name fixes.
  ///   - storedClasses: the rows of the file's classifier.
  init(_ timm: TimmConfiguration, named architecture: ViTArchitecture, storedClasses: Int?) throws {
    // Much of what makes timm's `Eva` is switched on by its names: there an argument that is off says something too.
    try timm.refuseOthers(
      than: architecture.isEva ? ViTConfiguration.evaArguments : ViTConfiguration.timmArguments,
      evenIfOff: architecture.isEva)
    let named = architecture.configuration
    self = named
    inputSize = try timm.inputSize(named: named.inputSize)
    patchSize = try timm.size("patch_size") ?? patchSize
    let width = try timm.integer("embed_dim") ?? embeddingDimension
    let heads = try timm.integer("num_heads") ?? self.heads
    guard heads > 0, width % heads == 0 else {
      throw BackboneError("\(timm.place): the width \(width) cannot be divided among \(heads) heads")
    }
    setShape(
      width: width, depth: try timm.integer("depth") ?? depth, heads: heads,
      ratio: try timm.number("mlp_ratio") ?? architecture.ratio)
    hasQueryKeyValueBias = try timm.boolean("qkv_bias") ?? hasQueryKeyValueBias
    hasProjectionBias = try timm.boolean("proj_bias") ?? hasProjectionBias
    normalizesQueriesAndKeys = try timm.boolean("qk_norm") ?? normalizesQueriesAndKeys
    hasLayerScale = timm.has("init_values") || hasLayerScale
    hasClassToken = try timm.boolean("class_token") ?? hasClassToken
    registerTokens = try timm.integer(architecture.isEva ? "num_reg_tokens" : "reg_tokens") ?? registerTokens
    if let patchesOnly = try timm.boolean("no_embed_class") { positions = patchesOnly ? .patches : .allTokens }
    hasNormBeforeBlocks = try timm.boolean("pre_norm") ?? hasNormBeforeBlocks
    hasPatchBias = !hasNormBeforeBlocks
    activation = try timm.activation() ?? activation
    try setPooling(timm, named: named)
    classes = try timm.classes(stored: storedClasses)
    hasDistillationHead = hasDistillationToken && classes > 0
    self = try checked(place: timm.place)
  }

  private mutating func setPooling(_ timm: TimmConfiguration, named: ViTConfiguration) throws {
    let standard: String? =
      switch named.pooling {
      case .classToken, .classTokenAndAverage: nil
      case .average: "avg"
      case .attention: "map"
      }
    switch try timm.pooling(named: standard) ?? "token" {
    case "token": pooling = .classToken
    case "avg": pooling = .average
    case "map": pooling = .attention
    case let other:
      throw BackboneError("\(timm.place): global_pool '\(other)' is not known; known are token, avg and map")
    }
    guard try timm.boolean("final_norm") ?? (named.finalNorm != .absent) else {
      finalNorm = .absent
      return
    }
    // timm normalises after an average unless told otherwise by the name or the arguments.
    let named = named.pooling == .average ? named.finalNorm == .afterPooling : nil
    let afterPooling = try timm.boolean("fc_norm") ?? named ?? (pooling == .average)
    finalNorm = afterPooling ? .afterPooling : .beforePooling
  }

  private static let evaArguments: Set<String> = [
    "depth", "dynamic_img_size", "embed_dim", "global_pool", "init_values", "mlp_ratio", "num_heads", "num_reg_tokens",
    "patch_size",
    "qkv_bias",
  ]

  private static let timmArguments: Set<String> = [
    "act_layer", "class_token", "depth", "dynamic_img_size", "embed_dim", "fc_norm", "final_norm", "global_pool",
    "img_size",
    "init_values", "mlp_ratio", "no_embed_class", "num_classes", "num_heads", "patch_size", "pre_norm", "proj_bias",
    "qk_norm", "qkv_bias", "reg_tokens",
  ]
}
