import Foundation
import Inversion
import NeuralNet

extension Inspect {
  /// What `--json` says of imported modules.
  private struct ImportLines: Encodable {
    let path: String
    let plan: TrainingPlan
    let modules: [ReferenceImport.Origin]
  }

  /// What is known of modules that were trained elsewhere: where each came from, but no images, rates and losses.
  func inspectImport(_ folder: InverseFolder, _ plan: TrainingPlan) throws {
    let origins = try plan.cuts.compactMap { cut -> ReferenceImport.Origin? in
      let url = folder.weightsURL(cut, .best)
      guard FileManager.default.fileExists(atPath: url.path) else { return nil }
      let weights = try SafetensorsFile(contentsOf: url)
      let learned = weights.entries.filter { !$0.name.hasSuffix("running_mean") && !$0.name.hasSuffix("running_var") }
      return ReferenceImport.Origin(
        module: cut, target: weights.metadata["target"] ?? "",
        parameters: learned.reduce(0) { $0 + $1.shape.reduce(1, *) },
        referenceClass: weights.metadata["imported_class"] ?? "", file: weights.metadata["imported_from"] ?? "",
        prefix: weights.metadata["imported_prefix"] ?? "")
    }
    output.say("\(file): inverse networks that import took over from the paper's code")
    for line in [
      ("model", "\(plan.model) (\(plan.family)), weights \(plan.checkpointSHA256.prefix(12))…"),
      ("mode", "\(plan.mode.rawValue), profile \(plan.profile.rawValue)"), ("input", "\(plan.width)×\(plan.height)"),
      ("training", "not known: images, rates and losses are not in the files"),
    ] {
      output.say("  \(Table.padded(line.0, 20)) \(line.1)")
    }
    output.say("")
    output.say(Import.table(origins))
    try output.summarize(ImportLines(path: file, plan: plan, modules: origins))
  }
}
