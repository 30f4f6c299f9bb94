import Foundation
import Inversion
import NeuralNet

extension Inspect {
  /// What `--json` says of a training.
  private struct InverseLines: Encodable {
    struct Module: Encodable {
      let module: String
      let parameters: Int
      let epoch: Int?
      let validationLoss: Double?
    }

    let path: String
    let plan: TrainingPlan
    let modules: [Module]
  }

  /// The plan of a training and, for each inverse, the best weights there are.
  func inspectInverse() throws {
    let folder = InverseFolder(URL(fileURLWithPath: file))
    guard let plan = try folder.plan() else { throw BadInput("\(file): there is no plan.json in it") }
    if plan.isImported { return try inspectImport(folder, plan) }
    let modules = try plan.cuts.compactMap { cut -> InverseLines.Module? in
      let url = folder.weightsURL(cut, .best)
      guard FileManager.default.fileExists(atPath: url.path) else { return nil }
      let weights = try SafetensorsFile(contentsOf: url)
      let learned = weights.entries.filter { !$0.name.hasSuffix("running_mean") && !$0.name.hasSuffix("running_var") }
      return InverseLines.Module(
        module: cut, parameters: learned.reduce(0) { $0 + $1.shape.reduce(1, *) },
        epoch: weights.metadata["epoch"].flatMap(Int.init),
        validationLoss: weights.metadata["validation_loss"].flatMap(Double.init))
    }
    var lines = [
      ("model", "\(plan.model) (\(plan.family)), weights \(plan.checkpointSHA256.prefix(12))…"),
      ("control", plan.control), ("inverse", plan.inverse.rawValue),
      ("mode", "\(plan.mode.rawValue), profile \(plan.profile.rawValue)"),
      ("images", "\(plan.imageCount) from \(plan.source) at \(plan.width)×\(plan.height)"),
    ]
    if plan.inverse.isClosedForm {
      lines.append(("course", "one pass, batches of \(plan.batchSize), seed \(plan.seed)"))
    } else {
      let optimizer = plan.optimizer.decaysWeights ? "AdamW" : "Adam"
      lines += [
        ("course", "\(plan.epochs) epochs, batches of \(plan.batchSize) × \(plan.accumulation), seed \(plan.seed)"),
        ("optimiser", "\(optimizer), \(plan.schedule.rawValue) rates, warm-up \(plan.warmupSteps) steps"),
        ("rates", plan.rates.map { "\($0.module) \($0.rate)" }.joined(separator: ", ")),
      ]
    }
    output.say("\(file): inverses of a training")
    for line in lines { output.say("  \(Table.padded(line.0, 20)) \(line.1)") }
    output.say("")
    if modules.isEmpty {
      output.say("no epoch is finished yet; repeat the command that began it to go on")
    } else {
      output.say(
        Table.text(
          header: ["module", "parameters", "best validation", "in epoch"],
          rows: modules.map {
            [
              $0.module, "\($0.parameters)", $0.validationLoss.map { "\($0)" } ?? "", $0.epoch.map { "\($0)" } ?? "",
            ]
          }))
    }
    try output.summarize(InverseLines(path: file, plan: plan, modules: modules))
  }
}
