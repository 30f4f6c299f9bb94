import Backbones

/// A class of inverse networks in the reference code (inverse-tvm), under its name there.
public enum ReferenceClass: String, Sendable, CaseIterable {
  case enhancedVitBackbone = "EnhancedVitBackbone"
  case inverseViTEncoder = "InverseViTEncoder"
  case swinBackbone = "SwinBackbone"
  case inverseSwinTransformerStage = "InverseSwinTransformerStage"
  case enhancedBatchNormalizedConvolutionalDecoder = "EnhancedBatchNormalizedConvolutionalDecoder"
  case batchNormalizedConvolutionalDecoder = "BatchNormalizedConvolutionalDecoder"
  case inverseTransformerEncoder = "InverseTransformerEncoder"
  case inverseTransformerDecoder = "InverseTransformerDecoder"
  case inverseDetector = "InverseDetector"

  // Those which no inverse of Palimpsest is like.
  case inverseViTBackbone = "InverseViTBackbone"
  case enhancedInverseVitBackbonePos = "EnhancedInverseVitBackbonePos"
  case linearDecoder = "LinearDecoder"
  case linearDecoderEnhanced = "LinearDecoderEnhanced"
  case simpleConvolutionalDecoder = "SimpleConvolutionalDecoder"

  /// The class that a `state_dict` is of, told by its names (without what is before them all); nil where they are of none.
  ///
  /// Where tensors are missing it is still told, so that loading can say which.
  init?(names: [String], family: Family) {
    let parts = Set(names.map { String($0.prefix { $0 != "." }) })
    func has(_ name: String) -> Bool { parts.contains(name) }
    if names.contains(where: { $0.hasPrefix("layers.") }) {
      let attendsToMemory = names.contains { $0.contains(".multihead_attn.") } || has("query_embed")
      self = attendsToMemory ? .inverseTransformerDecoder : .inverseTransformerEncoder
    } else if has("blocks") || has("upsample") {
      self = family == .swin || has("upsample") ? .inverseSwinTransformerStage : .inverseViTEncoder
    } else if has("fc1") || has("fc2") || has("fc3") {
      self = .inverseDetector
    } else if has("up_conv_2_2") || has("up_conv_2_3") {
      self = .enhancedBatchNormalizedConvolutionalDecoder
    } else if has("final_conv") {
      self = .batchNormalizedConvolutionalDecoder
    } else if parts.contains(where: { $0.hasPrefix("conv_t_") }) {
      self = .simpleConvolutionalDecoder
    } else if has("pos_emb") {
      self = .enhancedInverseVitBackbonePos
    } else if has("up_conv_5") {
      self = .linearDecoderEnhanced
    } else if parts.contains(where: { $0.hasPrefix("bn_") }) {
      self = family == .swin ? .swinBackbone : .enhancedVitBackbone
    } else if has("up_conv_1") {
      self = family == .detr ? .linearDecoder : .inverseViTBackbone
    } else {
      return nil
    }
  }

  /// Whether it belongs to models of a family.
  func fits(_ family: Family) -> Bool {
    switch self {
    case .enhancedVitBackbone, .inverseViTEncoder, .inverseViTBackbone, .enhancedInverseVitBackbonePos:
      family == .vit || family == .deit
    case .swinBackbone, .inverseSwinTransformerStage: family == .swin
    default: family == .detr
    }
  }

  /// Whether its output is the image.
  var leadsToPixels: Bool {
    switch self {
    case .inverseViTEncoder, .inverseSwinTransformerStage, .inverseTransformerEncoder, .inverseTransformerDecoder,
      .inverseDetector:
      false
    default: true
    }
  }

  /// Why it cannot be taken over, as the end of a sentence; nil where it can.
  var obstacle: String? {
    switch self {
    case .enhancedInverseVitBackbonePos:
      "subtracts stored positions before its convolutions, which no inverse of Palimpsest does; give an EnhancedVitBackbone"
    case .inverseViTBackbone, .linearDecoder, .linearDecoderEnhanced:
      "enlarges patches in one step without batch norm, which no inverse of Palimpsest does; give "
        + (self == .inverseViTBackbone ? "an EnhancedVitBackbone" : "an EnhancedBatchNormalizedConvolutionalDecoder")
    case .simpleConvolutionalDecoder:
      "has no batch norm, which every inverse of Palimpsest has; give an EnhancedBatchNormalizedConvolutionalDecoder"
    default: nil
    }
  }

  /// The first parts of the names in a `state_dict` of any class; what stands before them is no part of the module.
  static func isRoot(_ part: some StringProtocol) -> Bool {
    let whole: Set<String> = [
      "blocks", "upsample", "layers", "query_embed", "fc1", "fc2", "fc3", "final_conv", "pos_emb",
    ]
    return whole.contains(String(part)) || ["up_conv_", "bn_", "conv_t_"].contains { part.hasPrefix($0) }
  }
}
