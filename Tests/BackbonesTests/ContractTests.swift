import Backbones
import Foundation
import NeuralNet
import TestSupport
import Testing
import Torch

/// What every family promises, whatever its network.
@Suite(.serialized)
struct ContractTests {
  static let cases = [
    "timm-vit", "timm-vit-average-pool", "timm-deit3", "hf-deit-teacher", "timm-swin-window3", "hf-swin-non-square",
    "hf-detr",
  ]

  /// Images [N, 3, H, W] that look like nothing, of the case's size.
  private static func images(_ name: String, count: Int) throws -> ImageBatch {
    let shape = try Reference(name).images().pixels.shape
    let pixels = try Tensor.randomNormal([count, shape[2], shape[3], 3], generator: Generator(seed: 7))
    return ImageBatch(pixels: try pixels.permuted(0, 3, 1, 2))
  }

  private static func features(_ model: LoadedModel, _ images: ImageBatch) throws -> [String: Tensor] {
    let shape = images.pixels.shape
    let taps = try model.backbone.taps(height: shape[2], width: shape[3])
    return try model.backbone.features(of: images, taps: Set(taps.map(\.name)))
  }

  @Test(arguments: cases, [false, true])
  func aBatchOfTwoEqualsTwoBatchesOfOne(name: String, prepared: Bool) throws {
    let model = try Reference(name).model()
    let both = try Self.images(name, count: 2)
    if prepared {
      try model.backbone.prepare(batchSize: 2, height: both.pixels.extent(2), width: both.pixels.extent(3))
    }
    let together = try Self.features(model, both)
    for index in 0..<2 {
      let alone = try Self.features(model, ImageBatch(pixels: both.pixels.slice(0, index..<index + 1)))
      for (tap, value) in alone {
        let part = try #require(together[tap]).slice(0, index..<index + 1)
        #expect(try relativeError(part, value) < 2e-6, "\(name), \(tap), image \(index)")
      }
    }
  }

  @Test(arguments: cases, [false, true])
  func twoRunsGiveTheSameBytes(name: String, prepared: Bool) throws {
    let model = try Reference(name).model()
    let images = try Self.images(name, count: 2)
    if prepared {
      try model.backbone.prepare(batchSize: 2, height: images.pixels.extent(2), width: images.pixels.extent(3))
    }
    let first = try Self.features(model, images)
    let second = try Self.features(model, images)
    for (tap, value) in first {
      #expect(try value.values(as: Float.self) == #require(second[tap]).values(as: Float.self), "\(name), \(tap)")
    }
  }

  @Test(arguments: cases)
  func whatIsSavedLoadsEqual(name: String) throws {
    let model = try Reference(name).model()
    let images = try Self.images(name, count: 1)
    let before = try Self.features(model, images)
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let file = folder.url.appendingPathComponent("saved.safetensors")
    try SafetensorsWriter.write(model.backbone.namedParameters().map { ($0.name, try $0.parameter.value) }, to: file)

    try model.backbone.drawParameters(Generator(seed: 1))
    let drawn = try Self.features(model, images)
    let (deepest, value) = try #require(before.max { $0.key < $1.key })
    #expect(try relativeError(#require(drawn[deepest]), value) > 0.1, "new weights change \(deepest)")

    let canonical = CheckpointDialect(name: "canonical") { .stored($0) }
    try model.backbone.load(Checkpoint(at: file), dialect: canonical)
    let after = try Self.features(model, images)
    for (tap, value) in before {
      #expect(try value.values(as: Float.self) == #require(after[tap]).values(as: Float.self), "\(name), \(tap)")
    }
  }

  @Test(arguments: cases)
  func drawnWeightsDependOnTheSeedAlone(name: String) throws {
    let reference = Reference(name)
    func weights(_ seed: UInt64) throws -> [[Float]] {
      let model = try ModelRegistry.load(at: reference.folder, randomWeightsSeed: seed)
      return try model.backbone.namedParameters().map { try $0.parameter.value.values(as: Float.self) }
    }
    #expect(try weights(3) == weights(3))
    #expect(try weights(3) != weights(4))
  }

  /// Runs all steps with gradients, the loss being the squares of all taps.
  private static func loss(_ backbone: some Backbone, _ images: ImageBatch) throws -> Tensor {
    var state = try backbone.begin(images)
    var loss = try Tensor.zeros([])
    for step in backbone.steps {
      try step.advance(&state)
      for reading in step.readings {
        let value = try reading.value(state)
        loss = try loss + (value * value).mean()
      }
    }
    return loss
  }

  @Test(arguments: cases, [false, true])
  func aGradientReachesEveryLearnedParameter(name: String, prepared: Bool) throws {
    let model = try Reference(name).model()
    let images = try Self.images(name, count: 2)
    if prepared {
      try model.backbone.prepare(batchSize: 2, height: images.pixels.extent(2), width: images.pixels.extent(3))
    }
    let learned = model.backbone.namedParameters().filter(\.parameter.isLearned)
    for (_, parameter) in learned { try parameter.value.setRequiresGradient(true) }
    try Self.loss(model.backbone, images).backward()
    for (parameterName, parameter) in learned {
      let gradient = try parameter.value.gradient()
      #expect(gradient != nil, "\(name): \(parameterName)")
      // The first decoder layer attends to zeros among themselves: what it looks at cannot matter.
      guard let gradient, !parameterName.contains("decoder.layers.0.self_attn") else { continue }
      #expect(try gradient.absolute().maximum().item() > 0, "\(name): \(parameterName)")
    }
  }

  @Test(arguments: cases)
  func tapsAreListedInOrderOfDepth(name: String) throws {
    let model = try Reference(name).model()
    let images = try Self.images(name, count: 1)
    let taps = try model.backbone.taps(height: images.pixels.extent(2), width: images.pixels.extent(3)).map(\.name)
    #expect(Set(taps).count == taps.count)
    var visited: [String] = []
    try model.backbone.forward(images, taps: Set(taps)) { tap, _ in visited.append(tap) }
    #expect(visited == taps)
  }

  @Test(arguments: cases)
  func anyOneTapIsWhatAllTogetherGive(name: String) throws {
    let model = try Reference(name).model()
    let images = try Self.images(name, count: 1)
    let all = try Self.features(model, images)
    for (tap, value) in all {
      let alone = try model.backbone.features(of: images, taps: [tap])
      #expect(alone.count == 1)
      #expect(try value.values(as: Float.self) == #require(alone[tap]).values(as: Float.self), "\(name), \(tap)")
    }
  }
}
