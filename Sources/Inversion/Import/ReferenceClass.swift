import Backbones

/// A backbone whose inverses the reference code (inverse-tvm) has too.
protocol ReferenceInvertible: InvertibleBackbone {
  /// The reference's classes for models of this family.
  var referenceClasses: Set<ReferenceClass> { get }
  /// The cut that a module starts from which does not end in pixels.
  ///
  /// - Throws: ``InversionError`` where its depth or width does not say.
  func referenceCut(of state: ReferenceState, _ design: InverseDesign) throws -> String
  /// Refuses a model that the reference's classes are not made for.
  ///
  /// - Parameter keepsActivation: whether there are layers of encoder or decoder under the default profile.
  /// - Throws: ``InversionError``.
  func checkReference(keepsActivation: Bool) throws
}

extension ReferenceInvertible {
  func checkReference(keepsActivation: Bool) throws {}
}

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

  // Those that no inverse of Palimpsest is like.
  case inverseViTBackbone = "InverseViTBackbone"
  case enhancedInverseVitBackbonePos = "EnhancedInverseVitBackbonePos"
  case linearDecoder = "LinearDecoder"
  case linearDecoderEnhanced = "LinearDecoderEnhanced"
  case simpleConvolutionalDecoder = "SimpleConvolutionalDecoder"

  /// The class that a `state_dict` is of, by its names (without what is before them all); nil where they are of none.
  ///
  /// Where tensors are missing the class is still found, so that loading can say which.
  ///
  /// - Parameter classes: those of the model's family, which are preferred where the names are of several classes.
  init?(names: [String], among classes: Set<ReferenceClass>) {
    let candidates = ReferenceClass.candidates(names: names)
    guard let first = candidates.first else { return nil }
    self = candidates.first(where: classes.contains) ?? first
  }

  private static func candidates(names: [String]) -> [ReferenceClass] {
    let parts = Set(names.map { String($0.prefix { $0 != "." }) })
    func has(_ name: String) -> Bool { parts.contains(name) }
    if names.contains(where: { $0.hasPrefix("layers.") }) {
      let attendsToMemory = names.contains { $0.contains(".multihead_attn.") } || has("query_embed")
      return attendsToMemory ? [.inverseTransformerDecoder] : [.inverseTransformerEncoder]
    }
    if has("upsample") { return [.inverseSwinTransformerStage] }
    if has("blocks") { return [.inverseViTEncoder, .inverseSwinTransformerStage] }
    if has("fc1") || has("fc2") || has("fc3") { return [.inverseDetector] }
    if has("up_conv_2_2") || has("up_conv_2_3") { return [.enhancedBatchNormalizedConvolutionalDecoder] }
    if has("final_conv") { return [.batchNormalizedConvolutionalDecoder] }
    if parts.contains(where: { $0.hasPrefix("conv_t_") }) { return [.simpleConvolutionalDecoder] }
    if has("pos_emb") { return [.enhancedInverseVitBackbonePos] }
    if has("up_conv_5") { return [.linearDecoderEnhanced] }
    if parts.contains(where: { $0.hasPrefix("bn_") }) { return [.enhancedVitBackbone, .swinBackbone] }
    return has("up_conv_1") ? [.inverseViTBackbone, .linearDecoder] : []
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

  /// Why it cannot be imported, as the end of a sentence; nil where it can.
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

  /// The first parts of the names in a `state_dict` of any class; what stands before them is not a part of the module.
  static func isRoot(_ part: some StringProtocol) -> Bool {
    let whole: Set<String> = [
      "blocks", "upsample", "layers", "query_embed", "fc1", "fc2", "fc3", "final_conv", "pos_emb",
    ]
    return whole.contains(String(part)) || ["up_conv_", "bn_", "conv_t_"].contains { part.hasPrefix($0) }
  }
}
