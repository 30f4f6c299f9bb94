import Backbones
import HDF5
import TestSupport
import Testing
import Torch

/// Every checkpoint of ViT, DeiT, Swin, ResNet and ConvNeXt of the fixtures against what timm or transformers computes from it.
@Suite(.serialized)
struct TransformerReferenceTests {
  /// What float32 allows for: the design asks for 1e-5.
  static let tolerance = 1e-5

  /// The tap that differs most from the reference.
  static func worst(_ model: LoadedModel, _ reference: Reference) throws -> (tap: String, error: Double) {
    let expected = try reference.features()
    let images = try reference.images()
    let shape = images.pixels.shape
    let taps = try model.backbone.taps(height: shape[2], width: shape[3])
    #expect(Set(taps.map(\.name)) == Set(expected.keys), "\(reference.name)")
    var worst = (tap: "", error: 0.0)
    let values = try model.backbone.features(of: images, taps: Set(taps.map(\.name)))
    for tap in taps {
      let expected = try #require(expected[tap.name], "\(reference.name) \(tap.name)")
      let actual = try #require(values[tap.name], "\(reference.name) \(tap.name)")
      #expect(actual.shape == expected.value.shape, "\(reference.name) \(tap.name)")
      #expect(actual.shape == [shape[0], tap.tokens, tap.channels], "\(reference.name) \(tap.name)")
      #expect(tap.grid == expected.grid, "\(reference.name) \(tap.name)")
      #expect(tap.prefixTokens == expected.prefixTokens, "\(reference.name) \(tap.name)")
      let error = try relativeError(actual, expected.value)
      if !(error <= worst.error) { worst = (tap.name, error) }
    }
    return worst
  }

  @Test(arguments: try Reference.names(of: .vit, .deit, .swin, .resnet, .convnext))
  func everyTapAgrees(name: String) throws {
    let reference = Reference(name)
    let model = try reference.model()
    let plain = try Self.worst(model, reference)
    #expect(plain.error <= Self.tolerance, "\(name), plain: \(plain.tap)")

    let images = try reference.images()
    let shape = images.pixels.shape
    let taps = try model.backbone.taps(height: shape[2], width: shape[3])
    let before = try model.backbone.features(of: images, taps: Set(taps.map(\.name)))
    try model.backbone.prepare(batchSize: shape[0], height: shape[2], width: shape[3])
    let prepared = try Self.worst(model, reference)
    #expect(prepared.error <= Self.tolerance, "\(name), prepared: \(prepared.tap)")
    let after = try model.backbone.features(of: images, taps: Set(taps.map(\.name)))
    for tap in taps {
      let (plain, fast) = (try #require(before[tap.name]), try #require(after[tap.name]))
      #expect(try relativeError(fast, plain) < 2e-6, "\(name), \(tap.name): prepared against plain")
    }
  }

  @Test func thereAreCasesOfEveryDialect() throws {
    let dialects = try Set(Reference.names(of: .vit, .deit, .swin).map { try Reference($0).model().dialect })
    #expect(
      dialects == [
        "timm", "timm's Eva", "older timm", "the original repository of DeiT III", "transformers",
        "the modules of transformers 5",
        "transformers vit_mae", "transformers vit_msn", "transformers ijepa", "transformers dinov2",
        "transformers dinov2_with_registers", "transformers clip", "transformers clip_vision_model",
        "transformers siglip", "transformers siglip_vision_model",
      ])
  }

  @Test func familiesAreRecognised() throws {
    for family in [Family.vit, .deit, .swin, .resnet, .convnext] {
      for name in try Reference.names(of: family) {
        #expect(try Reference(name).model().backbone.family == family, "\(name)")
      }
    }
  }
}
