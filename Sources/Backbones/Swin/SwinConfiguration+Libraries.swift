import Formats
import NeuralNet

extension SwinConfiguration {
  /// A configuration of timm: the named architecture with the arguments that override it.
  ///
  /// - Parameter storedClasses: the rows of the file's classifier.
  init(_ timm: TimmConfiguration, named architecture: SwinArchitecture, storedClasses: Int?) throws {
    try timm.refuseOthers(than: SwinConfiguration.timmArguments)
    self.init()
    inputSize = try timm.inputSize(named: ImageSize(side: architecture.inputSize))
    patchSize = try timm.size("patch_size") ?? ImageSize(side: 4)
    hasQueryKeyValueBias = try timm.boolean("qkv_bias") ?? true
    classes = try timm.classes(stored: storedClasses)
    if let pooling = try timm.pooling(named: nil), pooling != "avg" {
      throw BackboneError("\(timm.place): global_pool '\(pooling)' is not known for Swin; avg is")
    }
    let strict = try timm.boolean("strict_img_size") ?? true
    let dynamic = try timm.boolean("dynamic_img_size") ?? false
    rules = .timm(
      alwaysPartitions: try timm.boolean("always_partition") ?? false, followsInput: strict && !dynamic)

    let width = try timm.integer("embed_dim") ?? architecture.width
    let depths = try timm.integers("depths") ?? architecture.depths
    let heads = try timm.integers("num_heads") ?? architecture.heads
    try checkStages(depths.count, place: timm.place)
    let ratios = try timm.perStage("mlp_ratio", count: depths.count) ?? depths.map { _ in 4 }
    let headDimensions = try timm.perStage("head_dim", count: depths.count)?.map { Int(saturating: $0) }
    let windows = try timm.windows(count: depths.count) ?? architecture.windows.map(ImageSize.init(side:))
    guard heads.count == depths.count, windows.count == depths.count else {
      throw BackboneError(
        "\(timm.place): \(depths.count) depths, \(heads.count) numbers of heads and \(windows.count) windows are given; "
          + "each stage has one of each")
    }
    stages = try depths.indices.map { index in
      try Stage(
        depth: depths[index], width: width << index, heads: heads[index], headDimension: headDimensions?[index],
        ratio: ratios[index], window: windows[index], place: timm.place)
    }
    self = try checked(place: timm.place)
  }

  /// A configuration of transformers; an absent key means the library's default.
  ///
  /// - Parameter hasClassifier: whether the file holds one, which decides where the configuration does not say.
  init(_ configuration: TransformersConfiguration, hasClassifier: Bool) throws {
    let object = configuration.object
    self.init()
    rules = .transformers
    inputSize = try configuration.size("image_size", default: 224)
    patchSize = try configuration.size("patch_size", default: 4)
    hasQueryKeyValueBias = try object.boolean("qkv_bias") ?? true
    activation = try configuration.activation("hidden_act", default: .gelu)
    epsilon = try object.number("layer_norm_eps") ?? 1e-5
    hasAbsolutePositions = try object.boolean("use_absolute_embeddings") ?? false
    let classifies = configuration.architecture?.contains("ImageClassification") ?? false
    classes = hasClassifier || classifies ? try configuration.classes() : 0

    let width = try object.dimension("embed_dim") ?? 96
    let depths = try object.dimensions("depths") ?? [2, 2, 6, 2]
    let heads = try object.dimensions("num_heads") ?? [3, 6, 12, 24]
    let window = try object.dimension("window_size") ?? 7
    let ratio = try object.multiple("mlp_ratio") ?? 4
    try checkStages(depths.count, place: object.place)
    guard heads.count >= depths.count else {
      throw BackboneError(
        "\(object.place): 'depths' has \(depths.count) stages, but 'num_heads' only \(heads.count)")
    }
    stages = try depths.indices.map { index in
      try Stage(
        depth: depths[index], width: width << index, heads: heads[index], headDimension: nil, ratio: ratio,
        window: ImageSize(side: window), place: object.place)
    }
    self = try checked(place: object.place)
  }

  /// Each stage has twice the width of the one before.
  private func checkStages(_ count: Int, place: String) throws {
    guard count <= 16 else { throw BackboneError("\(place): 'depths' has \(count) stages; a network has at most 16") }
  }

  private static let timmArguments: Set<String> = [
    "always_partition", "depths", "dynamic_img_size", "embed_dim", "global_pool", "head_dim", "img_size", "mlp_ratio",
    "num_classes", "num_heads", "patch_size", "qkv_bias", "strict_img_size", "window_size",
  ]
}

extension SwinConfiguration.Stage {
  fileprivate init(
    depth: Int, width: Int, heads: Int, headDimension: Int?, ratio: Double, window: ImageSize, place: String
  ) throws {
    guard heads > 0, headDimension != nil || width % heads == 0 else {
      throw BackboneError("\(place): the width \(width) of a stage cannot be divided among \(heads) heads")
    }
    self.init(
      depth: depth, width: width, heads: heads, headDimension: headDimension ?? width / heads,
      mlpDimension: Int(saturating: Double(width) * ratio), window: window)
  }
}

extension TimmConfiguration {
  /// The windows of `count` stages: one for all, a pair (height, width) for all, or one for each stage.
  fileprivate func windows(count: Int) throws -> [ImageSize]? {
    guard has("window_size") else { return nil }
    if let size = try? size("window_size") { return Array(repeating: size, count: count) }
    if let each = try? integers("window_size") { return each.map(ImageSize.init(side:)) }
    throw BackboneError(
      "\(place): model_args 'window_size' is none of a number, a pair (height, width), and a number for each stage")
  }
}
