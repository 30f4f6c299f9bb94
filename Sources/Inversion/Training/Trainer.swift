import Backbones
import Foundation
import NeuralNet
import Torch

/// How a training stands, for people.
public struct TrainingProgress: Sendable {
  /// The epoch that runs, counted from 1.
  public let epoch: Int
  public let step: Int
  public let steps: Int
  /// The mean loss of this epoch so far by module, in order.
  public let losses: [(module: String, loss: Double)]
}

/// The losses of a finished epoch.
public struct TrainingEpoch: Sendable {
  public struct Losses: Sendable {
    public let module: String
    public let training: Double
    public let validation: Double
  }

  /// Counted from 1.
  public let epoch: Int
  public let losses: [Losses]
}

/// What a training ended with.
public struct TrainingSummary: Sendable {
  public struct Module: Sendable, Encodable {
    public let module: String
    public let parameters: Int
    /// The last epoch's.
    public let validationLoss: Double
    public let bestValidationLoss: Double
    public let bestEpoch: Int
  }

  public let modules: [Module]
  public let steps: Int
  public let seconds: Double
  /// False where it was interrupted; the state is saved then.
  public let isFinished: Bool
}

/// Trains inverses as a plan says, and goes on where an earlier run of the same plan stopped.
public final class Trainer {
  /// Told after every step.
  public var onProgress: (TrainingProgress) -> Void = { _ in }
  /// Told after every epoch.
  public var onEpoch: (TrainingEpoch) -> Void = { _ in }
  /// Asked after every step; true ends the run with its state saved.
  public var isCancelled: () -> Bool = { false }
  /// Seconds between two saves of the state within an epoch.
  public var saveInterval = 300.0

  private let plan: TrainingPlan
  private let folder: InverseFolder
  private let data: any TrainingData
  private let chain: InversionChain
  private let trainees: [Trainee]
  private let split: DataSplit
  private let shuffler: Generator
  private var state = TrainingProgressState()
  private var history: TrainingHistory
  private var contexts: [Bool: InverseContext] = [:]
  private let start = DispatchTime.now()
  private var secondsBefore = 0.0
  /// Where the shuffler stood when this epoch began.
  private var randomAtEpoch: [UInt8] = []

  /// - Parameter makeChain: gives a new chain of the plan's cuts and profile; end-to-end training takes one a depth.
  /// - Throws: ``InversionError`` where the folder holds another training.
  public init(
    plan: TrainingPlan, folder: InverseFolder, data: any TrainingData, device: Device,
    makeChain: () throws -> InversionChain
  ) throws {
    self.plan = plan
    self.folder = folder
    self.data = data
    chain = try makeChain()
    switch plan.mode {
    case .modular:
      trainees = try chain.modules.map {
        try Trainee(name: $0.name, modules: [$0], target: $0.target, plan: plan, device: device)
      }
    case .endToEnd:
      trainees = try chain.cuts.map { cut in
        try Trainee(
          name: cut, modules: makeChain().modules(from: cut), target: nil, plan: plan, device: device)
      }
    }
    split = try DataSplit(count: data.count, validationShare: plan.validationShare, seed: plan.seed)
    shuffler = try Generator(seed: UInt64(bitPattern: Int64(plan.seed)) &+ 1)
    try folder.begin(plan)
    if let saved = try folder.restore(trainees, plan: plan) {
      state = saved.state
      randomAtEpoch = saved.random
      try shuffler.restore(saved.random)
    } else {
      state.scores = trainees.map { _ in .init() }
      state.plan = String(decoding: try plan.encoded(pretty: false), as: UTF8.self)
    }
    secondsBefore = state.seconds
    history = try TrainingHistory(continuing: folder.historyURL, bytes: state.historyBytes)
  }

  public var stepsPerEpoch: Int {
    (split.training.count + plan.batchSize * plan.accumulation - 1) / (plan.batchSize * plan.accumulation)
  }

  public var steps: Int { stepsPerEpoch * plan.epochs }
  /// Steps that an earlier run made.
  public var stepsDone: Int { state.step }
  public var trainingImages: Int { split.training.count }
  public var validationImages: Int { split.validation.count }

  private var seconds: Double {
    secondsBefore + Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }

  // MARK: Course

  /// Trains to the end of the plan, or until it is cancelled.
  ///
  /// - Throws: ``InversionError`` where a loss is not a number; the state saved last is kept.
  public func run() throws -> TrainingSummary {
    while state.epoch < plan.epochs {
      guard try runEpoch() else {
        try saveState()
        return summary(isFinished: false)
      }
      try finishEpoch()
    }
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

  /// One optimiser step of every trainee from one forward pass of the frozen model for each batch.
  private func runStep(_ rows: [Int], next: [Int]?) throws {
    let batches = rows.pieces(of: plan.batchSize)
    let following = batches.dropFirst().map { $0 } + [next.map { Array($0.prefix(plan.batchSize)) } ?? []]
    var isEmpty = true
    for (batchRows, nextRows) in zip(batches, following) {
      let batch = try data.batch(batchRows)
      if !nextRows.isEmpty { data.announce(nextRows) }
      guard let batch else { continue }
      isEmpty = false
      let context = try context(for: batch, isTraining: true)
      for (index, trainee) in trainees.enumerated() {
        let loss = try trainee.loss(batch, context: context)
        let value = try loss.item()
        guard value.isFinite else { throw divergence(trainee, "loss", value) }
        // The mean over all images of the step, however they are spread over batches.
        try (loss * (Double(batch.count) / Double(rows.count))).backward()
        state.scores[index].lossSum += value * Double(batch.count)
        state.scores[index].images += batch.count
      }
    }
    guard !isEmpty else { return }
    let factor = plan.schedule.factor(step: state.step, of: steps, warmup: plan.warmupSteps)
    for (index, trainee) in trainees.enumerated() {
      let norm = try trainee.step(plan: plan, factor: factor)
      guard norm.isFinite else { throw divergence(trainee, "gradient", norm) }
      state.scores[index].optimizerSteps = trainee.steps
    }
  }

  private func divergence(_ trainee: Trainee, _ what: String, _ value: Double) -> InversionError {
    let hasState = FileManager.default.fileExists(atPath: folder.stateURL.path)
    return InversionError(
      .failed,
      "the \(what) of '\(trainee.name)' is \(value.isNaN ? "not a number" : "infinite") in epoch \(state.epoch + 1) "
        + "at step \(state.step + 1): training diverged; "
        + (hasState ? "the last good state is kept in \(folder.url.path); " : "")
        + "train anew with a lower --learning-rate into another --out")
  }

  /// Validates, keeps the best and the last of each trainee, and makes the epoch count.
  private func finishEpoch() throws {
    let validation = try validate()
    var history = history
    var losses: [TrainingEpoch.Losses] = []
    for (index, trainee) in trainees.enumerated() {
      var score = state.scores[index]
      let loss = validation[index]
      guard loss.isFinite else { throw divergence(trainee, "validation loss", loss) }
      let now = seconds
      guard score.images > 0 else {
        throw InversionError(.badInput, "none of the \(split.training.count) images for training can be read")
      }
      let trained = score.lossSum / Double(score.images)
      losses.append(.init(module: trainee.name, training: trained, validation: loss))
      history.append(
        epoch: state.epoch + 1, step: state.step, module: trainee.name, split: "train", loss: trained, seconds: now)
      history.append(
        epoch: state.epoch + 1, step: state.step, module: trainee.name, split: "validation", loss: loss, seconds: now)
      if score.best.map({ loss < $0 }) ?? true {
        score.best = loss
        score.bestEpoch = state.epoch + 1
        try folder.save(trainee, as: .best, plan: plan, epoch: state.epoch + 1, loss: loss)
      }
      try folder.save(trainee, as: .last, plan: plan, epoch: state.epoch + 1, loss: loss)
      score.last = loss
      score.lossSum = 0
      score.images = 0
      state.scores[index] = score
    }
    try history.write(to: folder.historyURL)
    self.history = history
    state.historyBytes = history.text.utf8.count
    state.epoch += 1
    state.position = 0
    randomAtEpoch = try shuffler.state()
    // From here on the epoch counts; a run that was killed before repeats it and writes the same files again.
    try saveState()
    onEpoch(TrainingEpoch(epoch: state.epoch, losses: losses))
  }

  private func saveState() throws {
    state.seconds = seconds
    try folder.save(state, of: trainees, random: randomAtEpoch)
  }

  /// The mean loss of every trainee over the validation images, with the statistics that were learned.
  private func validate() throws -> [Double] {
    var sums = trainees.map { _ in 0.0 }
    var images = 0
    let batches = split.validation.pieces(of: plan.batchSize)
    try withoutGradients {
      for (index, rows) in batches.enumerated() {
        let batch = try data.batch(rows)
        if index + 1 < batches.count { data.announce(batches[index + 1]) }
        guard let batch else { continue }
        let context = try context(for: batch, isTraining: false)
        for (index, trainee) in trainees.enumerated() {
          sums[index] += try trainee.loss(batch, context: context).item() * Double(batch.count)
        }
        images += batch.count
      }
    }
    guard images > 0 else {
      throw InversionError(.badInput, "none of the \(split.validation.count) images for validation can be read")
    }
    return sums.map { $0 / Double(images) }
  }

  private func context(for batch: TrainingBatch, isTraining: Bool) throws -> InverseContext {
    if batch.images.validSizes == nil, let known = contexts[isTraining] { return known }
    let made = try chain.context(
      height: plan.height, width: plan.width, validSizes: batch.images.validSizes, scale: plan.scale,
      isTraining: isTraining)
    if batch.images.validSizes == nil { contexts[isTraining] = made }
    return made
  }

  // MARK: Report

  private func report() {
    onProgress(
      TrainingProgress(
        epoch: state.epoch + 1, step: state.step, steps: steps,
        losses: zip(trainees, state.scores).map { ($0.name, $1.lossSum / Double(max(1, $1.images))) }))
  }

  private func summary(isFinished: Bool) -> TrainingSummary {
    TrainingSummary(
      modules: trainees.indices.map { index in
        let score = state.scores[index]
        return TrainingSummary.Module(
          module: trainees[index].name,
          parameters: trainees[index].learned.reduce(0) { $0 + $1.parameter.shape.reduce(1, *) },
          validationLoss: score.last ?? .nan,
          bestValidationLoss: score.best ?? .nan, bestEpoch: score.bestEpoch)
      }, steps: state.step, seconds: seconds, isFinished: isFinished)
  }
}
