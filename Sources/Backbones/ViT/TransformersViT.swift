import NeuralNet

/// The models of transformers whose image encoder is ``VisionTransformer``, by the `model_type` of `config.json`.
///
/// Source: their `configuration_….py` and `modeling_….py` in transformers 5.24.
enum TransformersViT: String, CaseIterable, Sendable {
  case vit
  case deit
  case mae = "vit_mae"
  case msn = "vit_msn"
  case ijepa
  case dinov2
  case dinov2WithRegisters = "dinov2_with_registers"
  case clip
  case clipVision = "clip_vision_model"
  case siglip
  case siglipVision = "siglip_vision_model"

  var isDINOv2: Bool { [.dinov2, .dinov2WithRegisters].contains(self) }
  var isCLIP: Bool { [.clip, .clipVision].contains(self) }
  var isSigLIP: Bool { [.siglip, .siglipVision].contains(self) }

  /// Those of the family `vit`.
  static let ofViT = allCases.filter { $0 != .deit }

  /// The spellings of tensor names that files of the model have, as ``LoadedModel/dialect`` names them.
  var dialects: [String] {
    switch self {
    case .vit, .deit: [ViTWeights.Spelling.transformers.rawValue, ViTWeights.Spelling.transformersModules.rawValue]
    default: [dialect]
    }
  }

  /// The dialect of a model that has one.
  var dialect: String { "transformers \(rawValue)" }

  // MARK: What an absent key of config.json means

  var standardEpsilon: Double {
    switch self {
    case .vit, .deit, .mae, .ijepa: 1e-12
    case .msn, .dinov2, .dinov2WithRegisters, .siglip, .siglipVision: 1e-6
    case .clip, .clipVision: 1e-5
    }
  }

  var standardPatch: Int {
    switch self {
    case .dinov2: 14
    case .clip, .clipVision: 32
    default: 16
    }
  }

  var standardActivation: Activation {
    switch self {
    case .clip, .clipVision: .quickGelu
    case .siglip, .siglipVision: .geluTanh
    default: .gelu
    }
  }
}
