import NeuralNet

extension Family {
  public static let vit = Family(rawValue: "vit")
}

extension ModelFamily {
  /// Plain vision transformers.
  ///
  /// Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", as timm's `vision_transformer.py` and transformers'
  /// `modeling_vit.py` compute it.
  static let vit = ModelFamily(
    visionTransformer: .vit, titles: ["ViT"], modelType: "vit", timmModels: ["vit"],
    dialects: [.timm, .transformers, .transformersModules], table: ViTArchitecture.vits, distilled: false)

  /// A family whose network is ``VisionTransformer``.
  ///
  /// - Parameters:
  ///   - table: timm's architectures by name.
  ///   - distilled: whether models of transformers have a distillation token.
  init(
    visionTransformer family: Family, titles: [String], modelType: String, timmModels: [String],
    dialects: [ViTWeights.Spelling], table: [String: ViTArchitecture], distilled: Bool
  ) {
    self.init(
      family, titles: titles, modelTypes: [modelType], timmModels: timmModels, architectures: Array(table.keys),
      dialects: dialects.map(\.rawValue), configurationKey: "transformer",
      knowsArchitecture: { table[TimmConfiguration.name(of: $0)] != nil }
    ) { folder in
      let weights = ViTWeights(folder.checkpoint)
      var configuration: ViTConfiguration
      if let name = folder.architecture, let architecture = table[TimmConfiguration.name(of: name)] {
        configuration = try ViTConfiguration(
          TimmConfiguration(folder, architecture: name), named: architecture, storedClasses: weights.classes)
        configuration.storedGrid = weights.storedGrid(for: configuration)
      } else {
        configuration = try ViTConfiguration(
          TransformersConfiguration(folder.requiredConfiguration), distilled: distilled, names: weights.names)
      }
      return (configuration, weights.dialect(for: configuration))
    }
  }
}
