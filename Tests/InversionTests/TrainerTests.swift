import Backbones
import Foundation
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

@Suite(.serialized)
struct TrainerTests {
  private static let families = ["timm-vit-non-square", "timm-deit3-small", "timm-swin-window3", "hf-detr-bottleneck"]

  private static func weights(_ folder: URL, _ plan: TrainingPlan) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for cut in plan.cuts {
      for kept in [InverseFolder.Kept.best, .last] {
        files["\(cut) \(kept)"] = try Data(contentsOf: InverseFolder(folder).weightsURL(cut, kept))
      }
    }
    return files
  }

  /// Losses of training and validation by module, epoch after epoch.
  private static func losses(_ folder: URL, split: String) throws -> [String: [Double]] {
    var losses: [String: [Double]] = [:]
    for row in try history(folder).dropFirst() {
      let fields = row.split(separator: ",").map(String.init)
      if fields[3] == split { losses[fields[2], default: []].append(Double(fields[4]) ?? .nan) }
    }
    return losses
  }

  @Test(arguments: families)
  func lossesOfEveryModuleFall(name: String) throws {
    let data = try SyntheticData(name)
    let folder = try TemporaryFolder()
    let plan = data.plan { $0.epochs = 8 }
    let summary = try data.trainer(plan, in: folder.url).run()
    #expect(summary.isFinished)
    #expect(summary.modules.map(\.module) == data.chain.cuts)
    let losses = try Self.losses(folder.url, split: "train")
    for cut in plan.cuts {
      let course = try #require(losses[cut])
      #expect(course.count == 8)
      #expect(course[7] < 0.95 * course[0], "\(name), \(cut): \(course)")
      #expect(try Self.losses(folder.url, split: "validation")[cut]?.count == 8)
    }
  }

  @Test(arguments: ["timm-vit-non-square", "timm-swin-window3"])
  func endToEndChainsLearnThePixels(name: String) throws {
    let data = try SyntheticData(name)
    let folder = try TemporaryFolder()
    let plan = data.plan(.endToEnd) { $0.epochs = 6 }
    _ = try data.trainer(plan, in: folder.url).run()
    let losses = try Self.losses(folder.url, split: "train")
    for cut in plan.cuts {
      let course = try #require(losses[cut])
      #expect(course[5] < 0.95 * course[0], "\(name), \(cut): \(course)")
    }
    // The chain of a depth holds every module down to the image.
    let file = try SafetensorsFile(contentsOf: InverseFolder(folder.url).weightsURL(plan.cuts[1], .best))
    #expect(file.metadata["modules"] == "\(plan.cuts[1]),\(plan.cuts[0])")
  }

  @Test(arguments: families, [TrainingMode.modular, .endToEnd])
  func theSameSeedGivesTheSameBytes(name: String, mode: TrainingMode) throws {
    let data = try SyntheticData(name)
    let plan = data.plan(mode) { $0.epochs = 2 }
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    _ = try data.trainer(plan, in: first.url).run()
    _ = try data.trainer(plan, in: second.url).run()
    #expect(try Self.weights(first.url, plan) == Self.weights(second.url, plan))
    #expect(try history(first.url) == history(second.url))
    let other = try TemporaryFolder()
    let otherPlan = data.plan(mode) {
      $0.epochs = 2
      $0.seed = 1
    }
    _ = try data.trainer(otherPlan, in: other.url).run()
    #expect(try Self.weights(other.url, plan) != Self.weights(first.url, plan))
  }

  /// However often and wherever it is interrupted, a training ends with the same weights and the same history.
  @Test(arguments: families)
  func anInterruptedTrainingEndsAlike(name: String) throws {
    let data = try SyntheticData(name)
    let plan = data.plan {
      $0.accumulation = 2
      $0.schedule = .cosine
      $0.warmupSteps = 2
    }
    let whole = try TemporaryFolder()
    _ = try data.trainer(plan, in: whole.url).run()

    let pieces = try TemporaryFolder()
    var runs = 0
    var finished = false
    while !finished {
      let trainer = try data.trainer(plan, in: pieces.url)
      var steps = 0
      trainer.isCancelled = {
        steps += 1
        return steps == 2
      }
      finished = try trainer.run().isFinished
      runs += 1
      #expect(runs < 20)
    }
    #expect(runs > 3)
    #expect(try Self.weights(pieces.url, plan) == Self.weights(whole.url, plan))
    #expect(try history(pieces.url) == history(whole.url))
    // Once more: nothing is left to do, and nothing changes.
    let before = try Self.weights(whole.url, plan)
    #expect(try data.trainer(plan, in: whole.url).run().steps == data.trainer(plan, in: whole.url).steps)
    #expect(try Self.weights(whole.url, plan) == before)
  }

  /// A run that is killed after it wrote an epoch's files and before its state repeats the epoch and writes the same.
  @Test func aRunKilledBeforeItsStateWasSavedEndsAlike() throws {
    let data = try SyntheticData()
    let plan = data.plan()
    let folder = try TemporaryFolder()
    let trainer = try data.trainer(plan, in: folder.url)
    let state = InverseFolder(folder.url).stateURL
    var early: Data?
    trainer.onProgress = { if $0.epoch == 2 { early = early ?? (try? Data(contentsOf: state)) } }
    _ = try trainer.run()
    let (weights, rows) = (try Self.weights(folder.url, plan), try history(folder.url))
    try #require(early).write(to: state)
    let again = try data.trainer(plan, in: folder.url)
    #expect(again.stepsDone == again.stepsPerEpoch)
    _ = try again.run()
    #expect(try Self.weights(folder.url, plan) == weights)
    #expect(try history(folder.url) == rows)
  }

  @Test func pixelsThatAreNoNumberStopTheTrainingAndKeepTheState() throws {
    let data = try SyntheticData()
    let plan = data.plan()
    let folder = try TemporaryFolder()
    data.poisonsAfter = 9
    let text = message { try data.trainer(plan, in: folder.url).run() }
    #expect(text?.hasPrefix("the pixels of image ") == true)
    #expect(text?.contains(" hold infinities or no numbers: the model's weights are damaged") == true)
    // What is kept is the end of the first epoch, and it goes on from there.
    data.poisonsAfter = .max
    let again = try data.trainer(plan, in: folder.url)
    #expect(again.stepsDone == again.stepsPerEpoch)
    let whole = try TemporaryFolder()
    _ = try again.run()
    _ = try data.trainer(plan, in: whole.url).run()
    #expect(try Self.weights(folder.url, plan) == Self.weights(whole.url, plan))
  }

  @Test func lossesThatAreNoNumberStopTheTraining() throws {
    let data = try SyntheticData()
    // One step throws the weights out of what single precision holds.
    let plan = data.plan { plan in plan.rates = plan.cuts.map { .init(module: $0, rate: 1e38) } }
    let folder = try TemporaryFolder()
    let text = message { try data.trainer(plan, in: folder.url).run() }
    #expect(text?.contains(" in epoch 1 at step ") == true, "\(text ?? "")")
    #expect(
      text?.hasSuffix(": training diverged; train again with a lower --learning-rate into another --out") == true,
      "\(text ?? "")")
  }

  /// Where the state cannot be written the sentence says so, and the state before stays.
  @Test func aStateThatCannotBeWrittenIsReported() throws {
    let data = try SyntheticData()
    let plan = data.plan()
    let folder = try TemporaryFolder()
    let trainer = try data.trainer(plan, in: folder.url)
    let inverse = InverseFolder(folder.url)
    var kept: Data?
    trainer.onProgress = { progress in
      guard progress.epoch == 2, kept == nil else { return }
      kept = try? Data(contentsOf: inverse.stateURL)
      // A folder in the way of the temporary file stands for a disk without space.
      try? FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent(".state.safetensors.partial"), withIntermediateDirectories: true)
    }
    let text = message { try trainer.run() }
    #expect(text?.hasPrefix("\(inverse.stateURL.path): cannot be written") == true, "\(text ?? "no error")")
    #expect(try Data(contentsOf: inverse.stateURL) == #require(kept))
  }

  @Test func anotherPlanIsRefused() throws {
    let data = try SyntheticData()
    let folder = try TemporaryFolder()
    _ = try data.trainer(data.plan { $0.epochs = 1 }, in: folder.url).run()
    let text = message { try data.trainer(data.plan { $0.epochs = 2 }, in: folder.url) }
    #expect(
      text == "\(folder.url.path) holds another training: epochs is 2, there it is 1; choose another --out, or repeat "
        + "that command to go on")
  }

  /// Two batches for a step give what one of twice the size gives, where nothing depends on the batch.
  @Test func accumulatedBatchesEqualALargeOne() throws {
    let data = try SyntheticData(cuts: ["embed", "block.1"])
    let folders = (try TemporaryFolder(), try TemporaryFolder())
    let plans = [(6, 1), (3, 2)].map { size, accumulation in
      data.plan {
        $0.epochs = 1
        $0.batchSize = size
        $0.accumulation = accumulation
      }
    }
    _ = try data.trainer(plans[0], in: folders.0.url).run()
    _ = try data.trainer(plans[1], in: folders.1.url).run()
    let large = try Checkpoint(at: InverseFolder(folders.0.url).weightsURL("block.1", .last))
    let small = try Checkpoint(at: InverseFolder(folders.1.url).weightsURL("block.1", .last))
    for name in large.names {
      #expect(try relativeError(small.tensor(named: name), large.tensor(named: name)) < 1e-4, "\(name)")
    }
  }

  @Test func whatWasTrainedLoadsAndInverts() throws {
    for mode in [TrainingMode.modular, .endToEnd] {
      let data = try SyntheticData()
      let folder = try TemporaryFolder()
      let plan = data.plan(mode) { $0.epochs = 6 }
      _ = try data.trainer(plan, in: folder.url).run()
      let inverses = try TrainedInverses(
        InverseFolder(folder.url), for: data.model.backbone, sha256: data.model.checkpointSHA256, control: "none",
        kept: .last)
      let split = try DataSplit(count: data.count, validationShare: plan.validationShare, seed: plan.seed)
      let batch = try #require(try data.batch(split.validation))
      let chain = try inverses.chain(from: "embed")
      let context = try chain.context(
        height: plan.height, width: plan.width, scale: plan.scale, isTraining: false)
      let error = try withoutGradients {
        let output = try chain.invert(
          chain.activation(at: "embed", from: batch.features), from: "embed", context: context)
        return try output.meanSquaredError(to: batch.images.pixels).item()
      }
      let recorded = try #require(try Self.losses(folder.url, split: "validation")["embed"]?.last)
      #expect(abs(error - recorded) < 1e-5 * recorded, "\(mode)")

      let text = message {
        try TrainedInverses(
          InverseFolder(folder.url), for: data.model.backbone, sha256: String(repeating: "0", count: 64),
          control: "none")
      }
      #expect(text?.contains("were trained for \(plan.model)") == true)
      #expect(text?.contains("give the model they belong to") == true)
      // A file under another depth's name is refused.
      let inverse = InverseFolder(folder.url)
      try FileManager.default.removeItem(at: inverse.weightsURL("block.1", .best))
      try FileManager.default.copyItem(
        at: inverse.weightsURL("embed", .best), to: inverse.weightsURL("block.1", .best))
      let depth = message {
        try TrainedInverses(inverse, for: data.model.backbone, sha256: plan.checkpointSHA256, control: "none")
      }
      #expect(depth?.contains("it holds the inverse of 'embed', expected 'block.1") == true, "\(depth ?? "no error")")
    }
  }

  @Test func theSplitIsDrawnBySeedAndLeavesNothingOut() throws {
    let split = try DataSplit(count: 50, validationShare: 0.1, seed: 3)
    #expect(split.validation.count == 5)
    #expect((split.training + split.validation).sorted() == Array(0..<50))
    #expect(try split == DataSplit(count: 50, validationShare: 0.1, seed: 3))
    #expect(try split != DataSplit(count: 50, validationShare: 0.1, seed: 4))
    #expect(try DataSplit(count: 2, validationShare: 0.9, seed: 0).training.count == 1)
    #expect(
      message { try DataSplit(count: 1, validationShare: 0.1, seed: 0) }
        == "1 image is too few to train and to validate; give at least 2, better thousands")
  }

  @Test func schedulesRiseAndFall() {
    let cosine = LearningRateSchedule.cosine
    #expect(cosine.factor(step: 0, of: 12, warmup: 2) == 0.5)
    #expect(cosine.factor(step: 1, of: 12, warmup: 2) == 1)
    #expect(cosine.factor(step: 2, of: 12, warmup: 2) == 1)
    #expect(abs(cosine.factor(step: 7, of: 12, warmup: 2) - 0.5) < 1e-12)
    #expect(cosine.factor(step: 12, of: 12, warmup: 2) < 1e-12)
    #expect(LearningRateSchedule.constant.factor(step: 9, of: 10, warmup: 0) == 1)
  }
}
