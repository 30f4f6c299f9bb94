import Formats
import NeuralNet

extension Family {
  public static let convnext = Family(rawValue: "convnext")
}

extension ModelFamily {
  /// Networks of depthwise convolutions in the form of a transformer.
  static let convnext = ModelFamily(
    .convnext, titles: ["ConvNeXt", "ConvNeXt V2"], modelTypes: ["convnext", "convnextv2"],
    timmModels: ["convnext", "convnextv2"], architectures: Array(ConvNeXtArchitecture.all.keys),
    dialects: ConvNeXtWeights.Spelling.allCases.map(\.rawValue),
    knowsArchitecture: { ConvNeXtArchitecture.all[TimmConfiguration.name(of: $0)] != nil }
  ) { folder in
    let weights = ConvNeXtWeights(folder.checkpoint)
    var configuration: ConvNeXtConfiguration
    if let name = folder.architecture, let named = ConvNeXtArchitecture.all[TimmConfiguration.name(of: name)] {
      let timm = try TimmConfiguration(folder, architecture: name)
      configuration = try ConvNeXtConfiguration(timm, named: named, storedClasses: weights.classes)
    } else {
      configuration = try ConvNeXtConfiguration(
        TransformersConfiguration(folder.requiredConfiguration), hasClassifier: weights.classes != nil)
    }
    // Files after masked training, and backbones saved alone, have none.
    let lacksNorm = configuration.classes == 0 && !weights.hasFinalNorm
    if lacksNorm { configuration.finalNorm = .absent }
    return (configuration, weights.dialect(for: configuration, lacksNorm: lacksNorm))
  }
}

extension ConvNeXtConfiguration {
  /// A configuration of timm: the named architecture with the arguments that override it.
  ///
  /// - Parameter storedClasses: the rows of the file's classifier.
  init(_ timm: TimmConfiguration, named: ConvNeXtConfiguration, storedClasses: Int?) throws {
    try timm.refuseOthers(than: ConvNeXtConfiguration.timmArguments)
    self = named
    func choice<Value>(_ key: String, _ known: KeyValuePairs<String, Value>, otherwise standard: Value) throws -> Value
    {
      guard let name = try timm.string(key) else { return standard }
      guard let value = known.first(where: { $0.key == name })?.value else {
        throw BackboneError(
          "\(timm.place): model_args '\(key)' is '\(name)', which is not known; known are "
            + known.map(\.key).joined(separator: ", "))
      }
      return value
    }
    stem = try choice(
      "stem_type",
      ["patch": .patches, "overlap": .overlapping, "overlap_tiered": .tiered, "overlap_act": .activated],
      otherwise: stem)
    norm = try choice(
      "norm_layer",
      [
        "layernorm": .layer, "layernorm2d": .layer, "rmsnorm": .rootMeanSquare, "rmsnorm2d": .rootMeanSquare,
        "simplenorm": .deviation, "simplenorm2d": .deviation,
      ], otherwise: norm)
    patchSize = try timm.integer("patch_size").map(ImageSize.init(side:)) ?? patchSize
    stridesInFirstStage = stem == .patches && patchSize == ImageSize(side: 2)
    widths = try timm.integers("dims") ?? widths
    depths = try timm.integers("depths") ?? depths
    kernels = try timm.perStage("kernel_sizes", count: widths.count)?.map { Int(saturating: $0) } ?? kernels
    outputStride = try timm.outputStride() ?? outputStride
    hasConvolutionBias = try timm.boolean("conv_bias") ?? hasConvolutionBias
    hasResponseNorm = try timm.boolean("use_grn") ?? hasResponseNorm
    // timm drops arguments that are null: they cannot take the layer scale away.
    hasLayerScale = timm.has("ls_init_value") || hasLayerScale
    activation = try timm.activation() ?? activation
    if let epsilon = try timm.number("norm_eps") { setEpsilon(epsilon) }
    if let first = try timm.boolean("head_norm_first") { finalNorm = first ? .beforePooling : .afterPooling }
    classifierWidth = try timm.integer("head_hidden_size") ?? classifierWidth
    if let pooling = try timm.pooling(named: nil), pooling != "avg" {
      throw BackboneError("\(timm.place): global_pool '\(pooling)' is not known for a ConvNeXt; known is avg")
    }
    classes = try timm.classes(stored: storedClasses)
    self = try checked(place: timm.place)
  }

  /// A configuration of transformers; an absent key means the library's default.
  ///
  /// - Parameter hasClassifier: whether the file holds one, which decides where the configuration does not say.
  init(_ configuration: TransformersConfiguration, hasClassifier: Bool) throws {
    let object = configuration.object
    self.init(
      widths: try object.dimensions("hidden_sizes") ?? [96, 192, 384, 768],
      depths: try object.dimensions("depths") ?? [3, 3, 9, 3])
    if let stages = try object.dimension("num_stages"), stages != depths.count {
      throw BackboneError("\(object.place): 'num_stages' is \(stages), but 'depths' has \(depths.count) of them")
    }
    patchSize = try configuration.size("patch_size", default: 4)
    activation = try configuration.activation("hidden_act", default: .gelu)
    // `layer_norm_eps` is that of the last norm alone.
    finalEpsilon = try object.number("layer_norm_eps") ?? 1e-12
    hasResponseNorm = try object.string("model_type") == "convnextv2"
    hasLayerScale = try !hasResponseNorm && (object.number("layer_scale_init_value") ?? 1e-6) > 0
    let classifies = configuration.architecture?.contains("ImageClassification") ?? false
    classes = hasClassifier || classifies ? try configuration.classes() : 0
    self = try checked(place: object.place)
  }

  private static let timmArguments: Set<String> = [
    "act_layer", "conv_bias", "conv_mlp", "depths", "dims", "global_pool", "head_hidden_size", "head_init_scale",
    "head_norm_first", "kernel_sizes", "ls_init_value", "norm_eps", "norm_layer", "output_stride", "patch_size",
    "stem_type", "use_grn",
  ]
}
