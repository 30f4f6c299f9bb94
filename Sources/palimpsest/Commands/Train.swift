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
      the same command goes on and ends with the same weights.

        palimpsest train --model vit-base/ --images photos/ --out vit-inverse/
        palimpsest train --model vit-base/ --features vit.h5 --epochs 30 \\
            --schedule cosine --modules embed,block.3,block.11 --out finer/
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
    let plan = setup.plan
    let folder = InverseFolder(URL(fileURLWithPath: out))
    let trainer = try Trainer(plan: plan, folder: folder, data: setup.data, device: device) {
      try InversionChain(for: setup.model.backbone, cuts: plan.cuts, profile: plan.profile)
    }
    announce(trainer, plan)
    let progress = Progress(
      "train", total: trainer.steps, unit: "steps", alreadyDone: trainer.stepsDone, isShown: !output.quiet)
    trainer.isCancelled = { Interruption.isRequested }
    trainer.onProgress = { now in
      let losses = now.losses.map { "\($0.module) \(Train.text($0.loss))" }.joined(separator: ", ")
      progress.update(now.step, note: "epoch \(now.epoch)/\(plan.epochs): \(losses)")
    }
    trainer.onEpoch = { epoch in
      progress.finish()
      let losses = epoch.losses.map {
        "\($0.module) \(Train.text($0.training)) (validation \(Train.text($0.validation)))"
      }
      output.say("epoch \(epoch.epoch)/\(plan.epochs): \(losses.joined(separator: ", "))")
    }
    let summary = try trainer.run()
    progress.finish()
    let failures = setup.images?.unreadable ?? []
    for failure in failures.prefix(20) { output.note("skipped \(failure)") }
    if failures.count > 20 { output.note("… and \(failures.count - 20) more images that could not be read") }
    guard summary.isFinished else { throw Interrupted() }
    report(summary)
    try output.summarize(
      Result(
        out: out, mode: plan.mode, modules: summary.modules, steps: summary.steps, seconds: summary.seconds,
        unreadableImages: failures, peakResidentBytes: Host.peakResidentBytes))
  }

  private func announce(_ trainer: Trainer, _ plan: TrainingPlan) {
    output.say(
      "\(plan.model) (\(plan.family)) at \(plan.width)×\(plan.height): \(plan.mode.rawValue) inverses at "
        + "\(plan.cuts.joined(separator: ", ")); \(trainer.trainingImages) images for training, "
        + "\(trainer.validationImages) for validation, \(trainer.steps) steps")
    if trainer.stepsDone >= trainer.steps {
      output.say("\(out): complete already; nothing to do")
    } else if trainer.stepsDone > 0 {
      output.say("going on where it stopped: \(trainer.stepsDone) of \(trainer.steps) steps are done")
    }
  }

  private func report(_ summary: TrainingSummary) {
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
      "\(out): best and last weights of every module, history.csv; \(Numbers.fixed(summary.seconds, 1)) s in all")
  }

  /// A loss with four significant digits.
  private static func text(_ loss: Double) -> String {
    guard loss.isFinite, loss > 0 else { return "\(loss)" }
    let decimals = max(0, min(9, 3 - Int(log10(loss).rounded(.down))))
    return Numbers.fixed(loss, decimals)
  }
}
