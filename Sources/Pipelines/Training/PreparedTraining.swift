import Backbones
import Formats
import Foundation
import Inversion
import Torch

/// What a training ended with.
public struct TrainingResult: Sendable {
  public let plan: TrainingPlan
  public let summary: TrainingSummary
  /// What is worth knowing of modules that were solved in closed form.
  public let notes: [(module: String, text: String)]
  /// Images that could not be read, and why.
  public let unreadableImages: [String]

  /// What the modules came to, for people: a line each.
  public var overview: String {
    TextTable.text(
      header: ["module", "parameters", "validation", "best", "in epoch"],
      rows: summary.modules.map {
        [
          $0.module, "\($0.parameters)", NumberText.significant($0.validationLoss),
          NumberText.significant($0.bestValidationLoss), "\($0.bestEpoch)",
        ]
      })
  }
}

extension TrainingJob {
  /// Runs the job to its end.
  ///
  /// - Throws: ``BadInput`` and the errors of models, images, stores and inverses; ``Interrupted`` where it was cancelled: its
  ///   state is saved then, but for what is made in closed form.
  public func run(_ reporter: JobReporter = .silent) throws -> TrainingResult {
    let lock = try OutputPath.lockFolder(out)
    defer { lock.release() }
    let training = try prepare(reporter)
    let (summary, notes) = try training.run(reporter)
    let failures = training.images.flatMap(\.unreadable)
    for failure in failures.prefix(20) { reporter.note("skipped \(failure)") }
    if failures.count > 20 { reporter.note("… and \(failures.count - 20) more images that could not be read") }
    guard summary.isFinished else {
      throw inverse.isClosedForm
        ? Interrupted.startingAgain
        : Interrupted()
    }
    try training.measure(reporter)
    return TrainingResult(plan: training.plan, summary: summary, notes: notes, unreadableImages: failures)
  }
}

/// A training whose model is loaded, whose data is open and whose plan is settled.
struct PreparedTraining {
  typealias Outcome = (summary: TrainingSummary, notes: [(module: String, text: String)])

  let job: TrainingJob
  let model: LoadedModel
  let plan: TrainingPlan
  let data: any TrainingData
  /// The images, with their own reasons not to be read, where there are images.
  let images: [ImageTrainingData]
  /// What is measured at the end; nil where no test images are given.
  let test: TestMeasurement?

  /// Measures the test images with the best weights of the finished training.
  func measure(_ reporter: JobReporter) throws {
    guard let test else { return }
    let folder = InverseFolder(URL(fileURLWithPath: job.out))
    let inverses = try TrainedInverses(
      folder, for: model.backbone, sha256: model.checkpointSHA256, control: job.model.controlName, device: job.device)
    let means = try test.run(inverses, in: folder, seed: job.seed, reporter)
    reporter.say(
      "PSNR of \(test.images.paths.count) test images, which neither trained nor chose: "
        + means.map { "\($0.cut) \(NumberText.fixed($0.peakSignalToNoise, 2)) dB" }.joined(separator: ", "))
  }

  func run(_ reporter: JobReporter) throws -> Outcome {
    let folder = InverseFolder(URL(fileURLWithPath: job.out))
    if plan.inverse.isClosedForm { return try solve(in: folder, reporter) }
    if plan.mode == .polish { return try noted(polish(in: folder, reporter)) }
    return try noted(train(plan, in: folder, reporter))
  }

  private func noted(_ summary: TrainingSummary) -> Outcome { (summary, summary.notes) }

  /// Optimiser steps.
  private func train(_ plan: TrainingPlan, in folder: InverseFolder, _ reporter: JobReporter) throws -> TrainingSummary
  {
    let trainer = try Trainer(plan: plan, folder: folder, data: data, device: job.device) {
      try InversionChain(for: model.backbone, plan: plan)
    }
    announce(
      plan,
      "\(trainer.trainingImages) images for training, \(trainer.validationImages) for validation, "
        + "\(trainer.steps) steps", reporter)
    if trainer.isComplete {
      reporter.say("\(folder.url.path): complete already; nothing to do")
    } else if trainer.stepsDone > 0 {
      reporter.say("going on where it stopped: \(trainer.stepsDone) of \(trainer.steps) steps are done")
    }
    let (steps, stepsBefore) = (trainer.steps, trainer.stepsDone)
    let imageCount = trainer.trainingImages + trainer.validationImages
    trainer.isCancelled = reporter.isCancelled
    trainer.peakResidentBytes = { Host.peakResidentBytes }
    trainer.evaluationInterval = job.evaluationInterval
    trainer.onEvaluation = { try EvaluationSheet.write($0, to: folder.url) }
    trainer.onProgress = { progress in
      let losses = progress.losses.map { "\($0.module) \(NumberText.significant($0.loss))" }.joined(separator: ", ")
      reporter.show(
        JobProgress(
          "train", progress.step, of: steps, unit: "steps", detail: "epoch \(progress.epoch)/\(plan.epochs): \(losses)",
          alreadyDone: stepsBefore))
    }
    trainer.onLeastSquaresProgress = { done, _ in
      reporter.show(JobProgress("least squares", done, of: imageCount, unit: "images"))
    }
    trainer.onEpoch = { reporter.say(PreparedTraining.text($0, of: plan)) }
    return try trainer.run()
  }

  /// Modular training into a folder of its own, then chains that begin with its best weights.
  private func polish(in folder: InverseFolder, _ reporter: JobReporter) throws -> TrainingSummary {
    var (modular, polishing) = (plan, plan)
    modular.mode = .modular
    polishing.epochs = job.polishEpochs ?? max(1, job.epochs / 5)
    polishing.rates = polishing.rates.map { .init(module: $0.module, rate: $0.rate * job.polishFactor) }
    polishing.warmupSteps = 0
    if let saved = try folder.plan() {
      polishing.startSHA256 = saved.startSHA256
      // Another training in the folder is refused before the first of the two begins.
      try folder.begin(polishing)
    }
    try OutputPath.makeFolder(folder.modularFolder.url.path)
    let first = try train(modular, in: folder.modularFolder, reporter)
    guard first.isFinished else { return first }
    polishing.startSHA256 = try folder.modularFolder.digest(modular, .best)
    reporter.say("")
    return try train(polishing, in: folder, reporter)
  }

  /// One pass over the data.
  private func solve(in folder: InverseFolder, _ reporter: JobReporter) throws -> Outcome {
    let solver = try ClosedFormTraining(plan: plan, folder: folder, data: data, device: job.device) {
      try InversionChain(for: model.backbone, plan: plan)
    }
    announce(
      plan, "one pass over \(solver.trainingImages) images, \(solver.validationImages) for validation", reporter)
    if let finished = try solver.finished() {
      reporter.say("\(folder.url.path): complete already; nothing to do")
      return (finished, [])
    }
    let imageCount = solver.trainingImages + solver.validationImages
    solver.isCancelled = reporter.isCancelled
    solver.peakResidentBytes = { Host.peakResidentBytes }
    solver.onProgress = { done, _ in reporter.show(JobProgress("train", done, of: imageCount, unit: "images")) }
    if job.evaluationInterval > 0 { solver.onEvaluation = { try EvaluationSheet.write($0, to: folder.url) } }
    let summary = try solver.run()
    return (summary, solver.notes)
  }

  // MARK: Texts

  private func announce(_ plan: TrainingPlan, _ course: String, _ reporter: JobReporter) {
    let kind =
      switch plan.inverse {
      case .network: "\(plan.mode.rawValue) inverses"
      case .residual: "\(plan.mode.rawValue) inverses on top of least squares"
      default: "\(plan.inverse.rawValue) inverses"
      }
    reporter.say(
      "\(plan.model) (\(plan.family)) at \(plan.width)×\(plan.height): \(kind) at "
        + "\(plan.cuts.joined(separator: ", ")); \(course)")
  }

  /// The losses of an epoch.
  private static func text(_ epoch: TrainingEpoch, of plan: TrainingPlan) -> String {
    let losses = epoch.losses.map { losses in
      let validation = NumberText.significant(losses.validation)
      return losses.training.map { "\(losses.module) \(NumberText.significant($0)) (validation \(validation))" }
        ?? "\(losses.module) \(validation)"
    }
    let name = epoch.epoch == 0 ? "least squares, validation" : "epoch \(epoch.epoch)/\(plan.epochs)"
    return "\(name): \(losses.joined(separator: ", "))"
  }
}
