import Backbones
import Foundation
import NeuralNet
import TestSupport
import Testing
import Torch

/// What configurations and names of tensors mean, and what is said where they are wrong.
@Suite(.serialized)
struct DETRConfigurationTests {
  /// A copy of a case of the fixtures, with its configuration and tensors edited, for the time of `body`.
  private func withVariant<Result>(
    of name: String, configuration: (inout [String: Any]) -> Void = { _ in },
    tensors: ([String: Tensor]) throws -> [String: Tensor] = { $0 }, _ body: (URL) throws -> Result
  ) throws -> Result {
    let source = Reference(name).folder
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    let data = try Data(contentsOf: source.appendingPathComponent("config.json"))
    var fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    configuration(&fields)
    try JSONSerialization.data(withJSONObject: fields).write(to: folder.appendingPathComponent("config.json"))
    let checkpoint = try Checkpoint(at: source)
    let named = try checkpoint.names.map { ($0, try checkpoint.tensor(named: $0)) }
    let edited = try tensors(Dictionary(uniqueKeysWithValues: named))
    try SafetensorsWriter.write(
      edited.map { ($0.key, $0.value) }, to: folder.appendingPathComponent("model.safetensors"))
    return try body(folder)
  }

  /// The message that loading the variant fails with, without the folder's path.
  private func message(
    of name: String = "hf-detr-basic", architecture: String? = nil,
    _ configuration: (inout [String: Any]) -> Void = { _ in },
    tensors: ([String: Tensor]) throws -> [String: Tensor] = { $0 }
  ) throws -> String {
    try withVariant(of: name, configuration: configuration, tensors: tensors) { folder in
      do {
        _ = try ModelRegistry.load(at: folder, architecture: architecture)
      } catch {
        return "\(error)".replacingOccurrences(of: folder.path, with: "MODEL")
      }
      return "no error"
    }
  }

  private func expectTaps(of model: LoadedModel, like name: String, except absent: Set<String> = []) throws {
    let reference = Reference(name)
    let expected = try reference.features().filter { !absent.contains($0.key) }
    let images = try reference.images()
    let shape = images.pixels.shape
    let taps = try Set(model.backbone.taps(height: shape[2], width: shape[3]).map(\.name))
    #expect(taps == Set(expected.keys))
    for (tap, value) in try model.backbone.features(of: images, taps: taps) {
      #expect(try relativeError(value, #require(expected[tap]).value) <= 1e-5, "\(tap)")
    }
  }

  private func renamed(
    _ tensors: [String: Tensor], _ rename: (String) -> String?
  ) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: tensors.compactMap { entry in rename(entry.key).map { ($0, entry.value) } })
  }

  // MARK: Spellings beyond those of the fixtures

  @Test func modelsWithoutHeadsHaveNoTapsOfHeads() throws {
    try withVariant(
      of: "hf-detr-basic", configuration: { $0["architectures"] = ["DetrModel"] },
      tensors: { tensors in
        renamed(tensors) { $0.hasPrefix("model.") ? String($0.dropFirst("model.".count)) : nil }
      }
    ) { folder in
      try expectTaps(of: ModelRegistry.load(at: folder), like: "hf-detr-basic", except: ["logits", "boxes"])
    }
  }

  @Test func modelsForSegmentationAreReadWithoutTheirMaskHead() throws {
    try withVariant(
      of: "detr-timm-backbone", configuration: { $0["architectures"] = ["DetrForSegmentation"] },
      tensors: { tensors in
        var all = renamed(tensors) { "detr." + $0 }
        all["mask_head.lay1.weight"] = try Tensor.ones([2, 2, 3, 3])
        all["bbox_attention.q_linear.bias"] = try Tensor.ones([2])
        return all
      }
    ) { folder in
      try expectTaps(of: ModelRegistry.load(at: folder), like: "detr-timm-backbone")
    }
  }

  @Test func namesWrappedByTrainingScriptsAreRead() throws {
    for name in ["hf-detr-module-names", "detr-original-names"] {
      try withVariant(of: name, tensors: { renamed($0) { "module." + $0 } }) { folder in
        try expectTaps(of: ModelRegistry.load(at: folder), like: name)
      }
    }
  }

  @Test func absentKeysMeanTheLibrarysDefaults() throws {
    try withVariant(
      of: "hf-detr-basic",
      configuration: { fields in
        for key in [
          "activation_function", "auxiliary_loss", "dilation", "num_channels", "position_embedding_type",
          "architectures", "use_timm_backbone",
        ] {
          fields[key] = nil
        }
      }
    ) { folder in
      try expectTaps(of: ModelRegistry.load(at: folder), like: "hf-detr-basic")
    }
    // Classes default to two.
    let text = try message { $0["id2label"] = nil }
    #expect(text.contains("class_labels_classifier.weight is [5, 12], expected [3, 12]"))
  }

  /// transformers' `DetrLearnedPositionEmbedding`: the columns' channels, then the rows'.
  @Test func learnedPositionsAreReadUnderBothNames() throws {
    for place in ["model.position_embedding.", "model.backbone.position_embedding."] {
      let values = try withVariant(
        of: "hf-detr-module-names", configuration: { $0["position_embedding_type"] = "learned" },
        tensors: { tensors in
          var all = tensors
          all[place + "row_embeddings.weight"] = try Tensor.zeros([50, 6])
          all[place + "column_embeddings.weight"] = try Tensor.zeros([50, 6])
          return all
        }
      ) { folder in
        let model = try ModelRegistry.load(at: folder)
        let error = #expect(throws: BackboneError.self) { _ = try model.backbone.taps(height: 64, width: 1632) }
        #expect(
          error?.description
            == "the feature map would be 51x2 (width x height), but the model's learned positions end at 50x50; "
            + "choose a smaller --size")
        return try model.backbone.features(of: Reference("hf-detr-module-names").images(), taps: ["encoder.0"])
      }
      // Zero positions are others than sines.
      let reference = try #require(try Reference("hf-detr-module-names").features()["encoder.0"])
      #expect(try relativeError(#require(values["encoder.0"]), reference.value) > 1e-3)
    }
  }

  @Test func learnedPositionsPutColumnsFirst() throws {
    let positions = DETRLearnedPositions(width: 4)
    for (_, parameter) in positions.namedParameters() { try parameter.set(Tensor.zeros(parameter.shape)) }
    let named = Dictionary(uniqueKeysWithValues: positions.namedParameters().map { ($0.name, $0.parameter) })
    let ramp = try Tensor((0..<100).map(Float.init), shape: [50, 2])
    try named["row_embeddings.weight"]?.set(ramp)
    try named["column_embeddings.weight"]?.set(ramp + 1000)
    // Of a grid of 2 × 2: columns 0 and 1 hold 1000, 1001 and 1002, 1003; rows 0, 1 and 2, 3.
    #expect(
      try positions(height: 2, width: 2).values(as: Float.self)
        == [1000, 1001, 0, 1, 1002, 1003, 0, 1, 1000, 1001, 2, 3, 1002, 1003, 2, 3])
  }

  // MARK: What is said

  @Test func wrongSettingsAreNamed() throws {
    let place = "MODEL/config.json"
    #expect(try message { $0["d_model"] = 30 } == "\(place): 'd_model' is 30, expected a multiple of 4")
    #expect(
      try message { $0["encoder_attention_heads"] = 5 }
        == "\(place): 'encoder_attention_heads' is 5, expected a divisor of d_model 12")
    #expect(try message { $0["decoder_layers"] = 0 } == "\(place): 'decoder_layers' is 0, expected at least 1")
    #expect(try message { $0["num_queries"] = "many" } == "\(place): 'num_queries' is many, expected an integer")
    #expect(
      try message { $0["position_embedding_type"] = "rotary" }
        == "\(place): 'position_embedding_type' is rotary, expected sine or learned")
    #expect(try message { $0["activation_function"] = "mish" }.hasPrefix("\(place): 'activation_function' is 'mish'"))
  }

  @Test func wrongBackbonesAreNamed() throws {
    let place = "MODEL/config.json"
    let object = "\(place): 'backbone_config'"
    func edit(_ key: String, _ value: Any) -> (inout [String: Any]) -> Void {
      { fields in
        var backbone = fields["backbone_config"] as? [String: Any] ?? [:]
        backbone[key] = value
        fields["backbone_config"] = backbone
      }
    }
    #expect(
      try message(edit("model_type", "swin"))
        == "\(object): 'model_type' is swin, expected resnet or timm_backbone: of DETR's backbones only ResNets are known"
    )
    #expect(
      try message(edit("layer_type", "dense")) == "\(object): 'layer_type' is dense, expected basic or bottleneck")
    #expect(
      try message(edit("depths", [1, 2, 1]))
        == "\(object): 'hidden_sizes' is [4, 8, 8, 12] for depths [1, 2, 1], expected a positive width and depth for "
        + "each stage")
    #expect(
      try message(edit("out_features", ["stage3"]))
        == "\(object): 'out_features' is [\"stage3\"], expected the last to be stage4")
    let timm = "detr-timm-backbone"
    #expect(
      try message(of: timm) { $0["backbone"] = "resnet50d" }
        == "\(place): 'backbone' is resnet50d, expected one of resnet101, resnet152, resnet18, resnet200, resnet26, "
        + "resnet34, resnet50")
    #expect(
      try message(of: timm) { $0["backbone_kwargs"] = ["block_args": 1] }
        == "\(place): 'backbone_kwargs' has 'block_args', which is not known; known are channels, features_only, "
        + "in_chans, layers, num_channels, out_indices, output_stride, pretrained")
    #expect(
      try message(of: timm) { $0["backbone_kwargs"] = ["output_stride": 4] }
        == "\(place): 'output_stride' is 4, expected 8, 16 or 32")
    #expect(
      try message(of: timm) { $0["backbone_kwargs"] = ["out_indices": [1, 2, 3]] }
        == "\(place): 'out_indices' is 3 at its end, expected 4")
    #expect(
      try message {
        $0["backbone_config"] = nil
        $0["backbone"] = "someone/resnet-77"
        $0["use_timm_backbone"] = false
      }
        == "\(place): 'backbone' is someone/resnet-77, which is described elsewhere; put its configuration into "
        + "backbone_config")
  }

  @Test func everythingWrongWithTheTensorsIsSaidAtOnce() throws {
    let text = try message(
      of: "detr-original-names",
      tensors: { tensors in
        var all = tensors
        all["transformer.encoder.layers.1.self_attn.in_proj_weight"] = nil
        all["query_embed.weight"] = try Tensor.zeros([4, 12])
        all["stranger"] = try Tensor.zeros([1])
        return all
      })
    let missing = "transformer.encoder.layers.1.self_attn.in_proj_weight"
    #expect(text.hasPrefix("MODEL: the checkpoint does not fit the configuration (read as original DETR): "))
    #expect(text.contains(missing))
    #expect(text.contains("query_embed.weight is [4, 12], expected [5, 12]"))
    #expect(text.contains("1 unexpected (stranger)"))
  }

  /// The architecture's name fixes the dimensions: a narrow file is none of that name.
  @Test func architecturesFixTheDimensions() throws {
    let text = try message(of: "detr-original-names", architecture: "detr_resnet50_dc5")
    #expect(text.contains("input_proj.weight is [12, 12, 1, 1], expected [256, 2048, 1, 1]"))
    // Queries and classes are the file's own.
    #expect(text.contains("query_embed.weight is [5, 12], expected [5, 256]"))
    #expect(text.contains("class_embed.weight is [5, 12], expected [5, 256]"))
    #expect(
      ModelRegistry.architectures.filter { $0.hasPrefix("detr_") }
        == ["detr_resnet101", "detr_resnet101_dc5", "detr_resnet50", "detr_resnet50_dc5"])
  }
}
