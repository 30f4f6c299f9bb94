import Backbones
import Foundation
import NeuralNet
import Results
import Torch

/// Makes inverses that need no optimiser (least squares, and the controls) from one pass over the data.
///
/// It writes the same files as ``Trainer``, but for the state: a run that was killed starts again, and ends with the same files.
public final class ClosedFormTraining {
  /// Called after every batch: images seen, of how many.
  public var onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  /// Called at the end with reconstructions of some validation images.
  public var onEvaluation: ((TrainingEvaluation) throws -> Void)?
  /// Called before every batch; true ends the run without a result.
  public var isCancelled: () -> Bool = { false }
  /// The most memory that the process had in RAM, in bytes.
  public var peakResidentBytes: () -> Int = { 0 }

  private let plan: TrainingPlan
  private let folder: InverseFolder
  private let data: any TrainingData
  private let chain: InversionChain
  private let units: [TrainedUnit]
  private let split: DataSplit
  private var unpaddedContext: InverseContext?
  private let start = DispatchTime.now()
  /// A note on each module's solution, by cut.
  public private(set) var notes: [(module: String, text: String)] = []

  /// - Throws: ``InversionError`` where the folder holds another training.
  public init(
    plan: TrainingPlan, folder: InverseFolder, data: any TrainingData, device: Device,
    makeChain: () throws -> InversionChain
  ) throws {
    precondition(plan.inverse.isClosedForm, "networks are trained")
    self.plan = plan
    self.folder = folder
    self.data = data
    let chain = try makeChain()
    self.chain = chain
    units = try chain.modules.map {
      try TrainedUnit(name: $0.name, modules: [$0], target: $0.target, plan: plan, device: device)
    }
    split = try DataSplit(plan, count: data.count)
    try folder.begin(plan)
  }

  public var trainingImages: Int { split.training.count }
  public var validationImages: Int { split.validation.count }

  private var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9 }

  /// The result of an earlier run of the same plan, or nil where none was finished.
  public func finished() throws -> TrainingSummary? {
    guard FileManager.default.fileExists(atPath: folder.efficiencyURL.path) else { return nil }
    let losses = units.map { unit -> Double? in
      let file = try? SafetensorsFile(contentsOf: folder.weightsURL(unit.name, .last))
      return file?.metadata["validation_loss"].flatMap(Double.init)
    }
    guard !losses.contains(nil) else { return nil }
    return summary(losses.map { $0 ?? .nan }, isFinished: true)
  }

  /// Observes every image, solves, validates and writes.
  ///
  /// - Throws: ``InversionError`` where no image can be read.
  public func run() throws -> TrainingSummary {
    var pass = ClosedFormPass(plan: plan, data: data, split: split, modules: units.flatMap(\.modules))
    pass.onProgress = onProgress
    pass.isCancelled = isCancelled
    guard let result = try pass.run(context) else {
      return summary(units.map { _ in .nan }, isFinished: false)
    }
    notes = result.notes
    var cost = TrainingCost(images: result.cost.images)
    cost.seconds = seconds
    return try finish(cost)
  }

  /// Validates, and writes the tables and the weights; the table of what it cost comes last and marks the end.
  private func finish(_ cost: TrainingCost) throws -> TrainingSummary {
    let validator = Validator(plan: plan, data: data, split: split, units: units)
    let results = try validator.validate(context)
    for (unit, result) in zip(units, results) { try result.requireFinite(unit.name) }
    var history = try TrainingTable(folder.historyURL, header: TrainingHistory.header, continuing: 0)
    var curves = try TrainingTable(folder.curvesURL, header: TrainingCurves.header, continuing: 0)
    var efficiency = EfficiencyTable()
    for (unit, result) in zip(units, results) {
      history.append(
        TrainingHistory.row(
          epoch: 1, step: 0, module: unit.name, split: "validation", loss: result.loss, seconds: cost.seconds))
      curves.append(TrainingCurves.row(epoch: 1, cost: cost, cut: unit.name, errors: result.imageErrors))
      for kept in [InverseFolder.Kept.best, .last] {
        try folder.save(unit, as: kept, plan: plan, epoch: 1, loss: result.loss)
      }
    }
    let parameters = units.map { $0.parameters.reduce(0) { $0 + $1.parameter.shape.reduce(1, *) } }
    efficiency.add(EfficiencyMetric.wholeRun, .parameters, parameters.reduce(0, +))
    efficiency.add(EfficiencyMetric.wholeRun, .peakResidentBytes, peakResidentBytes())
    efficiency.add(EfficiencyMetric.wholeRun, .images, cost.images)
    efficiency.add(EfficiencyMetric.wholeRun, .trainingSeconds, cost.seconds)
    for (unit, count) in zip(units, parameters) { efficiency.add(unit.name, .parameters, count) }
    try history.write()
    try curves.write()
    if let onEvaluation, let evaluation = try validator.evaluation(epoch: 1, context: context) {
      try onEvaluation(evaluation)
    }
    try efficiency.write(to: folder.efficiencyURL)
    return summary(results.map(\.loss), isFinished: true)
  }

  private func context(for batch: TrainingBatch) throws -> InverseContext {
    if batch.images.validSizes == nil, let unpaddedContext { return unpaddedContext }
    let context = try chain.context(
      height: plan.height, width: plan.width, validSizes: batch.images.validSizes, scale: plan.scale,
      isTraining: false)
    if batch.images.validSizes == nil { unpaddedContext = context }
    return context
  }

  private func summary(_ losses: [Double], isFinished: Bool) -> TrainingSummary {
    TrainingSummary(
      modules: zip(units, losses).map { unit, loss in
        TrainingSummary.Module(
          module: unit.name,
          parameters: unit.parameters.reduce(0) { $0 + $1.parameter.shape.reduce(1, *) }, validationLoss: loss,
          bestValidationLoss: loss, bestEpoch: 1)
      }, steps: 0, seconds: seconds, isFinished: isFinished)
  }
}
