import NeuralNet

extension Family {
  public static let vit = Family(rawValue: "vit")
}

extension ModelFamily {
  /// Plain vision transformers, however they were trained: ViT, DINOv2, DINOv3, EVA, MAE, MSN, I-JEPA, the image encoders of CLIP
  /// and SigLIP.
  ///
  /// Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", as timm's `vision_transformer.py` and `eva.py` and transformers'
  /// `modeling_vit.py`, `modeling_dinov2.py`, `modeling_clip.py`, … compute it.
  static let vit = ModelFamily(
    visionTransformer: .vit, titles: ["ViT", "DINOv2", "DINOv3", "CLIP", "SigLIP", "MAE", "EVA"],
    kinds: TransformersViT.ofViT,
    timmModels: ["vit", "eva"], spellings: [.timm, .eva], table: ViTArchitecture.vits)

  /// A family whose network is ``VisionTransformer``.
  ///
  /// - Parameters:
  ///   - kinds: the models of transformers that are of it.
  ///   - spellings: of tensor names, besides those of `kinds`.
  ///   - table: timm's architectures by name.
  init(
    visionTransformer family: Family, titles: [String], kinds: [TransformersViT], timmModels: [String],
    spellings: [ViTWeights.Spelling], table: [String: ViTArchitecture]
  ) {
    self.init(
      family, titles: titles, modelTypes: kinds.map(\.rawValue), timmModels: timmModels,
      architectures: Array(table.keys), dialects: spellings.map(\.rawValue) + kinds.flatMap(\.dialects),
      configurationKey: "transformer", knowsArchitecture: { table[TimmConfiguration.name(of: $0)] != nil }
    ) { folder in
      if let name = folder.architecture, let architecture = table[TimmConfiguration.name(of: name)] {
        let weights = ViTWeights(folder.checkpoint, isEva: architecture.isEva)
        var configuration = try ViTConfiguration(
          TimmConfiguration(folder, architecture: name), named: architecture, storedClasses: weights.classes)
        configuration.storedGrid = weights.storedGrid(for: configuration)
        return (configuration, weights.dialect(for: configuration, kind: nil))
      }
      let object = try folder.requiredConfiguration
      guard let kind = try object.string("model_type").flatMap({ TransformersViT(rawValue: $0) }), kinds.contains(kind)
      else {
        preconditionFailure("a folder is of the family by its architecture or its model_type")
      }
      let transformers = try TransformersConfiguration(object)
      if kind.isDINOv2 || kind.isCLIP || kind.isSigLIP {
        let weights = RenamedViTWeights(folder.checkpoint, kind: kind)
        let configuration = try ViTConfiguration(transformers, kind: kind, names: weights.names)
        return (configuration, weights.dialect(for: configuration))
      }
      let weights = ViTWeights(folder.checkpoint)
      let configuration = try ViTConfiguration(transformers, kind: kind, names: weights.names)
      return (configuration, weights.dialect(for: configuration, kind: kind))
    }
  }
}
