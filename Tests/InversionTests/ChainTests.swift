import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

/// What chains are made of, and what they refuse.
@Suite(.serialized)
struct ChainTests {
  private static func chain(
    _ name: String, cuts: [String]? = nil, profile: InverseProfile = .standard
  ) throws -> InversionChain {
    try InversionChain(
      for: ModelRegistry.load(at: StepFixture.checkpoint(name)).backbone, cuts: cuts, profile: profile)
  }

  @Test func defaultModulesAreThoseOfTheDesign() throws {
    #expect(try Self.chain("timm-vit").cuts == ["embed", "block.2"])
    #expect(try Self.chain("timm-deit3").cuts == ["embed", "block.2"])
    #expect(try Self.chain("timm-swin").cuts == ["embed", "stage.0", "stage.1", "stage.2"])
    #expect(try Self.chain("hf-detr").cuts == ["projection", "encoder.1", "decoder.1", "boxes"])
    #expect(try Self.chain("hf-detr").taps == ["projection", "encoder.1", "decoder.1", "logits", "boxes"])
  }

  @Test(arguments: [
    ("timm-vit", ["embed", "block.0", "block.1", "block.2"]), ("timm-vit", ["block.1"]),
    ("timm-swin", ["embed", "stage.0.block.0", "stage.1.block.0", "stage.2"]),
    ("timm-swin-odd-stages", ["stage.0", "stage.1"]), ("timm-swin-window3", ["embed", "stage.1", "stage.2.block.0"]),
    ("hf-swin-padded-patches", ["embed", "stage.0", "stage.1"]), ("timm-deit-distilled", ["embed", "block.0"]),
    (
      "hf-detr",
      [
        "backbone.layer1", "backbone.layer2", "backbone.layer4", "projection", "encoder.0", "decoder.0", "decoder.1",
        "boxes",
      ]
    ),
    ("hf-detr", ["encoder.0", "boxes"]), ("detr-dc5", ["backbone.layer3", "projection", "encoder.1"]),
    ("detr-timm-backbone-basic", ["backbone.layer2", "decoder.1"]),
  ])
  func everyModuleGivesTheShapeBeforeIt(name: String, cuts: [String]) throws {
    let backbone = try ModelRegistry.load(at: StepFixture.checkpoint(name)).backbone
    let chain = try InversionChain(for: backbone, cuts: cuts)
    try chain.drawParameters(Generator(seed: 1))
    let size = backbone.nativeSize ?? ImageSize(height: 70, width: 90)
    let images = try ImageBatch(
      pixels: Tensor.randomNormal([2, size.height, size.width, 3], generator: Generator(seed: 2)).permuted(0, 3, 1, 2))
    let features = try backbone.features(of: images, taps: Set(chain.taps))
    let context = try chain.context(
      height: size.height, width: size.width,
      scale: PixelScale(rescaleFactor: 1.0 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5]), isTraining: false)
    try withoutGradients {
      for module in chain.modules {
        let activation = try chain.activation(at: module.name, from: features)
        let target = try module.target.map { try chain.activation(at: $0, from: features) }
        let output = try module(activation, context: context)
        #expect(output.shape == (target ?? images.pixels).shape, "\(name), \(module.name)")
        let image = try chain.invert(activation, from: module.name, context: context)
        #expect(image.shape == images.pixels.shape)
        // Pixels in [0, 1] as the model's input.
        #expect(try image.minimum().item() >= -1.0001 && image.maximum().item() <= 1.0001)
      }
    }
  }

  @Test func whatCannotBeCutIsRefused() throws {
    #expect(
      message { try Self.chain("timm-vit", cuts: ["embed", "norm"]) }
        == "--modules: a chain cannot be cut at 'norm'; this model can be cut at embed, block.0, block.1, block.2")
    #expect(
      message { try Self.chain("timm-vit", cuts: ["block.1", "block.0"]) }
        == "--modules: 'block.0' is not deeper than 'block.1' before it; name taps from shallow to deep, each place once"
    )
    #expect(
      message { try Self.chain("timm-swin", cuts: ["stage.0.block.1", "stage.0"]) }
        == "--modules: 'stage.0' is not deeper than 'stage.0.block.1' before it; name taps from shallow to deep, "
        + "each place once")
    #expect(
      message { try Self.chain("timm-vit").modules(from: "block.1") }
        == "no inverses lead from 'block.1' to the image; the chain is cut at embed, block.2")
  }

  /// The numbers of parameters of the reference code's modules at full size.
  @Test func paperModulesHaveThePapersParameters() throws {
    func counts(_ configuration: String) throws -> [Int] {
      let backbone = try FullSize.backbone(configuration)
      return try InversionChain(for: backbone, profile: .paper).modules.map(\.learnedCount)
    }
    #expect(try counts("vit_base_patch16_224") == [857_267, 85_026_816])
    #expect(
      try counts("swin_base_patch4_window7_224") == [16_873, 397_896, 1_713_808, 57_316_896, 27_302_464])
    #expect(try counts("detr_resnet50") == [78_773_507, 7_890_432, 9_498_112, 246_784])
  }

  @Test func predictionsAreOneHotClassesBesideBoxes() throws {
    let logits = try Tensor([Float(0), 3, 1, 5, 2, 4], shape: [1, 2, 3])
    let boxes = try Tensor((0..<8).map { Float($0) / 8 }, shape: [1, 2, 4])
    let chain = try Self.chain("hf-detr")
    #expect(chain.taps(of: "boxes") == ["logits", "boxes"])
    let activation = try chain.activation(at: "boxes", from: ["logits": logits, "boxes": boxes])
    #expect(activation.shape == [1, 2, 7])
    #expect(
      try activation.values(as: Float.self) == [0, 1, 0, 0, 0.125, 0.25, 0.375, 1, 0, 0, 0.5, 0.625, 0.75, 0.875])
  }

  @Test func pixelsGoThereAndBack() throws {
    let scale = PixelScale(
      rescaleFactor: 1.0 / 255, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
    let bytes = try Tensor((0..<768).map { UInt8($0 % 256) }, shape: [1, 16, 16, 3])
    let batch = try ImageBatch(
      bytes: bytes, rescaleFactor: scale.rescaleFactor, mean: scale.mean, deviation: scale.deviation)
    #expect(try scale.bytes(batch.pixels).values(as: UInt8.self) == bytes.values(as: UInt8.self))
  }

  /// Errors at padded places do not count.
  @Test func paddingDoesNotCount() throws {
    let chain = try Self.chain("hf-detr")
    let context = try chain.context(
      height: 64, width: 64, validSizes: [ImageSize(height: 64, width: 64), ImageSize(height: 32, width: 64)],
      scale: PixelScale(rescaleFactor: 1.0 / 255, mean: [0, 0, 0], deviation: [1, 1, 1]), isTraining: true)
    let nothing = try Tensor.zeros([2, 3, 64, 64])
    let wrong = try Tensor.zeros([2, 3, 64, 64])
    try wrong.select(0, 1).slice(1, 32..<64).copy(from: Tensor.ones([1, 1, 1]))
    #expect(try context.loss(wrong, target: nothing, at: nil).item() == 0)
    let all = try Tensor.ones([2, 3, 64, 64])
    #expect(abs(try context.loss(all, target: nothing, at: nil).item() - 1) < 1e-6)
    let tokens = try Tensor.zeros([2, 4, 32])
    try tokens.select(0, 1).slice(0, 2..<4).copy(from: Tensor.ones([1, 1]))
    #expect(try context.loss(tokens, target: Tensor.zeros([2, 4, 32]), at: "projection").item() == 0)
  }
}
