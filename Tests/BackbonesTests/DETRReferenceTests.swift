import Backbones
import TestSupport
import Testing
import Torch

/// Every DETR checkpoint of the fixtures against what transformers computes from it.
@Suite(.serialized)
struct DETRReferenceTests {
  /// What float32 allows for: the design asks for 1e-5.
  static let tolerance = 1e-5

  static func worst(_ model: LoadedModel, _ reference: Reference) throws -> (tap: String, error: Double) {
    let expected = try reference.features()
    let images = try reference.images()
    let shape = images.pixels.shape
    let taps = try model.backbone.taps(height: shape[2], width: shape[3])
    #expect(Set(taps.map(\.name)) == Set(expected.keys), "\(reference.name)")
    var worst = (tap: "", error: 0.0)
    let values = try model.backbone.features(of: images, taps: Set(taps.map(\.name)))
    for tap in taps {
      let (value, grid, _) = try #require(expected[tap.name], "\(reference.name) \(tap.name)")
      let actual = try #require(values[tap.name], "\(reference.name) \(tap.name)")
      #expect(actual.shape == value.shape && value.shape == [shape[0], tap.tokens, tap.channels])
      #expect(tap.grid == grid && tap.prefixTokens == 0, "\(reference.name) \(tap.name)")
      let error = try relativeError(actual, value)
      if !(error <= worst.error) { worst = (tap.name, error) }
    }
    return worst
  }

  @Test(arguments: try Reference.names(of: .detr))
  func everyTapAgrees(name: String) throws {
    let reference = Reference(name)
    let model = try reference.model()
    #expect(model.backbone.family == .detr)
    let plain = try Self.worst(model, reference)
    #expect(plain.error <= Self.tolerance, "\(name), plain: \(plain.tap)")

    let shape = try reference.images().pixels.shape
    try model.backbone.prepare(batchSize: shape[0], height: shape[2], width: shape[3])
    let prepared = try Self.worst(model, reference)
    #expect(prepared.error <= Self.tolerance, "\(name), prepared: \(prepared.tap)")
  }

  @Test func thereAreCasesOfEveryDialect() throws {
    let dialects = try Set(Reference.names(of: .detr).map { try Reference($0).model().dialect })
    #expect(
      dialects == ["original DETR", "transformers, timm backbone", "transformers, transformers backbone"])
  }
}
