import Backbones
import Foundation
import NeuralNet
import Testing
import Torch

/// Checkpoints of which the image encoder is a part: CLIP, SigLIP and MAE whole, and as earlier versions wrote them.
extension OtherCheckpointsTests {
  // The counts are those of the tensors of each class in transformers 5.24, by hand: a layer of a text tower or a decoder has 16.
  @Test(arguments: [
    (
      "hf-clip",
      [
        "left out 23 of the checkpoint's 62 tensors, as no part of the image encoder: scale and bias of "
          + "similarities (1), text tower (20), text projection (1), projection of images to texts (1)"
      ]
    ),
    (
      "hf-siglip",
      [
        "left out 35 of the checkpoint's 72 tensors, as no part of the image encoder: scale and bias of "
          + "similarities (2), text tower (22), attention pooling (11)"
      ]
    ),
    (
      "hf-mae",
      [
        "left out 24 of the checkpoint's 62 tensors, as no part of the image encoder: decoder (24)",
        "the encoder sees every patch of an image: 'mask_ratio' of config.json is not applied",
      ]
    ),
    (
      "hf-clip-classifier",
      [
        "left out 2 of the checkpoint's 41 tensors, as no part of the image encoder: norm of the class token, which "
          + "the classifier does not see (2)"
      ]
    ),
    (
      "hf-dinov2",
      ["left out 1 of the checkpoint's 43 tensors, as no part of the image encoder: mask token (1)"]
    ),
    ("hf-clip-vision", []), ("hf-siglip-vision", []), ("hf-ijepa", []), ("timm-vit-attention-pool", []),
  ])
  func whatIsLeftOutIsCountedAndNamed(name: String, notes: [String]) throws {
    #expect(try Reference(name).model().notes == notes)
  }

  @Test func theNumbersThatAreLeftOutAreCounted() throws {
    let parts = try Reference("hf-clip").model().leftOut
    // Projections of 8 and of 12 channels to 6.
    #expect(parts.first { $0.part == "text projection" }?.numbers == 6 * 8)
    #expect(parts.first { $0.part == "projection of images to texts" }?.numbers == 6 * 12)
    #expect(parts.first { $0.part == "scale and bias of similarities" }?.numbers == 1)
  }

  @Test func attentionPoolingWithoutAClassifierIsLeftOut() throws {
    let folder = try rewritten(
      "timm-vit-attention-pool",
      configuration: { fields in
        fields["num_classes"] = 0
        var arguments = fields["model_args"] as? [String: Any] ?? [:]
        arguments["num_classes"] = 0
        fields["model_args"] = arguments
      }, rename: { $0.hasPrefix("head.") ? nil : $0 })
    let model = try ModelRegistry.load(at: folder)
    // latent, q 2, kv 2, proj 2, norm 2, mlp 4; of 4 of the stem, 2 blocks of 12, 2 of the norm.
    #expect(
      model.notes == [
        "left out 13 of the checkpoint's 42 tensors, as no part of the image encoder: attention pooling (13)"
      ])
  }

  @Test func aTensorOfNoKnownPartIsRefused() throws {
    let strays = [
      ("hf-clip", "vision_model.extra", "transformers clip"), ("hf-siglip", "image_model.extra", "transformers siglip"),
      ("hf-dinov2", "encoder.layer.0.extra", "transformers dinov2"), ("hf-mae", "vit.extra", "transformers vit_mae"),
    ]
    for (name, stray, dialect) in strays {
      var isFirst = true
      let folder = try rewritten(name, to: "stray-\(name)") { tensor in
        guard tensor.hasSuffix("norm1.weight") || tensor.hasSuffix("before.weight"), isFirst, !tensor.hasPrefix("text"),
          !tensor.hasPrefix("decoder")
        else { return tensor }
        isFirst = false
        return stray
      }
      let error = #expect(throws: CheckpointError.self) { try ModelRegistry.load(at: folder) }
      #expect(
        error?.description.contains("(read as \(dialect)): 1 missing") == true
          && error?.description.contains("1 unexpected (\(stray))") == true, "\(error?.description ?? "")")
    }
  }

  /// transformers 4 wrote the vision models with a word before every name, and row numbers as a tensor.
  @Test func visionModelsOfEarlierVersionsAreRead() throws {
    for name in ["hf-clip-vision", "hf-siglip-vision"] {
      let folder = try rewritten(name, to: name) { "vision_model." + $0 }
      try expectSame(try ModelRegistry.load(at: folder), try Reference(name).model(), name)
    }
    let folder = try rewritten("hf-clip", to: "numbered") { name in
      name == "text_model.embeddings.token_embedding.weight" ? "vision_model.embeddings.position_ids" : name
    }
    try expectSame(try ModelRegistry.load(at: folder), try Reference("hf-clip").model(), "numbered")
  }

  /// Early files repeat the image encoder's configuration as `vision_config_dict`, which transformers lets win.
  @Test func theRepeatedConfigurationWins() throws {
    let folder = try rewritten(
      "hf-clip",
      configuration: { fields in
        let vision = fields["vision_config"] as? [String: Any] ?? [:]
        fields["vision_config_dict"] = vision
        fields["vision_config"] = vision.merging(["num_hidden_layers": 7, "hidden_act": "relu"]) { $1 }
      }, rename: { $0 })
    let (model, whole) = (try ModelRegistry.load(at: folder), try Reference("hf-clip").model())
    try expectSame(model, whole, "hf-clip")
    #expect(BackboneArchitecture(of: model.backbone) == BackboneArchitecture(of: whole.backbone))
  }

  @Test func whatTheLibraryCannotMakeIsRefused() throws {
    func message(_ name: String, _ edit: (inout [String: Any]) -> Void) throws -> String {
      let folder = try rewritten(name, to: UUID().uuidString, configuration: edit) { $0 }
      let error = #expect(throws: BackboneError.self) { try ModelRegistry.load(at: folder) }
      return (error?.description ?? "").replacingOccurrences(of: folder.path, with: "HERE")
    }
    #expect(
      try message("hf-dinov2") { $0["image_size"] = [28, 56] }
        == "HERE/config.json: 'image_size' is 56x28 (width x height), but transformers' dinov2 has square images alone; write "
        + "one number, and give another input size with --size")
    #expect(
      try message("hf-siglip-vision") { $0["hidden_act"] = "mish" }
        == "HERE/config.json: 'hidden_act' is 'mish', which is not known; known are linear, gelu, gelu_pytorch_tanh, relu, "
        + "silu, quick_gelu, tanh, sigmoid")
    #expect(
      try message("hf-clip") { fields in
        var vision = fields["vision_config"] as? [String: Any] ?? [:]
        vision["num_attention_heads"] = 5
        fields["vision_config"] = vision
      } == "HERE/config.json: 'vision_config': hidden_size 12 cannot be divided among 5 attention heads")
  }

  /// What was recorded of plain MLPs stays as it was; a gated one says so.
  @Test func onlyGatedNetworksRecordThatTheyAre() throws {
    func recorded(_ name: String) throws -> [String: Any] {
      let data = try JSONEncoder().encode(BackboneArchitecture(of: try Reference(name).model().backbone))
      let fields = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return try #require(fields?["transformer"] as? [String: Any])
    }
    #expect(try recorded("hf-dinov2")["hasGatedMLP"] == nil)
    #expect(try recorded("hf-dinov2-swiglu")["hasGatedMLP"] as? Bool == true)
    // (int(12 · 3 · 2/3) + 7) / 8 · 8
    #expect(try recorded("hf-dinov2-swiglu")["perceptronDimension"] as? Int == 24)
  }
}
