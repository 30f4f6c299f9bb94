import Backbones
import Foundation
import NeuralNet
import TestSupport
import Testing
import Torch

/// Checkpoints as other programs write them: words around every name, stray tensors, tied tensors, the Hub's cache.
@Suite struct OtherCheckpointsTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  /// A copy of a case under other names of its tensors; those that become nil are left out.
  func rewritten(
    _ name: String, to folder: String = "model", metadata: [String: String] = [:],
    configuration edit: (inout [String: Any]) -> Void = { _ in }, rename: (String) -> String?
  ) throws -> URL {
    let source = Reference.folder.appendingPathComponent(name)
    let target = temporary.url.appendingPathComponent(folder)
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    let checkpoint = try Checkpoint(at: source)
    try SafetensorsWriter.write(
      checkpoint.names.compactMap { name in try rename(name).map { ($0, try checkpoint.tensor(named: name)) } },
      metadata: metadata, to: target.appendingPathComponent("model.safetensors"))
    let data = try Data(contentsOf: source.appendingPathComponent("config.json"))
    var fields = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    edit(&fields)
    try JSONSerialization.data(withJSONObject: fields).write(to: target.appendingPathComponent("config.json"))
    return target
  }

  func expectSame(_ first: LoadedModel, _ second: LoadedModel, _ name: String) throws {
    let parameters = zip(first.backbone.namedParameters(), second.backbone.namedParameters())
    for (one, other) in parameters {
      #expect(
        try one.name == other.name
          && one.parameter.value.values(as: Float.self) == other.parameter.value.values(as: Float.self),
        "\(name): \(one.name)")
    }
  }

  @Test(arguments: [
    "timm-vit", "hf-vit", "timm-swin", "hf-swin", "timm-deit3", "hf-deit", "hf-dinov2",
    "hf-dinov2-registers-classifier",
    "hf-clip", "hf-clip-vision", "hf-clip-vision-projection", "hf-siglip", "hf-siglip-vision", "hf-mae", "hf-msn",
    "hf-ijepa-classifier",
  ])
  func aWordAroundEveryNameIsTakenOff(_ name: String) throws {
    let folder = try rewritten(name) { "trainer.net." + $0 }
    try expectSame(try ModelRegistry.load(at: folder), try Reference(name).model(), name)
  }

  @Test func aStrayTensorDoesNotDecideTheSpelling() throws {
    let strays = [
      ("timm-vit", "vit.layers.9.weight", "timm"), ("timm-swin", "encoder.extra", "timm"),
      ("hf-vit", "blocks.7.weight", "transformers"), ("hf-swin", "layers.0.downsample.odd", "transformers"),
    ]
    for (name, stray, dialect) in strays {
      var isFirst = true
      let folder = try rewritten(name, to: "stray-\(name)") { tensor in
        // The first tensor gets the stray's name, so that it is missing and the stray unexpected.
        defer { isFirst = false }
        return isFirst ? stray : tensor
      }
      let error = #expect(throws: CheckpointError.self) { try ModelRegistry.load(at: folder) }
      #expect(error?.description.contains("(read as \(dialect)): 1 missing") == true, "\(error?.description ?? "")")
      #expect(error?.description.contains("1 unexpected (\(stray))") == true, "\(error?.description ?? "")")
    }
  }

  /// `SwinBackbone.save_pretrained` of transformers 5.24 writes `embeddings.…`, `encoder.…` and `swin.layernorm.…`.
  @Test func aBackboneThatTransformersSavesAloneIsRead() throws {
    let folder = try rewritten("hf-swin", configuration: { $0["architectures"] = ["SwinBackbone"] }) { name in
      if name.hasPrefix("classifier.") { return nil }
      return name.hasPrefix("swin.layernorm.") ? name : String(name.dropFirst("swin.".count))
    }
    let (alone, whole) = (try ModelRegistry.load(at: folder), try Reference("hf-swin").model())
    try expectSame(alone, whole, "hf-swin")
    #expect(alone.backbone.kind == .encoder)
  }

  /// `safetensors.torch.save_model` stores a tensor that two parameters share once, and the other's name in the metadata.
  @Test func tiedTensorsAreFoundByTheMetadata() throws {
    let folder = try rewritten(
      "timm-deit-distilled",
      metadata: ["head_dist.weight": "head.weight", "head_dist.bias": "head.bias", "format": "pt"]
    ) { $0.hasPrefix("head_dist.") ? nil : $0 }
    let parameters = try ModelRegistry.load(at: folder).backbone.namedParameters()
    for part in ["weight", "bias"] {
      let one = try #require(parameters.first { $0.name == "head.\(part)" })
      let other = try #require(parameters.first { $0.name == "head_dist.\(part)" })
      #expect(try one.parameter.value.values(as: Float.self) == other.parameter.value.values(as: Float.self))
    }
  }

  @Test func aFolderOfTheHubsCacheIsItsSnapshot() throws {
    let cache = "models--timm--vit"
    _ = try rewritten("timm-vit", to: "\(cache)/snapshots/aaa") { $0 }
    let folder = temporary.url.appendingPathComponent(cache)
    try expectSame(try ModelRegistry.load(at: folder), try Reference("timm-vit").model(), "the only one")
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("snapshots/bbb"), withIntermediateDirectories: true)
    let error = #expect(throws: CheckpointError.self) { try ModelRegistry.load(at: folder) }
    #expect(
      error?.description
        == "\(folder.path): a folder of the Hub's cache with 2 snapshots, none of which refs/main names; give one of them: "
        + "snapshots/aaa, snapshots/bbb")
    try temporary.write(Array("aaa\n".utf8), to: "\(cache)/refs/main")
    try expectSame(try ModelRegistry.load(at: folder), try Reference("timm-vit").model(), "the one that is named")
    // A tag that was fetched later is newer than the branch.
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("refs/tags"), withIntermediateDirectories: true)
    try temporary.write(Array("bbb".utf8), to: "\(cache)/refs/tags/v1")
    func date(_ reference: String, _ seconds: Double) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: seconds)],
        ofItemAtPath: folder.appendingPathComponent("refs/\(reference)").path)
    }
    try date("main", 1_000_000)
    try date("tags/v1", 2_000_000)
    #expect(try ModelLocation.snapshot(of: folder).lastPathComponent == "bbb")
    try date("tags/v1", 1_000_000)
    #expect(try ModelLocation.snapshot(of: folder).lastPathComponent == "aaa")
  }

  @Test func aSnapshotOfTheHubsCacheSaysWhichModelItIs() {
    func origin(_ path: String) -> String? { ModelLocation.origin(of: URL(fileURLWithPath: path))?.text }
    #expect(origin("/c/models--google--vit-base/snapshots/abc/") == "google/vit-base@abc")
    #expect(origin("/c/models--gpt2/snapshots/abc") == "gpt2@abc")
    #expect(origin("/c/datasets--a--b/snapshots/abc") == nil)
    #expect(origin("/c/models--a--b/blobs/abc") == nil)
    #expect(origin("/photos/vit") == nil)
  }

  @Test func countsAreHeldAgainstTheTensorsBeforeAnythingIsBuilt() throws {
    let folder = try rewritten("hf-vit", configuration: { $0["num_hidden_layers"] = 4000 }) { $0 }
    let error = #expect(throws: BackboneError.self) { try ModelRegistry.load(at: folder) }
    #expect(
      error?.description.contains("the configuration makes a network of 4000 layers, but the weights are only") == true)
    for (key, value) in [("hidden_size", 1e18), ("num_hidden_layers", 1e9), ("num_attention_heads", -1)] {
      let folder = try rewritten("hf-vit", to: key, configuration: { $0[key] = Int(value) }) { $0 }
      #expect(throws: BackboneError.self, "\(key)") { try ModelRegistry.load(at: folder) }
    }
  }
}
