import Backbones
import Foundation
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

/// Networks on top of least-squares maps.
@Suite(.serialized)
struct ResidualTests {
  /// The rows of `curves.csv`: epoch, cut, mean squared error.
  private func curves(_ folder: URL) throws -> [(epoch: Int, cut: String, error: Double)] {
    try String(contentsOf: InverseFolder(folder).curvesURL, encoding: .utf8).split(separator: "\n").dropFirst().map {
      let fields = $0.split(separator: ",").map(String.init)
      return (try #require(Int(fields[0])), fields[5], try #require(Double(fields[6])))
    }
  }

  @Test(
    arguments: ["timm-vit-non-square", "timm-deit3-small", "timm-swin-window3", "hf-detr-bottleneck"],
    [TrainingMode.modular, .endToEnd])
  func trainingBeginsAtTheBaselineAndImprovesOnIt(name: String, mode: TrainingMode) throws {
    let data = try SyntheticData(name)
    let (baseline, residual) = (try TemporaryFolder(), try TemporaryFolder())
    let ridge = data.plan {
      $0.inverse = .ridge
      $0.epochs = 1
    }
    _ = try ClosedFormTraining(plan: ridge, folder: InverseFolder(baseline.url), data: data, device: .cpu) {
      try InversionChain(for: data.model.backbone, plan: ridge)
    }.run()
    let plan = data.plan(mode) {
      $0.inverse = .residual
      $0.epochs = 8
    }
    let summary = try data.trainer(plan, in: residual.url).run()
    #expect(summary.isFinished)
    let (maps, course) = (try curves(baseline.url), try curves(residual.url))
    for (index, cut) in plan.cuts.enumerated() {
      let rows = course.filter { $0.cut == cut }
      #expect(rows.map(\.epoch) == Array(0...8))
      let map = try #require(maps.first { $0.cut == cut }).error
      #expect(abs(rows[0].error - map) <= 1e-6 * map, "\(name), \(cut): \(rows[0].error), ridge \(map)")
      let start = try #require(
        try history(residual.url).first { $0.hasPrefix("0,0,\(cut),validation,") }?.split(separator: ",")[4]
      )
      let loss = try #require(Double(start))
      // Twenty images are few: what is held out need not gain, but what is kept is never worse than the map.
      #expect(summary.modules[index].bestValidationLoss <= loss)
      let training = try history(residual.url).filter { $0.contains(",\(cut),train,") }.compactMap {
        Double($0.split(separator: ",")[4])
      }
      #expect(training.count == 8 && training[7] < training[0], "\(name), \(cut): \(training)")
    }
  }

  /// The same bytes whether the course was interrupted, also within the pass for the maps, or not.
  @Test(arguments: [TrainingMode.modular, .endToEnd])
  func anInterruptedTrainingEndsAlike(mode: TrainingMode) throws {
    let data = try SyntheticData()
    // Modules also with all that a training carries along beside weights: metric, errors of inputs, kept weights.
    let plan = data.plan(mode) {
      $0.inverse = .residual
      $0.best = .image
      $0.hasDirectedCorrections = true
      guard mode == .modular else { return }
      $0.loss = .image
      $0.featureShare = 0.1
      $0.hasInputNoise = true
    }
    let (whole, pieces) = (try TemporaryFolder(), try TemporaryFolder())
    _ = try data.trainer(plan, in: whole.url).run()
    var (finished, runs) = (false, 0)
    while !finished {
      let trainer = try data.trainer(plan, in: pieces.url)
      runs += 1
      var steps = 0
      trainer.isCancelled = {
        steps += 1
        // The first run ends within the pass, the others a few steps later each.
        return steps == 2 + runs * 5 * (runs > 1 ? 1 : 0)
      }
      finished = try trainer.run().isFinished
      if runs == 1 { #expect(!FileManager.default.fileExists(atPath: InverseFolder(pieces.url).stateURL.path)) }
    }
    #expect(runs > 2)
    for cut in plan.cuts {
      for kept in [InverseFolder.Kept.best, .last] {
        let files = try [whole, pieces].map { try Data(contentsOf: InverseFolder($0.url).weightsURL(cut, kept)) }
        #expect(files[0] == files[1], "\(cut) \(kept)")
      }
    }
  }

  /// Directed corrections begin at zero like the others, and every loss learns, whatever the family's taps look like.
  @Test(
    arguments: ["timm-vit-non-square", "timm-deit-distilled-non-square", "timm-swin-window3", "hf-detr-bottleneck"],
    [ModuleLoss.whitened, .image])
  func everyFamilyLearnsByEveryLoss(name: String, loss: ModuleLoss) throws {
    let data = try SyntheticData(name)
    let (plain, directed) = (try TemporaryFolder(), try TemporaryFolder())
    let first = data.plan {
      $0.inverse = .residual
      $0.epochs = 1
    }
    _ = try data.trainer(first, in: plain.url).run()
    let plan = data.plan {
      $0.inverse = .residual
      $0.epochs = 6
      $0.loss = loss
      $0.featureShare = loss == .image ? 0.1 : nil
      $0.best = .image
      $0.hasDirectedCorrections = true
    }
    let summary = try data.trainer(plan, in: directed.url).run()
    #expect(summary.isFinished)
    let (maps, course) = (try curves(plain.url), try curves(directed.url))
    for cut in plan.cuts {
      let start = try #require(maps.first { $0.cut == cut && $0.epoch == 0 }).error
      let directedStart = try #require(course.first { $0.cut == cut && $0.epoch == 0 }).error
      #expect(abs(directedStart - start) <= 1e-6 * start, "\(name), \(cut)")
      let training = try history(directed.url).filter { $0.contains(",\(cut),train,") }.compactMap {
        Double($0.split(separator: ",")[4])
      }
      #expect(training.count == 6 && training[5] < training[0], "\(name), \(cut): \(training)")
    }
  }

  @Test func whatWasTrainedLoadsAndThePassIsCounted() throws {
    let data = try SyntheticData()
    let folder = try TemporaryFolder()
    let plan = data.plan {
      $0.inverse = .residual
      $0.epochs = 2
    }
    _ = try data.trainer(plan, in: folder.url).run()
    let inverses = try TrainedInverses(
      InverseFolder(folder.url), for: data.model.backbone, sha256: data.model.checkpointSHA256, control: "none",
      kept: .last)
    let cut = try #require(plan.cuts.last)
    let chain = try inverses.chain(from: cut)
    let context = try chain.context(
      height: plan.height, width: plan.width, scale: plan.scale, isTraining: false)
    let split = try DataSplit(plan, count: data.count)
    let batch = try #require(try data.batch(split.validation))
    let image = try withoutGradients {
      try chain.invert(try #require(batch.features[cut]), from: cut, context: context)
    }
    let errors = try context.pixelErrors(image, target: batch.images.pixels)
    let recorded = try #require(try curves(folder.url).last { $0.cut == cut }).error
    #expect(abs(errors.reduce(0, +) / Double(errors.count) - recorded) < 1e-6 * recorded)
    // Two epochs and the pass before them.
    let images = try String(contentsOf: InverseFolder(folder.url).efficiencyURL, encoding: .utf8)
    #expect(images.contains("all,images,\(3 * split.training.count),count"))
  }
}
