import NeuralNet

/// The family of plain vision transformers.
///
/// Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", as timm's `vision_transformer.py` and transformers'
/// `modeling_vit.py` compute it.
enum ViT {
  static let builder = FamilyBuilder(
    recognizes: { folder in
      if let architecture = folder.architecture { return named(architecture) != nil }
      return try folder.configuration?.string("model_type") == "vit"
    },
    build: { folder in
      let weights = ViTWeights(folder.checkpoint)
      if let name = folder.architecture, let architecture = named(name) {
        return try timm(folder, name: name, architecture: architecture, weights: weights, family: .vit)
      }
      guard let object = folder.configuration else {
        throw BackboneError("\(folder.url.path): there is no config.json; name the model with --architecture")
      }
      let configuration = try ViTConfiguration(
        TransformersConfiguration(object), distilled: false, names: weights.names)
      return (VisionTransformer(configuration, family: .vit), weights.dialect(for: configuration))
    },
    architectures: ViTArchitecture.vits.keys.sorted())

  private static func named(_ architecture: String) -> ViTArchitecture? {
    ViTArchitecture.vits[TimmConfiguration.name(of: architecture)]
  }

  /// A network of timm's and the spelling of its checkpoint.
  static func timm(
    _ folder: ModelFolder, name: String, architecture: ViTArchitecture, weights: ViTWeights, family: Family
  ) throws -> (backbone: any Backbone, dialect: CheckpointDialect) {
    var configuration = try ViTConfiguration(
      TimmConfiguration(folder, architecture: name), named: architecture, storedClasses: weights.classes)
    configuration.storedGrid = weights.storedGrid(for: configuration)
    return (VisionTransformer(configuration, family: family), weights.dialect(for: configuration))
  }
}
