import Backbones
import Foundation
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

/// How a training runs: what it measures, when it stops, where it begins.
@Suite(.serialized)
struct CourseTests {
  private func rows(_ url: URL) throws -> [[String]] {
    try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// What timm's Swin does beyond ours: in both blocks, for three images, it projects the tokens that pad 8 × 8 and 4 × 4
  /// grids to whole windows of 3 × 3, and back-propagates through that, before it drops them.
  private static let paddingOfTimm = ["stage.0": (9 * 9 - 8 * 8) * 4 * 4, "stage.1": (6 * 6 - 4 * 4) * 8 * 8]
    .mapValues { 2 * 3 * 2 * 3 * $0 }

  /// Forward and backward pass of every family's modules take the operations that PyTorch counts.
  @Test(arguments: StepFixture.cases)
  func operationsEqualPyTorchs(name: String) throws {
    let fixture = try StepFixture(name)
    let expected = try JSONDecoder().decode(
      [String: Int].self, from: Data((fixture.file.metadata["operations"] ?? "").utf8))
    let chain = try fixture.chain
    for module in chain.modules {
      try fixture.start(module)
      let context = try fixture.context(chain, isTraining: true)
      let counted = try Runtime.countingOperations {
        let output = try module(fixture.tensor("\(module.name)/input"), context: context)
        try context.loss(output, target: fixture.tensor("\(module.name)/target"), at: module.target).backward()
      }
      let padding = name.contains("swin") ? Self.paddingOfTimm[module.name] ?? 0 : 0
      #expect(counted.operations + padding == expected[module.name], "\(name), \(module.name)")
    }
  }

  @Test func whatATrainingCostIsMeasured() throws {
    let data = try SyntheticData()
    let folder = try TemporaryFolder()
    let plan = data.plan()
    let trainer = try data.trainer(plan, in: folder.url)
    trainer.peakResidentBytes = { 12_345 }
    _ = try trainer.run()
    let inverse = InverseFolder(folder.url)
    let figures = try rows(inverse.efficiencyURL)
    #expect(figures[0] == ["module", "metric", "value", "unit"])
    func value(_ module: String, _ metric: String) throws -> Double {
      let row = try #require(figures.first { $0[0] == module && $0[1] == metric }, "\(module) \(metric)")
      return try #require(Double(row[2]))
    }
    let training = try DataSplit(plan, count: data.count).training.count
    #expect(try value("all", "images") == Double(3 * training))
    #expect(try value("all", "peak_resident_bytes") == 12_345)
    #expect(try value("all", "seconds_per_step") > 0)
    let operations = try plan.cuts.map { try value($0, "training_operations_per_image") }
    #expect(operations.allSatisfy { $0 > 0 })
    #expect(try value("all", "training_operations_per_image") == operations.reduce(0, +))
    let perImage = try value("all", "frozen_operations_per_image") + operations.reduce(0, +)
    #expect(try value("all", "frozen_operations_per_image") > 0)
    #expect(try value("all", "operations") == perImage * Double(3 * training))
    #expect(
      try value("all", "parameters")
        == Double(data.chain.modules.reduce(0) { $0 + $1.learnedCount }))

    let curves = try rows(inverse.curvesURL)
    #expect(curves.count == 1 + 3 * plan.cuts.count)
    #expect(curves[0] == "epoch,step,images,operations,seconds,cut,mse,psnr".split(separator: ",").map(String.init))
    let last = try #require(curves.last)
    #expect(last[0] == "3" && last[2] == "\(3 * training)" && last[5] == plan.cuts.last)
    // The image error of the first cut is its loss in other units: both deviations are a half.
    let loss = try #require(
      try history(folder.url).last { $0.contains(",embed,validation,") }?.split(separator: ",").last.flatMap {
        Double($0)
      })
    let error = try #require(curves.last { $0[5] == "embed" }.flatMap { Double($0[6]) })
    #expect(abs(error - loss / 4) < 1e-5 * error)
  }

  /// A run in pieces ends with the same curves, the seconds aside.
  @Test func curvesOfAnInterruptedTrainingAreTheSame() throws {
    let data = try SyntheticData()
    let plan = data.plan()
    let (whole, pieces) = (try TemporaryFolder(), try TemporaryFolder())
    _ = try data.trainer(plan, in: whole.url).run()
    var finished = false
    while !finished {
      let trainer = try data.trainer(plan, in: pieces.url)
      var steps = 0
      trainer.isCancelled = {
        steps += 1
        return steps == 4
      }
      finished = try trainer.run().isFinished
    }
    func curves(_ folder: TemporaryFolder) throws -> [[String]] {
      try rows(InverseFolder(folder.url).curvesURL).map { $0.enumerated().filter { $0.offset != 4 }.map(\.element) }
    }
    #expect(try curves(pieces) == curves(whole))
  }

  /// A module whose loss does not fall stops on its own, and the run ends when all have.
  @Test func aTrainingWithPatienceStops() throws {
    let data = try SyntheticData()
    let folder = try TemporaryFolder()
    let plan = data.plan {
      $0.epochs = 40
      $0.patience = 2
      // So fast that nothing gets better for long.
      $0.rates = [.init(module: "embed", rate: 0.5), .init(module: data.chain.cuts[1], rate: 1e-3)]
    }
    let trainer = try data.trainer(plan, in: folder.url)
    let summary = try trainer.run()
    #expect(summary.isFinished && trainer.isComplete)
    let table = try history(folder.url)
    let epochs = plan.cuts.map { cut in table.count { $0.contains(",\(cut),validation,") } }
    #expect(epochs[0] < 40)
    #expect(epochs[0] == summary.modules[0].bestEpoch + 2)
    // Nothing is left to do for another run of the same plan.
    let again = try data.trainer(plan, in: folder.url)
    #expect(again.isComplete == (epochs[1] == 40 || epochs[1] == summary.modules[1].bestEpoch + 2))
  }

  @Test func polishingBeginsWithTheModules() throws {
    let data = try SyntheticData()
    let folder = try TemporaryFolder()
    let inverse = InverseFolder(folder.url)
    let modular = data.plan { $0.epochs = 8 }
    _ = try data.trainer(modular, in: inverse.modularFolder.url).run()
    let plan = data.plan(.polish) {
      $0.epochs = 6
      $0.startSHA256 = "of the modules"
      $0.rates = modular.rates.map { .init(module: $0.module, rate: $0.rate / 10) }
    }
    let trainer = try data.trainer(plan, in: folder.url)
    let deep = plan.cuts[1]
    // Before the first step the chain holds the modules' best weights.
    for cut in plan.cuts {
      let file = try SafetensorsFile(contentsOf: inverse.modularFolder.weightsURL(cut, .best))
      for (name, value) in try trainer.units[1].weights where name.hasPrefix("\(cut).") {
        #expect(try (value - file.tensor(named: name)).absolute().maximum().item() == 0, "\(name)")
      }
    }
    _ = try trainer.run()
    func error(_ folder: InverseFolder, _ cut: String) throws -> Double {
      try #require(try rows(folder.curvesURL).last { $0[5] == cut }.flatMap { Double($0[6]) })
    }
    #expect(try error(inverse, deep) < error(inverse.modularFolder, deep))
    // What the modules took is counted.
    let before = try #require(try rows(inverse.modularFolder.curvesURL).last.flatMap { Int($0[2]) })
    let first = try #require(try rows(inverse.curvesURL).dropFirst().first.flatMap { Int($0[2]) })
    let images = try DataSplit(plan, count: data.count).training.count
    #expect(first == before + images)
    let inverses = try TrainedInverses(
      inverse, for: data.model.backbone, sha256: data.model.checkpointSHA256, control: "none")
    #expect(try inverses.chain(from: deep).modules(from: deep).map(\.name) == [deep, "embed"])
  }

  @Test func validationImagesOfTheirOwnFollowTheTrainingImages() throws {
    let (training, validation) = (try SyntheticData(count: 9), try SyntheticData(count: 4))
    let joined = JoinedData(training: training, validation: validation)
    let plan = training.plan {
      $0.imageCount = 9
      $0.validationCount = 4
    }
    let split = try DataSplit(plan, count: joined.count)
    #expect(split.training == Array(0..<9) && split.validation == Array(9..<13))
    let folder = try TemporaryFolder()
    let trainer = try Trainer(plan: plan, folder: InverseFolder(folder.url), data: joined, device: .cpu) {
      try InversionChain(for: training.model.backbone, plan: plan)
    }
    _ = try trainer.run()
    #expect(validation.batches == 3 * 2)
    #expect(throws: InversionError.self) { try DataSplit(count: 4, validationCount: 4) }
  }

  @Test func evaluationImagesComeAtTheirInterval() throws {
    let data = try SyntheticData()
    let folder = try TemporaryFolder()
    let trainer = try data.trainer(data.plan { $0.epochs = 4 }, in: folder.url)
    trainer.evaluationInterval = 2
    var shown: [TrainingEvaluation] = []
    trainer.onEvaluation = { shown.append($0) }
    _ = try trainer.run()
    #expect(shown.map(\.epoch) == [2, 4])
    let last = try #require(shown.last)
    #expect(last.inputs.shape == [3, data.size.height, data.size.width, 3])
    #expect(last.reconstructions.map(\.cut) == data.chain.cuts)
    #expect(last.reconstructions.allSatisfy { $0.pixels.shape == last.inputs.shape && $0.pixels.dtype == .uint8 })
  }
}
