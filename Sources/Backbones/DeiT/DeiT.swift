import NeuralNet

/// The family of data-efficient image transformers: plain, distilled, and DeiT III. The network is ``VisionTransformer``.
///
/// Source: Touvron et al., "Training data-efficient image transformers & distillation through attention" and "DeiT III:
/// Revenge of the ViT", as timm's `deit.py` and transformers' `modeling_deit.py` compute them.
package enum DeiT {
  static let builder = FamilyBuilder(
    recognizes: { folder in
      if let architecture = folder.architecture { return named(architecture) != nil }
      return try folder.configuration?.string("model_type") == "deit"
    },
    build: { folder in
      let weights = ViTWeights(folder.checkpoint)
      if let name = folder.architecture, let architecture = named(name) {
        return try ViT.timm(folder, name: name, architecture: architecture, weights: weights, family: .deit)
      }
      guard let object = folder.configuration else {
        throw BackboneError("\(folder.url.path): there is no config.json; name the model with --architecture")
      }
      let configuration = try ViTConfiguration(
        TransformersConfiguration(object), distilled: true, names: weights.names)
      return (VisionTransformer(configuration, family: .deit), weights.dialect(for: configuration))
    },
    architectures: table.keys.sorted())

  private static func named(_ architecture: String) -> ViTArchitecture? {
    table[TimmConfiguration.name(of: architecture)]
  }

  /// Every DeiT by name.
  package static let table: [String: ViTArchitecture] = {
    var table: [String: ViTArchitecture] = [:]
    for name in [
      "deit_tiny_patch16_224", "deit_small_patch16_224", "deit_base_patch16_224", "deit_base_patch16_384",
      "deit_tiny_distilled_patch16_224", "deit_small_distilled_patch16_224", "deit_base_distilled_patch16_224",
      "deit_base_distilled_patch16_384",
    ] {
      var architecture = ViTArchitecture(named: name, family: "deit")
      architecture.configuration.hasDistillationToken = name.contains("_distilled_")
      table[name] = architecture
    }
    for name in [
      "deit3_small_patch16_224", "deit3_small_patch16_384", "deit3_medium_patch16_224", "deit3_base_patch16_224",
      "deit3_base_patch16_384", "deit3_large_patch16_224", "deit3_large_patch16_384", "deit3_huge_patch14_224",
    ] {
      var architecture = ViTArchitecture(named: name, family: "deit3")
      architecture.configuration.positions = .patches
      architecture.configuration.hasLayerScale = true
      table[name] = architecture
    }
    return table
  }()
}
