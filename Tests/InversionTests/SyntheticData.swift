import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import Torch

/// Smooth drawn images through a small frozen model.
final class SyntheticData: TrainingData {
  let model: LoadedModel
  let chain: InversionChain
  let scale = PixelScale(rescaleFactor: 1.0 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])
  let size: ImageSize
  private let pixels: Tensor
  /// After so many batches a pixel is not a number.
  var poisonsAfter = Int.max
  private(set) var batches = 0
  /// A row whose activation at a tap holds an infinity.
  var infinite: (row: Int, tap: String)?

  convenience init(_ name: String = "timm-vit-non-square", cuts: [String]? = nil, count: Int = 20) throws {
    try self.init(model: ModelRegistry.load(at: StepFixture.checkpoint(name)), cuts: cuts, count: count)
  }

  init(model: LoadedModel, cuts: [String]? = nil, count: Int = 20) throws {
    self.model = model
    chain = try InversionChain(for: model.backbone, cuts: cuts)
    let size = model.backbone.nativeSize ?? ImageSize(height: 48, width: 64)
    self.size = size
    let coarse = try Tensor.randomUniform([count, 3, 3, 3], generator: Generator(seed: 11))
    let smooth = try coarse.bicubicResized(height: size.height, width: size.width, antialiased: false)
    let bytes = try (smooth.clamped(low: 0, high: 1) * 255).to(.uint8).permuted(0, 2, 3, 1)
    pixels = try ImageBatch(
      bytes: bytes, rescaleFactor: scale.rescaleFactor, mean: scale.mean, deviation: scale.deviation
    ).pixels
  }

  var count: Int { pixels.extent(0) }

  func announce(_ rows: [Int]) {}

  func batch(_ rows: [Int]) throws -> TrainingBatch? {
    let indices = try Tensor(rows.map(Int64.init), shape: [rows.count])
    var images = try pixels.indexed(0, by: indices)
    batches += 1
    if batches > poisonsAfter { images = try images * .nan }
    let batch = ImageBatch(pixels: images)
    var features = try model.backbone.features(of: batch, taps: Set(chain.taps))
    if let infinite, let activation = features[infinite.tap] {
      let factors = rows.map { $0 == infinite.row ? Float.infinity : 1 }
      features[infinite.tap] = try activation * Tensor(factors, shape: [rows.count, 1, 1])
    }
    return TrainingBatch(images: batch, features: features)
  }

  func plan(_ mode: TrainingMode = .modular, change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = TrainingPlan(
      small: mode, model: model.name, family: model.backbone.family, checkpointSHA256: model.checkpointSHA256,
      scale: scale, size: size, cuts: chain.cuts, imageCount: count)
    plan.epochs = 3
    plan.batchSize = 3
    change(&plan)
    return plan
  }

  func trainer(_ plan: TrainingPlan, in folder: URL) throws -> Trainer {
    try Trainer(plan: plan, folder: InverseFolder(folder), data: self, device: .cpu) {
      try InversionChain(for: model.backbone, plan: plan)
    }
  }
}

extension TrainingPlan {
  /// A short training on the CPU.
  init(
    small mode: TrainingMode, model: String, family: Family, checkpointSHA256: String, scale: PixelScale,
    size: ImageSize, cuts: [String], imageCount: Int
  ) {
    self.init(
      model: model, family: family.rawValue, checkpointSHA256: checkpointSHA256, control: "none", preprocessing: "{}",
      scale: scale, height: size.height, width: size.width, mode: mode, profile: .standard, cuts: cuts,
      imageCount: imageCount, imagesSHA256: "", source: "images", threads: Runtime.threads, device: "cpu")
    validationShare = 0.2
    rates = cuts.map { .init(module: $0, rate: 1e-3) }
  }
}

/// The columns of a training's history that do not depend on the clock.
func history(_ folder: URL) throws -> [String] {
  try String(contentsOf: InverseFolder(folder).historyURL, encoding: .utf8).split(separator: "\n").map {
    $0.split(separator: ",").dropLast().joined(separator: ",")
  }
}
