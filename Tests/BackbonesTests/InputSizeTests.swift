import Backbones
import Foundation
import Testing
import Torch

/// Inputs of another size than the checkpoint's own, against timm's loading into a model of the new size and
/// transformers' interpolation.
struct InputSizeTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/resized")

  private static func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasSuffix(".json") }.sorted()
  }

  @Test(arguments: try names())
  func everyTapAgreesAtAnotherSize(name: String) throws {
    let reference = Reference(name, in: Self.folder)
    let model = try reference.model()
    let plain = try TransformerReferenceTests.worst(model, reference)
    #expect(plain.error <= TransformerReferenceTests.tolerance, "\(name), plain: \(plain.tap)")
    let shape = try reference.images().pixels.shape
    try model.backbone.prepare(batchSize: 1, height: shape[2], width: shape[3])
    let prepared = try TransformerReferenceTests.worst(model, reference)
    #expect(prepared.error <= TransformerReferenceTests.tolerance, "\(name), prepared: \(prepared.tap)")
  }

  private func refusal(_ name: String, height: Int, width: Int) throws -> String? {
    let backbone = try Reference(name).model().backbone
    return #expect(throws: BackboneError.self) { try backbone.taps(height: height, width: width) }?.description
  }

  @Test func sizesThatPatchesDoNotDivideAreRefused() throws {
    #expect(
      try refusal("timm-vit", height: 64, width: 70)
        == "the input is 70x64 (width x height), but patches are 16x16: give multiples of them, "
        + "or the native size 64x64")
    #expect(
      try refusal("timm-swin", height: 66, width: 64)
        == "the input is 64x66 (width x height), but patches are 4x4: give multiples of them, or the native size 64x64")
  }

  @Test func sizesWhoseWindowsHaveNoBiasesAreRefused() throws {
    #expect(
      try refusal("timm-swin", height: 32, width: 64)
        == "for inputs of 64x32 (width x height), the windows of stage 2 are 4x2, but the checkpoint's position biases "
        + "are for 4x4; give the native size 64x64 or a larger one")
  }
}
