import Foundation
import Inversion
import NeuralNet

/// The plan of a training and, for each inverse, the best weights there are.
public struct TrainingInspection: Inspection {
  public struct Module: Encodable, Sendable {
    public let module: String
    public let parameters: Int
    /// nil of a map in closed form.
    public let epoch: Int?
    public let validationLoss: Double?
  }

  public let path: String
  public let plan: TrainingPlan
  /// Those that have weights already.
  public let modules: [Module]

  /// A folder of a training, or of imported modules.
  ///
  /// - Throws: ``BadInput`` where it has no plan; `InversionError` and `CheckpointError`.
  static func inspect(_ path: String) throws -> any Inspection {
    guard let plan = try InverseFolder(URL(fileURLWithPath: path)).plan() else {
      throw BadInput("\(path): there is no plan.json in it")
    }
    return plan.isImported
      ? try ImportInspection(path, plan) as any Inspection : try TrainingInspection(path, plan) as any Inspection
  }

  private init(_ path: String, _ plan: TrainingPlan) throws {
    self.path = path
    self.plan = plan
    modules = try BestWeights.all(of: plan, in: path).map { module, weights in
      Module(
        module: module, parameters: weights.learnedCount, epoch: weights.metadata["epoch"].flatMap(Int.init),
        validationLoss: weights.metadata["validation_loss"].flatMap(Double.init))
    }
  }

  public var title: String { "inverses of a training" }

  /// By what modules were trained.
  private var lossText: String {
    guard plan.mode == .modular else { return "of the image" }
    let share = plan.featureShare.map { " with a share of \($0) of the feature's" } ?? ""
    return plan.moduleLoss.rawValue + share + (plan.hasInputNoise == true ? ", pixel module on inputs with errors" : "")
  }

  public var facts: [InspectionFact] {
    var facts = [
      InspectionFact("model", plan.modelText), InspectionFact("control", plan.control),
      InspectionFact(
        "inverse",
        plan.inverse.rawValue + (plan.neighbourhood.map { ", least-squares maps of \($0)×\($0) tokens" } ?? "")),
      InspectionFact("mode", "\(plan.mode.rawValue), profile \(plan.profile.rawValue)"),
      InspectionFact("images", "\(plan.imageCount) from \(plan.source) at \(plan.width)×\(plan.height)"),
    ]
    if plan.inverse.isClosedForm {
      facts.append(InspectionFact("course", "one pass, batches of \(plan.batchSize), seed \(plan.seed)"))
    } else {
      let optimizer = plan.optimizer.decaysWeights ? "AdamW" : "Adam"
      facts += [
        InspectionFact(
          "course", "\(plan.epochs) epochs, batches of \(plan.batchSize) × \(plan.accumulation), seed \(plan.seed)"),
        InspectionFact(
          "optimiser", "\(optimizer), \(plan.schedule.rawValue) rates, warm-up \(plan.warmupSteps) steps"),
        InspectionFact("loss", lossText),
        InspectionFact("best weights", "by \(plan.best == .image ? "the images" : "the loss")"),
        InspectionFact("rates", plan.rates.map { "\($0.module) \($0.rate)" }.joined(separator: ", ")),
      ]
    }
    return facts
  }

  public var tables: [InspectionTable] {
    [
      InspectionTable(
        header: ["module", "parameters", "best validation", "in epoch"],
        rows: modules.map {
          [$0.module, "\($0.parameters)", $0.validationLoss.map { "\($0)" } ?? "", $0.epoch.map { "\($0)" } ?? ""]
        }, placeholder: "no epoch is finished yet; repeat the command that began it to go on")
    ]
  }
}

/// Modules that were trained elsewhere: where each came from. Their images, rates and losses are not known.
public struct ImportInspection: Inspection {
  public let path: String
  public let plan: TrainingPlan
  public let modules: [ReferenceImport.Origin]

  init(_ path: String, _ plan: TrainingPlan) throws {
    self.path = path
    self.plan = plan
    modules = try BestWeights.all(of: plan, in: path).map { module, weights in
      ReferenceImport.Origin(
        module: module, target: weights.metadata["target"] ?? "", parameters: weights.learnedCount,
        referenceClass: weights.metadata["imported_class"] ?? "", file: weights.metadata["imported_from"] ?? "",
        prefix: weights.metadata["imported_prefix"] ?? "")
    }
  }

  public var title: String { "inverse networks that import took over from the paper's code" }

  public var facts: [InspectionFact] {
    [
      InspectionFact("model", plan.modelText),
      InspectionFact("mode", "\(plan.mode.rawValue), profile \(plan.profile.rawValue)"),
      InspectionFact("input", "\(plan.width)×\(plan.height)"),
      InspectionFact("training", "not known: images, rates and losses are not in the files"),
    ]
  }

  public var tables: [InspectionTable] { [ImportInspection.table(modules)] }

  /// Where each module came from.
  public static func table(_ origins: [ReferenceImport.Origin]) -> InspectionTable {
    InspectionTable(
      header: ["module", "leads to", "parameters", "class", "file"],
      rows: origins.map { origin in
        let file = origin.prefix.isEmpty ? origin.file : "\(origin.file) (\(origin.prefix))"
        return [origin.module, origin.target, "\(origin.parameters)", origin.referenceClass, file]
      })
  }
}

/// The best weights of a training's modules.
private enum BestWeights {
  /// In the order of the cuts; modules without weights are left out.
  static func all(of plan: TrainingPlan, in path: String) throws -> [(module: String, weights: SafetensorsFile)] {
    let folder = InverseFolder(URL(fileURLWithPath: path))
    return try plan.cuts.compactMap { cut in
      let url = folder.weightsURL(cut, .best)
      guard FileManager.default.fileExists(atPath: url.path) else { return nil }
      return (cut, try SafetensorsFile(contentsOf: url))
    }
  }
}

extension SafetensorsFile {
  /// How many numbers were learned: running statistics are not.
  fileprivate var learnedCount: Int {
    entries.filter { !$0.name.hasSuffix("running_mean") && !$0.name.hasSuffix("running_var") }
      .reduce(0) { $0 + $1.shape.reduce(1, *) }
  }
}

extension TrainingPlan {
  /// The model and its weights, for people.
  fileprivate var modelText: String { "\(model) (\(family)), weights \(checkpointSHA256.prefix(12))…" }
}
