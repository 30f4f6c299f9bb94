import Backbones
import Foundation
import NeuralNet
import Testing

/// Checkpoints and names of ConvNeXt, and what timm has that is refused with its reason.
extension OtherCheckpointsTests {
  private func message(_ load: () throws -> LoadedModel) -> String {
    let error = #expect(throws: BackboneError.self) { try load() }
    return error?.description ?? ""
  }

  /// timm's files after masked training (`convnextv2_atto.fcmae`) have neither a classifier nor the norm before it.
  @Test func aFileWithoutALastNormHasNoTapForIt() throws {
    let folder = try rewritten(
      "timm-convnextv2",
      configuration: { fields in
        fields["num_classes"] = 0
        var arguments = fields["model_args"] as? [String: Any] ?? [:]
        arguments["num_classes"] = 0
        fields["model_args"] = arguments
      }, rename: { $0.hasPrefix("head.") ? nil : $0 })
    let model = try ModelRegistry.load(at: folder)
    #expect(model.notes == ["the checkpoint has no norm behind the last stage: there is no tap 'norm'"])
    #expect(try model.taps(height: 32, width: 32).last?.name == "stage.3")
    #expect(model.backbone.kind == .encoder)
  }

  /// A classifier without the norm before it is a file that lacks something.
  @Test func aClassifierNeedsItsNorm() throws {
    let folder = try rewritten("timm-convnext") { $0.hasPrefix("head.norm.") ? nil : $0 }
    let error = #expect(throws: CheckpointError.self) { try ModelRegistry.load(at: folder) }
    #expect(error?.description.contains("2 missing (head.norm.weight, head.norm.bias)") == true)
  }

  @Test func aTensorOfAConvNeXtThatIsOfNoPartIsRefused() throws {
    for (name, bias) in [
      ("timm-convnext", "conv_dw.bias"), ("hf-convnext", "dwconv.bias"), ("convnext-original-names", "dwconv.bias"),
    ] {
      let folder = try rewritten(name, to: "stray-\(name)") { $0.hasSuffix(bias) ? $0 + ".extra" : $0 }
      let error = #expect(throws: CheckpointError.self) { try ModelRegistry.load(at: folder) }
      #expect(error?.description.contains("\(bias).extra") == true, "\(error?.description ?? "")")
    }
  }

  @Test func whatAConvNeXtCannotBeIsRefused() throws {
    func refusal(_ edit: (inout [String: Any]) -> Void) throws -> String {
      let folder = try rewritten(
        "timm-convnext", to: UUID().uuidString,
        configuration: { fields in
          var arguments = fields["model_args"] as? [String: Any] ?? [:]
          edit(&arguments)
          fields["model_args"] = arguments
        }, rename: { $0 })
      return message { try ModelRegistry.load(at: folder) }.replacingOccurrences(of: folder.path, with: "HERE")
    }
    #expect(
      try refusal { $0["global_pool"] = "max" } == "HERE: global_pool 'max' is not known for a ConvNeXt; known is avg")
    #expect(
      try refusal { $0["kernel_sizes"] = 4 }
        == "HERE: depthwise kernels [4, 4, 4, 4]; give an odd one below 256 for each of the 4 stages")
    #expect(
      try refusal { $0["norm_layer"] = "batchnorm2d" }
        == "HERE: model_args 'norm_layer' is 'batchnorm2d', which is not known; known are layernorm, layernorm2d, rmsnorm, "
        + "rmsnorm2d, simplenorm, simplenorm2d")
    #expect(
      try refusal { $0["output_stride"] = 4 } == "HERE: model_args 'output_stride' is 4, expected 8, 16 or 32")
    let model = try Reference("timm-convnext").model()
    let error = #expect(throws: BackboneError.self) { try model.backbone.taps(height: 64, width: 31) }
    #expect(
      error?.description
        == "the input is 31x64 (width x height), of which the stages of this ConvNeXt leave no position; give a larger one "
        + "with --size")
  }

  @Test func namesThatAreNotReadAreRefusedWithTheReason() throws {
    for (name, reason) in [
      ("vit_relpos_base_patch16_224", "its positions are biases between patches"),
      ("resnet50d.ra2_in1k", "its stem is of three convolutions"),
      ("resnetv2_50", "its norms come before its convolutions"),
      ("swinv2_tiny_window8_256", "its attention is by cosine, and a network computes its positions"),
      ("eva02_base_patch14_224", "it has norms inside its MLPs and attentions"),
      ("vit_base_patch16_rope_224", "its rotary positions are of a kind that is not known"),
    ] {
      let folder = try rewritten("timm-vit", to: name, configuration: { $0["architecture"] = name }) { $0 }
      #expect(message { try ModelRegistry.load(at: folder) }.contains("unknown architecture '\(name)': \(reason)"))
    }
    // A misspelt name is told nothing that is not so.
    let folder = try rewritten("timm-vit", configuration: { $0["architecture"] = "resnet51" }) { $0 }
    #expect(message { try ModelRegistry.load(at: folder) }.contains("unknown architecture 'resnet51' (did you mean"))
    let beit = try rewritten("hf-vit", to: "beit", configuration: { $0["model_type"] = "beit" }) { $0 }
    #expect(
      message { try ModelRegistry.load(at: beit) }.contains(
        "model_type 'beit': its positions are biases between patches;"))
  }
}
