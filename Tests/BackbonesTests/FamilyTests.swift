import Backbones
import Foundation
import NeuralNet
import TestFamily
import Testing
import Torch

/// A family is its folder and one entry: what the registry does with one that only tests have.
@Suite(.serialized)
struct FamilyTests {
  private let folder: URL

  init() throws {
    ModelRegistry.register(.patchMixer)
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("palimpsest-\(UUID().uuidString)")
    try PatchMixer.writeCheckpoint(to: folder, seed: 5)
  }

  private func removingFolder<Result>(_ body: () throws -> Result) rethrows -> Result {
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body()
  }

  @Test func aRegisteredFamilyIsLoaded() throws {
    try removingFolder {
      let model = try ModelRegistry.load(at: folder)
      #expect(model.backbone.family == .patchMixer)
      #expect(model.family.titles == ["Patch Mixer"] && model.dialect == "patch mixer")
      let drawn = PatchMixer(PatchMixer.Configuration())
      try drawn.drawParameters(Generator(seed: 5))
      for (loaded, expected) in zip(model.backbone.namedParameters(), drawn.namedParameters()) {
        #expect(try loaded.parameter.value.values(as: Float.self) == expected.parameter.value.values(as: Float.self))
      }
      let taps = try model.backbone.taps(height: 16, width: 16)
      #expect(taps.map(\.name) == ["embed", "layer.0", "layer.1", "logits"])
      #expect(taps.map(\.parent) == [nil, "embed", "layer.0", "layer.1"])
      let stages = try TapSelection.select("stages", from: taps, components: model.backbone.components)
      #expect(stages.map(\.name) == ["embed", "layer.1", "logits"])
    }
  }

  @Test func itsArchitectureIsRecordedAndRebuilt() throws {
    try removingFolder {
      let architecture = BackboneArchitecture(of: try ModelRegistry.load(at: folder).backbone)
      let data = try JSONEncoder().encode(architecture)
      let decoded = try JSONDecoder().decode(BackboneArchitecture.self, from: data)
      #expect(decoded == architecture)
      let rebuilt = try ModelRegistry.backbone(decoded, place: "plan.json")
      #expect(try rebuilt.taps(height: 16, width: 16).map(\.name) == ["embed", "layer.0", "layer.1", "logits"])
    }
  }

  @Test func itIsNamedAmongTheKnownFamilies() throws {
    try removingFolder {
      let error = #expect(throws: BackboneError.self) {
        try ModelRegistry.load(
          at: folder.appendingPathComponent("model.safetensors"), architecture: "no_such_model_1234567")
      }
      #expect(
        error?.description.hasSuffix(
          "ViT, DINOv2, DINOv3, CLIP, SigLIP, MAE, EVA, DeiT, DeiT III, Swin, DETR, ResNet, ConvNeXt, ConvNeXt V2 and Patch Mixer are known"
        ) == true)
    }
  }

  /// An architecture of a family that is not registered is read, and refused where the network is wanted.
  @Test func anUnknownFamilyHasNoNetwork() throws {
    let data = Data(#"{"family": "unheard-of", "configuration": {}}"#.utf8)
    let architecture = try JSONDecoder().decode(BackboneArchitecture.self, from: data)
    let error = #expect(throws: BackboneError.self) { try ModelRegistry.backbone(architecture, place: "plan.json") }
    #expect(
      error?.description == "plan.json: the architecture 'unheard-of' has no configuration; fetch the file again")
    try? FileManager.default.removeItem(at: folder)
  }
}
