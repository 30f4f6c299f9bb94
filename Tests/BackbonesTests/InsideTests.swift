import Backbones
import Formats
import Foundation
import HDF5
import TestSupport
import Testing
import Torch

/// What is inside blocks, against what timm and transformers compute there (`scripts/fixtures/inside_blocks.py`).
@Suite(.serialized)
struct InsideTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/inside")
  private static let tolerance = 1e-5

  private static var cases: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".h5") }
        .map { String($0.dropLast(3)) }.sorted()
    }
  }

  private static func inside(_ model: LoadedModel, _ images: ImageBatch) throws -> [Tap] {
    try model.insideTaps(height: images.pixels.extent(2), width: images.pixels.extent(3))
  }

  @Test(arguments: try Self.cases, [false, true])
  func everyValueInsideABlockAgrees(name: String, prepared: Bool) throws {
    let reference = Reference(name)
    let model = try reference.model()
    let images = try reference.images()
    let (batch, height, width) = (images.pixels.extent(0), images.pixels.extent(2), images.pixels.extent(3))
    if prepared { try model.backbone.prepare(batchSize: batch, height: height, width: width) }
    let taps = try Self.inside(model, images)
    let file = try HDF5File.open(Self.folder.appendingPathComponent("\(name).h5").path)
    #expect(try Set(file.children(of: "/").map(\.name)) == Set(taps.map(\.name)))
    let values = try model.backbone.features(of: images, taps: Set(taps.map(\.name)))
    for tap in taps {
      let dataset = try file.dataset("/" + tap.name)
      let expected = try Tensor(dataset.read(Float.self), shape: dataset.shape)
      let value = try #require(values[tap.name])
      #expect(value.shape == expected.shape, "\(tap.name)")
      #expect(value.shape == [batch, tap.tokens, tap.channels], "\(tap.name)")
      #expect(tap.axes.reduce(1) { $0 * $1.length } == tap.tokens * tap.channels, "\(tap.name)")
      #expect(try relativeError(value, expected) <= Self.tolerance, "\(name), \(tap.name)")
    }
  }

  /// Every family that has blocks with attention has a reference, and one of every kind of part.
  @Test func thereAreReferencesOfEveryFamilyAndPart() throws {
    var families: Set<Family> = []
    var parts: Set<BlockPart> = []
    for name in try Self.cases {
      let model = try Reference(name).model()
      families.insert(model.backbone.family)
      parts.formUnion(try Self.inside(model, Reference(name).images()).compactMap { BlockPart.split($0.name)?.part })
    }
    #expect(families == [.vit, .deit, .swin, .detr] && parts == Set(BlockPart.allCases))
  }

  // MARK: What all families promise

  /// The fused attention stays where it is: reading inside a block changes no byte of any other tap.
  @Test(arguments: ContractCase.chosen, [false, true])
  func readingInsideChangesNothing(of contract: ContractCase, prepared: Bool) throws {
    let model = try contract.model()
    let size = model.backbone.nativeSize ?? ImageSize(height: 96, width: 128)
    let pixels = try Tensor.randomNormal([2, size.height, size.width, 3], generator: Generator(seed: 7))
    let images = ImageBatch(pixels: try pixels.permuted(0, 3, 1, 2))
    if prepared { try model.backbone.prepare(batchSize: 2, height: size.height, width: size.width) }
    let taps = try model.taps(height: size.height, width: size.width)
    let inside = try model.insideTaps(height: size.height, width: size.width)
    let alone = try model.backbone.features(of: images, taps: Set(taps.map(\.name)))
    var visited: [String] = []
    var together: [String: Tensor] = [:]
    try model.backbone.forward(images, taps: Set((taps + inside).map(\.name))) {
      visited.append($0)
      together[$0] = $1
    }
    #expect(visited == TapSelection.merged(taps, inside).map(\.name), "in order of depth")
    for (tap, value) in alone {
      #expect(try value.values(as: Float.self) == #require(together[tap]).values(as: Float.self), "\(tap)")
    }
    // A value inside does not depend on what else is read either, nor on the images beside it.
    for tap in inside.suffix(14) {
      let value = try #require(try model.backbone.features(of: images, taps: [tap.name])[tap.name])
      #expect(try value.values(as: Float.self) == #require(together[tap.name]).values(as: Float.self), "\(tap.name)")
    }
    let second = ImageBatch(pixels: try images.pixels.slice(0, 1..<2))
    for (tap, value) in try model.backbone.features(of: second, taps: Set(inside.map(\.name))) {
      #expect(try relativeError(#require(together[tap]).slice(0, 1..<2), value) < 2e-6, "\(tap)")
    }
  }

  @Test(arguments: ContractCase.chosen)
  func whatIsInsideHangsBelowTheLayerBeforeTheBlock(of contract: ContractCase) throws {
    let model = try contract.model()
    let size = model.backbone.nativeSize ?? ImageSize(height: 96, width: 128)
    let taps = Dictionary(
      uniqueKeysWithValues: try model.taps(height: size.height, width: size.width).map { ($0.name, $0) })
    for tap in try model.insideTaps(height: size.height, width: size.width) {
      let (block, part) = try #require(BlockPart.split(tap.name))
      let own = try #require(taps[block], "\(tap.name)")
      #expect(tap.parent == own.parent && tap.depth == own.depth)
      #expect(tap.role == (part.holdsWeights ? .weights : .inside))
      #expect(taps[tap.name] == nil)
    }
  }

  /// Rows of weights are averages: they sum to 1, in every head, window and layer.
  @Test(arguments: ["hf-vit-non-square", "timm-swin-window3", "detr-padding-mask"])
  func rowsOfWeightsSumToOne(name: String) throws {
    let (model, images) = (try Reference(name).model(), try Reference(name).images())
    let weights = try Self.inside(model, images).filter { $0.role == .weights }
    #expect(!weights.isEmpty)
    for (tap, value) in try model.backbone.features(of: images, taps: Set(weights.map(\.name))) {
      #expect(try (value.sum([2]) - 1).absolute().maximum().item() < 1e-5, "\(tap)")
      #expect(try value.minimum().item() >= 0, "\(tap)")
    }
  }

  /// `docs/store.md` says of each part what stores and `inspect` say.
  @Test func thePageHasEveryDefinition() throws {
    let page = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/store.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    for part in BlockPart.allCases {
      #expect(
        rows.contains { $0.hasPrefix("| `\(part.rawValue)` | [") && $0.hasSuffix("| \(part.definition) |") },
        "\(part.rawValue)")
    }
  }

  // MARK: Names

  private static func selected(_ text: String, _ name: String) throws -> [String] {
    let model = try Reference(name).model()
    let size = model.backbone.nativeSize ?? ImageSize(height: 96, width: 128)
    return try TapSelection.select(
      text, from: model.taps(height: size.height, width: size.width),
      inside: model.insideTaps(height: size.height, width: size.width), components: model.backbone.components
    ).map(\.name)
  }

  @Test func namesAreTakenInAnyOrderAndGivenByDepth() throws {
    #expect(
      try Self.selected("block.1.mlp.output, block.1.attention.q,block.0,block.1", "hf-vit-non-square")
        == ["block.0", "block.1.attention.q", "block.1.mlp.output", "block.1"])
    #expect(try Self.selected("all", "hf-vit-non-square") == ["embed", "block.0", "block.1", "norm", "logits"])
    #expect(try Self.selected("stage.0.block.1.attention.weights", "timm-swin-window3").count == 1)
  }

  @Test(arguments: [
    (
      "hf-vit-non-square", "block.99.attention.q",
      "its blocks are block.0, block.1, inside which there are attention.q, attention.k, attention.v, attention.weights, "
        + "attention.output, residual.attention, mlp.hidden, mlp.output"
    ),
    (
      "hf-vit-non-square", "block.1.attention",
      "inside block.1 there are attention.q, attention.k, attention.v, attention.weights, attention.output, "
        + "residual.attention, mlp.hidden, mlp.output, as in block.1.attention.q"
    ),
    (
      "hf-vit-non-square", "block.0.cross.weights",
      "inside block.0 there are attention.q, attention.k, attention.v, attention.weights, attention.output, "
        + "residual.attention, mlp.hidden, mlp.output, as in block.0.attention.q"
    ),
    (
      "timm-swin-head-dim", "stage.0.attention.q",
      "its blocks are stage.0.block.0, stage.0.block.1, stage.1.block.0, stage.1.block.1, inside which there are "
        + "attention.q, attention.k, attention.v, attention.weights, attention.output, residual.attention, mlp.hidden, "
        + "mlp.output"
    ),
    (
      "hf-detr-basic", "encoder.0.cross.q",
      "inside encoder.0 there are attention.q, attention.k, attention.v, attention.weights, attention.output, "
        + "residual.attention, mlp.hidden, mlp.output, as in encoder.0.attention.q"
    ),
    (
      "hf-vit-non-square", "embd",
      "it has embed, block.0, block.1, norm, logits, and 'all' and 'stages' are understood; what is inside blocks is named "
        + "as in block.0.attention.q"
    ),
    (
      "hf-resnet", "stage.0.block.0.attention.q",
      "it has embed, stage.0.block.0, stage.0, stage.1.block.0, stage.1.block.1, stage.1, stage.2.block.0, stage.2, "
        + "stage.3.block.0, stage.3, logits, and 'all' and 'stages' are understood"
    ),
  ])
  func aWrongNameIsToldWhatThereIs(model: String, tap: String, rest: String) throws {
    let error = #expect(throws: BackboneError.self) { _ = try Self.selected(tap, model) }
    #expect(error?.description == "--taps: the model has no tap '\(tap)'; \(rest)")
  }

  // MARK: Tokens

  @Test func tokensOfWeightsAreQueries() throws {
    let (model, images) = (try Reference("hf-deit-teacher").model(), try Reference("hf-deit-teacher").images())
    let tap = try #require(try Self.inside(model, images).first { $0.role == .weights })
    let value = try #require(try model.backbone.features(of: images, taps: [tap.name])[tap.name])
    let (heads, queries) = (tap.axes[0].length, tap.axes[1].length)
    let kept = try #require(TokenSelection.prefix.reduce(tap))
    #expect(kept.tokens == heads * 2 && kept.axes.map(\.length) == [heads, 2, queries])
    let prefix = try TokenSelection.prefix.reduce(value, of: tap)
    #expect(prefix.shape == [value.extent(0), heads * 2, queries])
    // Of head 1 the class and the distillation token.
    #expect(
      try prefix.slice(1, 2..<4).values(as: Float.self)
        == value.slice(1, queries..<queries + 2).values(as: Float.self))
    #expect(TokenSelection.mean.reduce(tap) == nil)
  }
}
