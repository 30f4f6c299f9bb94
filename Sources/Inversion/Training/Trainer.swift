import Backbones
import Formats
import Foundation
import NeuralNet
import Torch

/// Trains inverses as a plan says, and goes on where an earlier run of the same plan stopped.
public final class Trainer {
  /// Called after every step.
  public var onProgress: (TrainingProgress) -> Void = { _ in }
  /// Called after every batch of the pass for the least-squares maps below the networks: images seen, of how many.
  public var onLeastSquaresProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  /// Called after every epoch; at epoch 0 the maps are solved and no network is trained yet.
  public var onEpoch: (TrainingEpoch) -> Void = { _ in }
  /// `onEvaluation` is called after every so many epochs; 0: never.
  public var evaluationInterval = 0
  public var onEvaluation: (TrainingEvaluation) throws -> Void = { _ in }
  /// Called after every step; true ends the run with its state saved.
  public var isCancelled: () -> Bool = { false }
  /// The most memory that the process had in RAM, in bytes.
  public var peakResidentBytes: () -> Int = { 0 }
  /// Seconds between two saves of the state within an epoch.
  public var saveInterval = 300.0

  let plan: TrainingPlan
  let folder: InverseFolder
  let data: any TrainingData
  package let units: [TrainedUnit]
  let split: DataSplit
  var state = TrainingProgressState()
  /// The chain of the best modules so far, where the images choose and there is more than one module.
  let kept: KeptModules?
  let validator: Validator
  private let device: Device
  private let chain: InversionChain
  private let shuffler: Generator
  var history: TrainingTable
  var curves: TrainingTable
  private var contexts: [Bool: InverseContext] = [:]
  private let start = DispatchTime.now()
  private var secondsBefore = 0.0
  /// The shuffler's state when this epoch began.
  private var randomAtEpoch: [UInt8] = []
  /// Whether a pass over the data comes first, for the maps below the networks or for what measures errors.
  private let needsPass: Bool
  /// Steps of this run.
  private var runSteps = 0

  /// - Parameters:
  ///   - folder: where the plan, the weights, the state and the tables go. Polishing finds the modular training in its
  ///     ``InverseFolder/modularFolder``.
  ///   - makeChain: gives a new chain of the plan's cuts; training of chains takes one a depth.
  /// - Throws: ``InversionError`` where the folder holds another training.
  public init(
    plan: TrainingPlan, folder: InverseFolder, data: any TrainingData, device: Device,
    makeChain: () throws -> InversionChain
  ) throws {
    precondition(plan.inverse.isTrained, "what is made in closed form is not trained")
    self.plan = plan
    self.folder = folder
    self.data = data
    self.device = device
    chain = try makeChain()
    units =
      plan.mode.trainsChains
      ? try chain.cuts.map { cut in
        try TrainedUnit(name: cut, modules: makeChain().modules(from: cut), target: nil, plan: plan, device: device)
      }
      : try chain.modules.map { [chain] module in
        try TrainedUnit(
          name: module.name, modules: [module], target: module.target, plan: plan, device: device,
          metric: chain.errorMetric(of: module, plan: plan), inputNoise: chain.inputNoise(of: module, plan: plan))
      }
    split = try DataSplit(plan, count: data.count)
    validator = Validator(plan: plan, data: data, split: split, units: units)
    kept =
      plan.best == .image && !plan.mode.trainsChains && units.count > 1
      ? try KeptModules(makeChain(), like: units) : nil
    shuffler = try Generator(seed: UInt64(bitPattern: Int64(plan.seed)) &+ 1)
    try folder.begin(plan)
    if let saved = try folder.restore(units, kept, plan: plan) {
      state = saved.state
      randomAtEpoch = saved.random
      try shuffler.restore(saved.random)
    } else {
      state.scores = units.map { _ in .init() }
      state.plan = String(decoding: try plan.encoded(pretty: false), as: UTF8.self)
      if plan.mode == .polish {
        for unit in units { try unit.begin(with: folder.modularFolder) }
        state.inherited = try folder.modularFolder.savedCost()
      }
    }
    let hasPass = plan.inverse == .residual || units.contains { $0.metric != nil }
    needsPass = hasPass && plan.mode != .polish && randomAtEpoch.isEmpty
    secondsBefore = state.seconds
    history = try TrainingTable(folder.historyURL, header: TrainingHistory.header, continuing: state.historyBytes)
    curves = try TrainingTable(folder.curvesURL, header: TrainingCurves.header, continuing: state.curveBytes)
  }

  public var stepsPerEpoch: Int {
    (split.training.count + plan.batchSize * plan.accumulation - 1) / (plan.batchSize * plan.accumulation)
  }

  public var steps: Int { stepsPerEpoch * plan.epochs }
  /// Steps that an earlier run made.
  public var stepsDone: Int { state.step }
  public var trainingImages: Int { split.training.count }
  public var validationImages: Int { split.validation.count }

  var seconds: Double { secondsBefore + Trainer.seconds(since: start) }

  private static func seconds(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }

  /// Whether every epoch is done, or every unit has stopped early.
  public var isComplete: Bool { state.epoch >= plan.epochs || units.indices.allSatisfy(hasStopped) }

  /// Whether a unit did not get better for as many epochs as the plan waits.
  func hasStopped(_ index: Int) -> Bool {
    let score = state.scores[index]
    return plan.patience > 0 && score.best != nil
      && state.epoch - (score.improvedEpoch ?? score.bestEpoch) >= plan.patience
  }

  // MARK: Course

  /// Trains to the end of the plan, or until it is cancelled.
  ///
  /// - Throws: ``InversionError`` where a loss is not a number; the state saved last is kept.
  public func run() throws -> TrainingSummary {
    if needsPass {
      randomAtEpoch = try shuffler.state()
      // Nothing is kept of a pass that did not end.
      guard try solveLeastSquares() else { return summary(isFinished: false) }
    }
    while !isComplete {
      guard try runEpoch() else {
        try saveState()
        return summary(isFinished: false)
      }
      try finishEpoch()
    }
    // A run that was killed right after its last state was saved had no time for it.
    try writeEfficiency(to: folder.efficiencyURL)
    return summary(isFinished: true)
  }

  /// The steps of an epoch that are left; false where it was cancelled.
  private func runEpoch() throws -> Bool {
    randomAtEpoch = try shuffler.state()
    let order = try Tensor.randomPermutation(split.training.count, generator: shuffler).values(as: Int64.self)
    let groups = order.map { split.training[Int($0)] }.pieces(of: plan.batchSize * plan.accumulation)
    var lastSave = seconds
    for (index, group) in groups.enumerated().dropFirst(state.position) {
      try runStep(group, next: index + 1 < groups.count ? groups[index + 1] : nil)
      state.position += 1
      state.step += 1
      report()
      if isCancelled() { return false }
      if seconds - lastSave > saveInterval {
        try saveState()
        lastSave = seconds
      }
    }
    return true
  }

  /// One optimiser step of every unit from one forward pass of the frozen model for each batch.
  private func runStep(_ rows: [Int], next: [Int]?) throws {
    let begin = DispatchTime.now()
    let batches = rows.pieces(of: plan.batchSize)
    let following = batches.dropFirst().map { $0 } + [next.map { Array($0.prefix(plan.batchSize)) } ?? []]
    var seen = 0
    for (position, (batchRows, nextRows)) in zip(batches, following).enumerated() {
      let batch = try measuringOperations(\.frozenOperationsPerImage, images: batchRows.count) {
        try data.batch(batchRows)
      }
      if !nextRows.isEmpty { data.announce(nextRows) }
      guard let batch else { continue }
      seen += batch.count
      let context = try context(for: batch, isTraining: true)
      state.cost.operations += state.frozenOperationsPerImage * batch.count
      for index in units.indices where !hasStopped(index) {
        try timing(index) {
          try accumulate(
            index, batch, batchRows, share: Double(batch.count) / Double(rows.count),
            draw: state.step * plan.accumulation + position, context)
        }
        state.cost.operations += state.scores[index].operationsPerImage * batch.count
      }
    }
    guard seen > 0 else { return }
    let factor = plan.schedule.factor(step: state.step, of: steps, warmup: plan.warmupSteps)
    for (index, unit) in units.enumerated() where unit.isLearning && !hasStopped(index) {
      try timing(index) {
        let norm = try unit.step(plan: plan, factor: factor)
        guard norm.isFinite else { throw divergence(unit, "gradient", norm) }
      }
      state.scores[index].optimizerSteps = unit.steps
      if runSteps > 0 { state.scores[index].timedSteps += 1 }
    }
    if device != .cpu { try device.synchronize() }
    count(TrainingCost(steps: 1, images: seen, seconds: Trainer.seconds(since: begin)))
  }

  /// Adds a unit's gradients for a batch.
  private func accumulate(
    _ index: Int, _ batch: TrainingBatch, _ rows: [Int], share: Double, draw: Int, _ context: InverseContext
  ) throws {
    let unit = units[index]
    try measuringOperations(\.scores[index].operationsPerImage, images: batch.count) {
      let loss = try unit.loss(batch, context: context, draw: draw)
      let value = try loss.item()
      guard value.isFinite else {
        // What came in is to blame before what was learned.
        try FiniteActivations.require(batch, rows: rows, of: data)
        throw divergence(unit, "loss", value)
      }
      // The mean over all images of the step, however they are spread over batches.
      if unit.isLearning { try (loss * share).backward() }
      state.scores[index].lossSum += value * Double(batch.count)
      state.scores[index].images += batch.count
    }
  }

  // MARK: Measurement

  /// Runs `body` and, the first time, counts what it computes for an image.
  private func measuringOperations<Result>(
    _ operations: WritableKeyPath<TrainingProgressState, Int>, images: Int, _ body: () throws -> Result
  ) throws -> Result {
    guard state.step == 0, state[keyPath: operations] == 0 else { return try body() }
    let counted = try Runtime.countingOperations(body)
    state[keyPath: operations] = counted.operations / max(1, images)
    return counted.result
  }

  private func timing(_ index: Int, _ body: () throws -> Void) throws {
    let begin = DispatchTime.now()
    try body()
    if runSteps > 0 { state.scores[index].seconds += Trainer.seconds(since: begin) }
  }

  private func count(_ step: TrainingCost) {
    state.cost = state.cost + step
    if runSteps > 0 { state.timed = state.timed + step }
    runSteps += 1
  }

  func divergence(_ unit: TrainedUnit, _ what: String, _ value: Double) -> InversionError {
    let hasState = FileManager.default.fileExists(atPath: folder.stateURL.path)
    return InversionError(
      .failed,
      "the \(what) of '\(unit.name)' is \(value.isNaN ? "not a number" : "infinite") in epoch \(state.epoch + 1) "
        + "at step \(state.step + 1): training diverged; "
        + (hasState ? "the last good state is kept in \(folder.url.path); " : "")
        + "train again with a lower --learning-rate into another --out")
  }

  // MARK: Epochs

  /// Validates, keeps the best and the last of each unit, and makes the epoch count.
  private func finishEpoch() throws {
    let validation = try validator.validate { try context(for: $0, isTraining: false) }
    let epoch = state.epoch + 1
    // Whether a shallower module was kept anew: what the kept one gave through it is then to be measured again.
    var hasNewModules = false
    var (history, curves) = (history, curves)
    var losses: [TrainingEpoch.Losses] = []
    for (index, unit) in units.enumerated() {
      curves.append(
        TrainingCurves.row(
          epoch: epoch, cost: state.inherited + state.cost, cut: unit.name, errors: validation[index].imageErrors))
      guard !hasStopped(index) else { continue }
      var score = state.scores[index]
      let loss = validation[index].loss
      guard loss.isFinite else { throw divergence(unit, "validation loss", loss) }
      if let error = validation[index].imageErrors.first(where: { !$0.isFinite }) {
        throw divergence(unit, "error of a validation image", error)
      }
      let now = seconds
      guard score.images > 0 else {
        throw InversionError(.badInput, "none of the \(split.training.count) images for training can be read")
      }
      let trained = score.lossSum / Double(score.images)
      losses.append(.init(module: unit.name, training: trained, validation: loss))
      for (split, loss) in [("train", trained), ("validation", loss)] {
        history.append(
          TrainingHistory.row(
            epoch: epoch, step: state.step, module: unit.name, split: split, loss: loss, seconds: now))
      }
      if try isBest(index, validation[index], &score, epoch: epoch, &hasNewModules) {
        score.best = loss
        score.bestEpoch = epoch
        try kept?.keep(unit, at: index)
        try folder.save(unit, as: .best, plan: plan, epoch: epoch, loss: loss)
      }
      if let error = score.bestImageError {
        history.append(
          TrainingHistory.row(
            epoch: epoch, step: state.step, module: unit.name, split: "image", loss: error, seconds: now))
      }
      try folder.save(unit, as: .last, plan: plan, epoch: epoch, loss: loss)
      score.last = loss
      score.note(validation[index])
      score.lossSum = 0
      score.images = 0
      state.scores[index] = score
    }
    validator.batches.release()
    try history.write()
    try curves.write()
    (self.history, self.curves) = (history, curves)
    (state.historyBytes, state.curveBytes) = (history.bytes, curves.bytes)
    if evaluationInterval > 0, epoch % evaluationInterval == 0 {
      if let evaluation = try validator.evaluation(epoch: epoch, context: { try context(for: $0, isTraining: false) }) {
        try onEvaluation(evaluation)
      }
    }
    state.epoch = epoch
    state.position = 0
    randomAtEpoch = try shuffler.state()
    // From here on the epoch counts; a run that was killed before repeats it and writes the same files again.
    try saveState()
    try writeEfficiency(to: folder.efficiencyURL)
    onEpoch(TrainingEpoch(epoch: state.epoch, losses: losses))
  }

  func saveState() throws {
    state.seconds = seconds
    state.peakResidentBytes = max(state.peakResidentBytes, peakResidentBytes())
    state.peakDeviceBytes = max(state.peakDeviceBytes, try device.peakMemory)
    try folder.save(state, of: units, kept, random: randomAtEpoch)
  }

  func context(for batch: TrainingBatch, isTraining: Bool) throws -> InverseContext {
    if batch.images.validSizes == nil, let context = contexts[isTraining] { return context }
    let context = try chain.context(
      height: plan.height, width: plan.width, validSizes: batch.images.validSizes, scale: plan.scale,
      isTraining: isTraining)
    if batch.images.validSizes == nil { contexts[isTraining] = context }
    return context
  }

  // MARK: Report

  private func report() {
    onProgress(
      TrainingProgress(
        epoch: state.epoch + 1, step: state.step, steps: steps,
        losses: units.indices.filter { !hasStopped($0) }.map { index in
          let score = state.scores[index]
          return (units[index].name, score.lossSum / Double(max(1, score.images)))
        }))
  }

  private func summary(isFinished: Bool) -> TrainingSummary {
    TrainingSummary(
      modules: units.indices.map { index in
        let score = state.scores[index]
        return TrainingSummary.Module(
          module: units[index].name, parameters: units[index].learnedCount,
          validationLoss: score.last ?? .nan, bestValidationLoss: score.best ?? .nan, bestEpoch: score.bestEpoch)
      }, steps: state.step, seconds: seconds, isFinished: isFinished, notes: notes)
  }
}
