import ArgumentParser
import Foundation
import Inversion
import Torch

/// `palimpsest train`: inverse networks of a frozen model.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train inverse networks that lead activations back to the image.",
    discussion: """
      One inverse for each component of the model, all from one forward pass, or \
      with --mode end-to-end a chain for each depth. Interrupted at any instant, \
      the same command goes on and ends with the same weights. What the training \
      cost is in efficiency.csv, how well the images come back in curves.csv.

        palimpsest train --model vit-base/ --images photos/ --out vit-inverse/
        palimpsest train --model vit-base/ --features vit.h5 --epochs 30 \\
            --schedule cosine --modules embed,block.3,block.11 --out finer/
        palimpsest train --model vit-base/ --images photos/ --inverse ridge \\
            --out vit-ridge/
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("The folder for plan, history, state and weights.", valueName: "dir"))
  var out: String

  /// What was done, for --json.
  private struct Result: Encodable {
    let out: String
    let mode: TrainingMode
    let inverse: InverseKind
    let modules: [TrainingSummary.Module]
    let steps: Int
    let seconds: Double
    let unreadableImages: [String]
    let peakResidentBytes: Int
  }

  func run() throws {
    let device = try compute.prepare()
    try OutputPath.makeFolder(out)
    let setup = try TrainingRequest(model: model, options: training, device: device).settle()
    let folder = InverseFolder(URL(fileURLWithPath: out))
    let summary: TrainingSummary
    let notes: [(module: String, text: String)]
    if setup.plan.inverse.isClosedForm {
      (summary, notes) = try solve(setup, in: folder, device)
    } else if setup.plan.mode == .polish {
      (summary, notes) = (try polish(setup, in: folder, device), [])
    } else {
      (summary, notes) = (try train(setup.plan, setup, in: folder, device), [])
    }
    let failures = setup.images.flatMap(\.unreadable)
    for failure in failures.prefix(20) { output.note("skipped \(failure)") }
    if failures.count > 20 { output.note("… and \(failures.count - 20) more images that could not be read") }
    guard summary.isFinished else {
      throw setup.plan.inverse.isClosedForm
        ? Interrupted("interrupted; nothing is kept of a map in closed form, the same command begins anew")
        : Interrupted()
    }
    report(summary, notes)
    try output.summarize(
      Result(
        out: out, mode: setup.plan.mode, inverse: setup.plan.inverse, modules: summary.modules, steps: summary.steps,
        seconds: summary.seconds, unreadableImages: failures, peakResidentBytes: Host.peakResidentBytes))
  }

  // MARK: Kinds of training

  private func train(
    _ plan: TrainingPlan, _ setup: TrainingRequest.Setup, in folder: InverseFolder, _ device: Device
  ) throws -> TrainingSummary {
    let trainer = try Trainer(plan: plan, folder: folder, data: setup.data, device: device) {
      try InversionChain(for: setup.model.backbone, plan: plan)
    }
    announce(
      plan,
      "\(trainer.trainingImages) images for training, \(trainer.validationImages) for validation, "
        + "\(trainer.steps) steps")
    if trainer.isComplete {
      output.say("\(folder.url.path): complete already; nothing to do")
    } else if trainer.stepsDone > 0 {
      output.say("going on where it stopped: \(trainer.stepsDone) of \(trainer.steps) steps are done")
    }
    func courseProgress() -> Progress {
      Progress("train", total: trainer.steps, unit: "steps", alreadyDone: trainer.stepsDone, isShown: !output.quiet)
    }
    var progress = courseProgress()
    trainer.isCancelled = { Interruption.isRequested }
    trainer.peakResidentBytes = { Host.peakResidentBytes }
    trainer.evaluationInterval = training.evaluateEvery
    trainer.onEvaluation = { try EvaluationSheet.write($0, to: folder.url) }
    trainer.onProgress = { now in
      let losses = now.losses.map { "\($0.module) \(Train.text($0.loss))" }.joined(separator: ", ")
      progress.update(now.step, note: "epoch \(now.epoch)/\(plan.epochs): \(losses)")
    }
    let floor = Progress(
      "least squares", total: trainer.trainingImages + trainer.validationImages, unit: "images",
      isShown: !output.quiet)
    trainer.onLeastSquaresProgress = { done, _ in floor.update(done) }
    trainer.onEpoch = { epoch in
      (epoch.epoch == 0 ? floor : progress).finish()
      if epoch.epoch == 0 { progress = courseProgress() }
      let losses = epoch.losses.map { losses in
        let validation = Train.text(losses.validation)
        return losses.training.map { "\(losses.module) \(Train.text($0)) (validation \(validation))" }
          ?? "\(losses.module) \(validation)"
      }
      let what = epoch.epoch == 0 ? "least squares, validation" : "epoch \(epoch.epoch)/\(plan.epochs)"
      output.say("\(what): \(losses.joined(separator: ", "))")
    }
    let summary = try trainer.run()
    progress.finish()
    return summary
  }

  /// Modular training into a folder of its own, then chains that begin with its best weights.
  private func polish(_ setup: TrainingRequest.Setup, in folder: InverseFolder, _ device: Device) throws
    -> TrainingSummary
  {
    var (modular, polishing) = (setup.plan, setup.plan)
    modular.mode = .modular
    polishing.epochs = training.polishEpochs ?? max(1, training.epochs / 5)
    polishing.rates = polishing.rates.map { .init(module: $0.module, rate: $0.rate * training.polishFactor) }
    polishing.warmupSteps = 0
    if let saved = try folder.plan() {
      polishing.startSHA256 = saved.startSHA256
      // Another training in the folder is refused before the first of the two begins.
      try folder.begin(polishing)
    }
    try OutputPath.makeFolder(folder.modularFolder.url.path)
    let first = try train(modular, setup, in: folder.modularFolder, device)
    guard first.isFinished else { return first }
    polishing.startSHA256 = try folder.modularFolder.digest(modular, .best)
    output.say("")
    return try train(polishing, setup, in: folder, device)
  }

  private func solve(_ setup: TrainingRequest.Setup, in folder: InverseFolder, _ device: Device) throws -> (
    TrainingSummary, [(module: String, text: String)]
  ) {
    let plan = setup.plan
    let solver = try ClosedFormTraining(plan: plan, folder: folder, data: setup.data, device: device) {
      try InversionChain(for: setup.model.backbone, plan: plan)
    }
    announce(
      plan, "one pass over \(solver.trainingImages) images, \(solver.validationImages) for validation")
    if let finished = try solver.finished() {
      output.say("\(folder.url.path): complete already; nothing to do")
      return (finished, [])
    }
    let progress = Progress(
      "train", total: solver.trainingImages + solver.validationImages, unit: "images", isShown: !output.quiet)
    solver.isCancelled = { Interruption.isRequested }
    solver.peakResidentBytes = { Host.peakResidentBytes }
    solver.onProgress = { done, _ in progress.update(done) }
    if training.evaluateEvery > 0 { solver.onEvaluation = { try EvaluationSheet.write($0, to: folder.url) } }
    let summary = try solver.run()
    progress.finish()
    return (summary, solver.notes)
  }

  private func announce(_ plan: TrainingPlan, _ course: String) {
    let kind =
      switch plan.inverse {
      case .network: "\(plan.mode.rawValue) inverses"
      case .residual: "\(plan.mode.rawValue) inverses on top of least squares"
      default: "\(plan.inverse.rawValue) inverses"
      }
    output.say(
      "\(plan.model) (\(plan.family)) at \(plan.width)×\(plan.height): \(kind) at "
        + "\(plan.cuts.joined(separator: ", ")); \(course)")
  }

  private func report(_ summary: TrainingSummary, _ notes: [(module: String, text: String)]) {
    for note in notes { output.say("\(note.module): \(note.text)") }
    output.say("")
    output.say(
      Table.text(
        header: ["module", "parameters", "validation", "best", "in epoch"],
        rows: summary.modules.map {
          [
            $0.module, "\($0.parameters)", Train.text($0.validationLoss), Train.text($0.bestValidationLoss),
            "\($0.bestEpoch)",
          ]
        }))
    output.say(
      "\(out): best and last weights of every module, history.csv, curves.csv, efficiency.csv; \(Numbers.fixed(summary.seconds, 1)) s in all"
    )
  }

  /// A loss with four significant digits.
  private static func text(_ loss: Double) -> String {
    guard loss.isFinite, loss > 0 else { return "\(loss)" }
    let decimals = max(0, min(9, 3 - Int(log10(loss).rounded(.down))))
    return Numbers.fixed(loss, decimals)
  }
}
