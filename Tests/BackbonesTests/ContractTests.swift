import Backbones
import Formats
import Foundation
import NeuralNet
import TestSupport
import Testing
import Torch

/// What every family promises, whatever its network: run over what is registered.
@Suite(.serialized)
struct ContractTests {
  /// Height and width that a model takes: its own, or any for one that takes all.
  private static func size(_ model: LoadedModel) -> ImageSize {
    model.backbone.nativeSize ?? ImageSize(height: 96, width: 128)
  }

  /// Random images `[N, 3, H, W]` of the model's size.
  private static func images(_ model: LoadedModel, count: Int) throws -> ImageBatch {
    let size = Self.size(model)
    let (height, width) = (size.height, size.width)
    let pixels = try Tensor.randomNormal([count, height, width, 3], generator: Generator(seed: 7))
    return ImageBatch(pixels: try pixels.permuted(0, 3, 1, 2))
  }

  private static func taps(_ model: LoadedModel) throws -> [Tap] {
    let size = Self.size(model)
    let (height, width) = (size.height, size.width)
    return try model.backbone.taps(height: height, width: width)
  }

  private static func prepare(_ model: LoadedModel) throws {
    let size = Self.size(model)
    let (height, width) = (size.height, size.width)
    try model.backbone.prepare(batchSize: 2, height: height, width: width)
  }

  private static func features(_ model: LoadedModel, _ images: ImageBatch) throws -> [String: Tensor] {
    try model.backbone.features(of: images, taps: Set(taps(model).map(\.name)))
  }

  @Test(arguments: ContractCase.chosen, [false, true])
  func aBatchOfTwoEqualsTwoBatchesOfOne(of contract: ContractCase, prepared: Bool) throws {
    let model = try contract.model()
    let both = try Self.images(model, count: 2)
    if prepared { try Self.prepare(model) }
    let together = try Self.features(model, both)
    for index in 0..<2 {
      let alone = try Self.features(model, ImageBatch(pixels: both.pixels.slice(0, index..<index + 1)))
      for (tap, value) in alone {
        let part = try #require(together[tap]).slice(0, index..<index + 1)
        #expect(try relativeError(part, value) < 2e-6, "\(contract.name), \(tap), image \(index)")
      }
    }
  }

  @Test(arguments: ContractCase.chosen, [false, true])
  func twoRunsGiveTheSameBytes(of contract: ContractCase, prepared: Bool) throws {
    let model = try contract.model()
    let images = try Self.images(model, count: 2)
    if prepared { try Self.prepare(model) }
    let first = try Self.features(model, images)
    let second = try Self.features(model, images)
    for (tap, value) in first {
      #expect(
        try value.values(as: Float.self) == #require(second[tap]).values(as: Float.self), "\(contract.name), \(tap)")
    }
  }

  @Test(arguments: ContractCase.chosen)
  func whatIsSavedLoadsEqual(of contract: ContractCase) throws {
    let model = try contract.model()
    let images = try Self.images(model, count: 1)
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
      #expect(
        try value.values(as: Float.self) == #require(after[tap]).values(as: Float.self), "\(contract.name), \(tap)")
    }
  }

  @Test(arguments: ContractCase.chosen)
  func drawnWeightsDependOnTheSeedAlone(of contract: ContractCase) throws {
    func weights(_ seed: UInt64) throws -> [[Float]] {
      let model = try contract.model(randomWeightsSeed: seed)
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

  @Test(arguments: ContractCase.chosen, [false, true])
  func aGradientReachesEveryLearnedParameter(of contract: ContractCase, prepared: Bool) throws {
    let model = try contract.model()
    let images = try Self.images(model, count: 2)
    if prepared { try Self.prepare(model) }
    let learned = model.backbone.namedParameters().filter(\.parameter.isLearned)
    for (_, parameter) in learned { try parameter.value.setRequiresGradient(true) }
    try Self.loss(model.backbone, images).backward()
    for (parameterName, parameter) in learned {
      let gradient = try parameter.value.gradient()
      #expect(gradient != nil, "\(contract.name): \(parameterName)")
      // The first decoder layer attends to zeros among themselves: what it looks at cannot matter.
      guard let gradient, !parameterName.contains("decoder.layers.0.self_attn") else { continue }
      #expect(try gradient.absolute().maximum().item() > 0, "\(contract.name): \(parameterName)")
    }
  }

  @Test(arguments: ContractCase.chosen)
  func tapsAreListedInOrderOfDepth(of contract: ContractCase) throws {
    let model = try contract.model()
    let images = try Self.images(model, count: 1)
    let taps = try Self.taps(model).map(\.name)
    #expect(Set(taps).count == taps.count)
    var visited: [String] = []
    try model.backbone.forward(images, taps: Set(taps)) { tap, _ in visited.append(tap) }
    #expect(visited == taps)
  }

  @Test(arguments: ContractCase.chosen)
  func anyOneTapIsWhatAllTogetherGive(of contract: ContractCase) throws {
    let model = try contract.model()
    let images = try Self.images(model, count: 1)
    let all = try Self.features(model, images)
    for (tap, value) in all {
      let alone = try model.backbone.features(of: images, taps: [tap])
      #expect(alone.count == 1)
      #expect(
        try value.values(as: Float.self) == #require(alone[tap]).values(as: Float.self), "\(contract.name), \(tap)")
    }
  }

  // MARK: Depth and components

  /// One root; every other tap comes after its parent and is one deeper, or is the same value under a second name.
  @Test(arguments: ContractCase.chosen)
  func parentsOfTapsFormOneTreeInForwardOrder(of contract: ContractCase) throws {
    let model = try contract.model()
    let values = try Self.features(model, Self.images(model, count: 1))
    var depths: [String: Int] = [:]
    for tap in try Self.taps(model) {
      if let parent = tap.parent {
        let depth = try #require(depths[parent], "\(tap.name) comes before its parent \(parent)")
        if tap.depth == depth {
          let (value, same) = (try #require(values[tap.name]), try #require(values[parent]))
          #expect(try value.values(as: Float.self) == same.values(as: Float.self), "\(tap.name) is not \(parent)")
        } else {
          #expect(tap.depth == depth + 1, "\(tap.name)")
        }
      } else {
        #expect(depths.isEmpty && tap.depth == 0, "\(tap.name) is a second root")
      }
      depths[tap.name] = tap.depth
    }
  }

  /// Taps are of one depth where they are read after the same step, and only there.
  @Test(arguments: ContractCase.chosen)
  func depthCountsTheStepsThatAreRead(of contract: ContractCase) throws {
    func expectDepths(_ backbone: some Backbone, _ taps: [Tap]) {
      let steps = backbone.steps.map { $0.readings.map(\.tap) }.filter { !$0.isEmpty }
      let depths = Dictionary(uniqueKeysWithValues: taps.map { ($0.name, $0.depth) })
      for (depth, names) in steps.enumerated() { #expect(names.allSatisfy { depths[$0] == depth }, "\(names)") }
      #expect(steps.joined().count == taps.count)
    }
    let model = try contract.model()
    expectDepths(model.backbone, try Self.taps(model))
  }

  @Test(arguments: ContractCase.chosen)
  func everyTapIsOfOneComponent(of contract: ContractCase) throws {
    let model = try contract.model()
    let names = try Self.taps(model).map(\.name)
    #expect(model.backbone.components.flatMap(\.taps) == names)
  }

  @Test(arguments: ContractCase.chosen)
  func theKindNamesTapsOfTheRightShape(of contract: ContractCase) throws {
    let model = try contract.model()
    let taps = Dictionary(uniqueKeysWithValues: try Self.taps(model).map { ($0.name, $0) })
    switch model.backbone.kind {
    case .classifier(let logits):
      #expect(try #require(taps[logits]).tokens == 1)
    case .detector(let scores, let boxes):
      let (scores, boxes) = (try #require(taps[scores]), try #require(taps[boxes]))
      #expect(boxes.channels == 4 && boxes.tokens == scores.tokens)
      #expect(boxes.parent == scores.parent && boxes.depth == scores.depth)
    case .encoder:
      #expect(taps["logits"] == nil)
    }
  }

  @Test func stagesAreTheirLastBlocksAndHeadsAreSiblings() throws {
    func taps(_ name: String) throws -> [String: Tap] {
      Dictionary(uniqueKeysWithValues: try Self.taps(Reference(name).model()).map { ($0.name, $0) })
    }
    let swin = try taps("timm-swin")
    let (stage, block) = (try #require(swin["stage.1"]), try #require(swin["stage.1.block.1"]))
    #expect(stage.parent == block.name && stage.depth == block.depth)
    #expect(swin["stage.2.block.0"]?.parent == "stage.1" && swin["stage.2.block.0"]?.depth == stage.depth + 1)
    let detr = try taps("hf-detr")
    let (logits, boxes) = (try #require(detr["logits"]), try #require(detr["boxes"]))
    #expect(logits.parent == "decoder.1" && boxes.parent == "decoder.1")
    let decoder = try #require(detr["decoder.1"])
    #expect(logits.depth == boxes.depth && logits.depth == decoder.depth + 1)
  }

  @Test func stagesAreTheOutputsOfComponents() throws {
    func selected(_ name: String) throws -> [String] {
      let model = try Reference(name).model()
      return try TapSelection.select("stages", from: Self.taps(model), components: model.backbone.components).map(
        \.name)
    }
    #expect(try selected("timm-vit") == ["embed", "block.2", "norm", "logits"])
    #expect(try selected("timm-swin") == ["embed", "stage.0", "stage.1", "stage.2", "norm", "logits"])
    #expect(
      try selected("hf-detr") == [
        "backbone.layer1", "backbone.layer2", "backbone.layer3", "backbone.layer4", "projection", "encoder.1",
        "decoder.1", "logits", "boxes",
      ])
  }
}
