import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import TestFamily
import TestSupport
import Testing
import Torch

/// A frozen network that is planted: an embedding whose singular values reach over four decades, and a deeper layer that is the
/// embedding with noise. The image hangs on small directions of the embedding as much as on large ones.
private final class PlantedData: TrainingData {
  static let (side, patch, width, images) = (16, 4, 48, 240)
  let backbone: PatchMixer
  let scale = PixelScale(rescaleFactor: 1.0 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])
  private let pixels: Tensor
  private let features: [String: Tensor]
  /// Deviations of the patches along their principal directions, ascending; by what each is multiplied in the embedding; and where
  /// it points there, as rows `[48, 48]`.
  let deviations: [Double]
  let factors: [Float]
  let turn: Tensor

  init() throws {
    ModelRegistry.register(.patchMixer)
    var configuration = PatchMixer.Configuration()
    (configuration.side, configuration.patch) = (PlantedData.side, PlantedData.patch)
    (configuration.width, configuration.depth) = (PlantedData.width, 1)
    backbone = PatchMixer(configuration)
    try backbone.drawParameters(Generator(seed: 1))

    let generator = try Generator(seed: 2)
    let count = PlantedData.images
    let coarse = try Tensor.randomUniform([count, 3, 6, 6], generator: generator)
    let smooth = try coarse.bicubicResized(height: PlantedData.side, width: PlantedData.side, antialiased: false)
    pixels = try (smooth.clamped(low: 0, high: 1) - 0.5) * 2
    // [B, 16, 48]: patches as rows.
    let patches = try pixels.reshaped([count, 3, 4, 4, 4, 4]).permuted(0, 2, 4, 3, 5, 1).reshaped(count, 16, 48)
    // The principal directions of the patches, the strongest through the smallest singular value, so that all of the image
    // comes back only from small numbers beside large ones.
    let flat = try patches.reshaped(-1, 48).to(.float64)
    let centered = try flat - flat.mean([0])
    let (variances, directions) = try centered.transposed(0, 1).matmul(centered).symmetricEigen()
    let found = try (variances.clamped(low: 0) / Double(16 * count)).squareRoot().values(as: Double.self)
    deviations = found
    factors = (0..<48).map { index in
      Float(pow(10, 4 * Double(47 - index) / 47) / 100 / max(found[index], 1e-3))
    }
    turn = try Tensor.randomNormal([48, 48], generator: generator).to(.float64).singularDecomposition().left
    let matrix = try directions.to(.float32).matmul(Tensor(factors, shape: [48, 1]) * turn.to(.float32))
    let embed = try patches.matmul(matrix)
    let noise = try Tensor.randomNormal([count, 16, 48], generator: generator)
    features = ["embed": embed, "layer.0": try embed + noise * 0.02]
  }

  var count: Int { PlantedData.images }

  func announce(_ rows: [Int]) {}

  func batch(_ rows: [Int]) throws -> TrainingBatch? {
    let indices = try Tensor(rows.map(Int64.init), shape: [rows.count])
    return TrainingBatch(
      images: ImageBatch(pixels: try pixels.indexed(0, by: indices)),
      features: try features.mapValues { try $0.indexed(0, by: indices) })
  }

  func plan(_ mode: TrainingMode, _ change: (inout TrainingPlan) -> Void) -> TrainingPlan {
    var plan = TrainingPlan(
      small: mode, model: "planted", family: .patchMixer, checkpointSHA256: "planted", scale: scale,
      size: ImageSize(side: PlantedData.side), cuts: ["embed", "layer.0"], imageCount: count)
    plan.inverse = .residual
    plan.epochs = 4
    plan.batchSize = 8
    change(&plan)
    return plan
  }

  func train(_ plan: TrainingPlan, in folder: URL) throws -> TrainingSummary {
    try Trainer(plan: plan, folder: InverseFolder(folder), data: self, device: .cpu) {
      try InversionChain(for: backbone, plan: plan)
    }.run()
  }

  /// The courses of a training that was made.
  func curves(at folder: URL) throws -> (embed: Curve, deeper: Curve) {
    let rows = try String(contentsOf: InverseFolder(folder).curvesURL, encoding: .utf8).split(separator: "\n")
    func curve(_ cut: String) throws -> Curve {
      let errors = rows.filter { $0.contains(",\(cut),") }.compactMap { Double($0.split(separator: ",")[6]) }
      return (-10 * log10(try #require(errors.first)), -10 * log10(try #require(errors.last)))
    }
    return (try curve("embed"), try curve("layer.0"))
  }

  func curves(_ plan: TrainingPlan) throws -> (embed: Curve, deeper: Curve) {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) {
      _ = try train(plan, in: folder.url)
      return try curves(at: folder.url)
    }
  }

  func psnr(_ plan: TrainingPlan) throws -> Curve { try curves(plan).deeper }
}

/// PSNR in dB of the images from a cut: before the first epoch, which is the floor, and after the last one.
private typealias Curve = (floor: Double, last: Double)

@Suite(.serialized)
struct PlantedSpectrumTests {
  /// A module that lowers the error of the activation destroys the image; one that is trained on what follows in the image does not.
  @Test func theLossByTheImageKeepsWhatTheLossOfFeaturesDestroys() throws {
    let data = try PlantedData()
    let feature = try data.psnr(data.plan(.modular) { $0.loss = .feature })
    let image = try data.psnr(
      data.plan(.modular) {
        $0.loss = .image
        $0.featureShare = 0.1
        $0.best = .image
        $0.hasDirectedCorrections = true
      })
    let whole = try data.psnr(data.plan(.endToEnd) { $0.hasDirectedCorrections = true })
    #expect(abs(feature.floor - image.floor) < 1e-3)
    #expect(feature.last < feature.floor - 1, "\(feature)")
    #expect(image.last > max(image.floor, whole.last) - 0.3, "\(image), end to end \(whole)")
  }
  /// The module that ends in pixels learns to make more of what the module before it gives, and true activations lose nothing.
  @Test func inputsWithErrorsTeachTheLastModule() throws {
    let data = try PlantedData()
    func course(_ hasInputNoise: Bool) throws -> (embed: Curve, deeper: Curve) {
      try data.curves(
        data.plan(.modular) {
          $0.loss = .image
          $0.featureShare = 0.1
          $0.best = .image
          $0.hasDirectedCorrections = true
          $0.hasInputNoise = hasInputNoise
          $0.epochs = 10
        })
    }
    let (plain, noisy) = (try course(false), try course(true))
    #expect(noisy.deeper.last > plain.deeper.last + 0.2, "\(noisy), without \(plain)")
    #expect(noisy.embed.last > noisy.embed.floor - 1, "\(noisy)")
  }

  /// What is kept is never worse than the floor, whatever the modules do on the way.
  @Test func whatIsKeptIsChosenByTheImages() throws {
    let data = try PlantedData()
    let folder = try TemporaryFolder()
    // A strong ridge leaves much to learn of the features, and nothing of it is of use to the images.
    let plan = data.plan(.modular) {
      $0.loss = .feature
      $0.ridge = 0.01
      $0.best = .image
    }
    let summary = try data.train(plan, in: folder.url)
    #expect(summary.modules[1].bestEpoch == 0)
    let kept = try history(folder.url).filter { $0.contains(",layer.0,image,") }.compactMap {
      $0.split(separator: ",").last.flatMap { Double($0) }
    }
    #expect(kept.count == plan.epochs)
    let floor = try data.curves(at: folder.url).deeper.floor
    // The module before it was kept anew and gives a little more.
    #expect(kept.allSatisfy { -10 * log10($0) > floor - 0.1 }, "\(kept), floor \(floor) dB")
    let byLoss = data.plan(.modular) {
      $0.loss = .feature
      $0.ridge = 0.01
      $0.best = .loss
    }
    let other = try TemporaryFolder()
    #expect(try data.train(byLoss, in: other.url).modules[1].bestEpoch > 0)
  }

  /// An error by where it points: of the same size it destroys the picture or leaves it as it is. Gains, variances and the directions
  /// that hold the picture follow from what was planted.
  @Test func errorsAtAJointLieAlongTheDirectionsThatWerePlanted() throws {
    let data = try PlantedData()
    let plan = data.plan(.modular) { $0.ridge = 0 }
    let chain = try InversionChain(for: data.backbone, plan: plan)
    #expect(try chain.jointSpectrum(at: "layer.0", plan: plan) == nil)
    let joint = try #require(try chain.jointSpectrum(at: "embed", plan: plan))
    let context = try chain.context(
      height: PlantedData.side, width: PlantedData.side, scale: data.scale, isTraining: false)
    let batch = try #require(try data.batch(Array(0..<data.count)))
    let truth = try #require(batch.features["embed"])
    try joint.observe(truth, pixels: batch.images.pixels / 2 + 0.5, role: .training, context: context)
    let noise = try Tensor.randomNormal(truth.shape, generator: Generator(seed: 9)) * 0.02
    try joint.observe(truth + noise, truth: truth, from: "noise", context: context)
    for (name, row) in [("seen", 47), ("unseen", 0)] {
      let error = try data.turn.slice(0, row..<row + 1).to(.float32) * 0.05
      try joint.observe(truth + error, truth: truth, from: name, context: context)
    }
    let spectra = try joint.solve()
    try #require(spectra.map(\.start) == ["noise", "seen", "unseen"])
    // Gains came within 1.5 % and variances within 3.0 % of what was planted. Single precision in the embedding, and principal directions
    // about the mean of all positions, would explain that; neither was measured apart.
    // Falling gain is from the strongest direction of the patches to the weakest; pixels in 0 … 1 are half of those in −1 … 1.
    for index in 0..<20 {
      let (deviation, factor) = (data.deviations[47 - index], Double(data.factors[47 - index]))
      #expect(abs(spectra[0].gains[index] * factor / 0.5 - 1) < 0.03, "gain \(index)")
      let variance = deviation * deviation * factor * factor
      #expect(abs(spectra[0].variances[index] / variance - 1) < 0.05, "variance \(index)")
      // 3,840 draws: the mean of their squares is known to 2.3 %.
      #expect(abs(spectra[0].errors[index] / 0.0004 - 1) < 0.12, "error \(index)")
    }
    let squares = data.deviations.reversed().map { $0 * $0 }
    var (parts, whole) = (0, 0.0)
    while whole < 0.99 * squares.reduce(0, +) {
      whole += squares[parts]
      parts += 1
    }
    #expect(spectra.allSatisfy { $0.seenDirections == Array(0..<parts) } && parts < 40)
    let (blind, seen, unseen) = (spectra[0], spectra[1], spectra[2])
    #expect(abs(blind.imageError / blind.isotropicImageError - 1) < 0.12)
    #expect(abs(try #require(blind.seenShare) - Double(parts) / 48) < 0.05)
    #expect(abs(seen.error / unseen.error - 1) < 1e-3 && abs(seen.error * 48 / 0.0025 - 1) < 1e-3)
    #expect(abs(try #require(seen.seenShare) - 1) < 1e-3)
    #expect(abs(try #require(unseen.seenShare)) < 1e-3)
    let gain = 0.5 / Double(data.factors[47])
    #expect(abs(seen.imageError / (gain * gain * 0.0025 / 48) - 1) < 0.02)
    #expect(abs(try #require(seen.imageShares?[0]) - 1) < 0.02)
    #expect(unseen.imageError < 1e-4 * seen.imageError)
  }
}
