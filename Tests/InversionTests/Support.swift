import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import Torch

/// One training step of a family's inverse modules as PyTorch makes it, from `scripts/fixtures/inversion.py`.
struct StepFixture {
  static let cases = [
    "timm-vit-non-square", "timm-deit-distilled-non-square", "timm-swin-window3", "hf-detr-bottleneck",
  ]

  let file: SafetensorsFile
  let model: LoadedModel
  let losses: [String: Double]
  let learningRate: Double

  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  static func checkpoint(_ name: String) -> URL {
    tests.deletingLastPathComponent().appendingPathComponent("Fixtures/checkpoints/\(name)")
  }

  init(_ name: String) throws {
    file = try SafetensorsFile(contentsOf: Self.tests.appendingPathComponent("Fixtures/\(name).safetensors"))
    model = try ModelRegistry.load(at: Self.checkpoint(name))
    losses = try JSONDecoder().decode([String: Double].self, from: Data((file.metadata["losses"] ?? "").utf8))
    learningRate = Double(file.metadata["learning_rate"] ?? "") ?? .nan
  }

  /// In double precision, as the script computes.
  func tensor(_ name: String) throws -> Tensor { try file.tensor(named: name).to(.float64) }

  var chain: InversionChain { get throws { try InversionChain(for: model.backbone) } }

  /// The sizes that the fixture's tensors were made for.
  func context(_ chain: InversionChain, isTraining: Bool) throws -> InverseContext {
    let shape = try tensor("\(chain.cuts[0])/target").shape
    let isHalf = model.backbone.family == .vit
    return try chain.context(
      height: shape[2], width: shape[3],
      scale: PixelScale(
        rescaleFactor: 1.0 / 255, mean: isHalf ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406],
        deviation: isHalf ? [0.5, 0.5, 0.5] : [0.229, 0.224, 0.225]), isTraining: isTraining)
  }

  /// Gives a module the fixture's start, ready for gradients.
  func start(_ module: InverseModule) throws {
    for (name, parameter) in module.namedParameters() {
      try parameter.set(tensor("\(module.name)/start/\(name)"))
      if parameter.isLearned { try parameter.value.setRequiresGradient(true) }
    }
  }

  /// The names the fixture has for a kind of value of a module.
  func names(_ module: String, _ kind: String) -> [String] {
    let prefix = "\(module)/\(kind)/"
    return file.entries.map(\.name).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
  }
}

/// Networks of the sizes that papers use, without weights.
enum FullSize {
  static func backbone(_ name: String) throws -> any Backbone {
    switch name {
    case "vit_base_patch16_224": return VisionTransformer(ViTConfiguration(), family: .vit)
    case "swin_base_patch4_window7_224":
      let small = try ModelRegistry.load(at: StepFixture.checkpoint("timm-swin")).backbone
      guard let small = small as? SwinTransformer else { throw BackboneError("timm-swin is a Swin transformer") }
      var configuration = small.configuration
      configuration.inputSize = ImageSize(side: 224)
      var stage = configuration.stages[0]
      stage.window = ImageSize(side: 7)
      stage.headDimension = 32
      configuration.stages = [2, 2, 18, 2].enumerated().map { index, depth in
        (stage.depth, stage.width, stage.heads) = (depth, 128 << index, 4 << index)
        stage.mlpDimension = 4 * stage.width
        return stage
      }
      return SwinTransformer(configuration)
    default:
      guard let resnet = ResNetConfiguration.named["resnet50"] else { throw BackboneError("no resnet50") }
      return DETR(DETRConfiguration(backbone: resnet, classes: 91))
    }
  }
}
