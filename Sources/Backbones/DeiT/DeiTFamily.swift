import NeuralNet

extension Family {
  public static let deit = Family(rawValue: "deit")
}

extension ModelFamily {
  /// Data-efficient image transformers: plain, distilled, and DeiT III. The network is ``VisionTransformer``.
  ///
  /// Source: Touvron et al., "Training data-efficient image transformers & distillation through attention" and "DeiT III:
  /// Revenge of the ViT", as timm's `deit.py` and transformers' `modeling_deit.py` compute them.
  static let deit = ModelFamily(
    visionTransformer: .deit, titles: ["DeiT", "DeiT III"], kinds: [.deit], timmModels: ["deit", "deit3"],
    spellings: [.timm, .original], table: DeiT.table)
}

/// timm's architectures of the family.
package enum DeiT {
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
