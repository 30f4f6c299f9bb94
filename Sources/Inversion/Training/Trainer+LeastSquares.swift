import NeuralNet
import Torch

extension Trainer {
  /// Solves the least-squares maps below the networks, and makes them the best inverses until training finds better.
  ///
  /// - Returns: false where it was cancelled.
  func solveLeastSquares() throws -> Bool {
    // Of chains, each solves the map of its own cut; those that pass through the cut copy it.
    let owners = units.compactMap { $0.modules.first }
    var pass = ClosedFormPass(
      plan: plan, data: data, split: split, modules: plan.inverse == .residual ? owners : [])
    pass.metrics = units.compactMap { unit in
      guard let metric = unit.metric, let cut = unit.modules.last?.targetCut else { return nil }
      return (cut, metric)
    }
    pass.onProgress = onLeastSquaresProgress
    pass.isCancelled = isCancelled
    guard let result = try pass.run({ try context(for: $0, isTraining: false) }) else { return false }
    for unit in units {
      for module in unit.modules.dropFirst() {
        guard let owner = owners.first(where: { $0.name == module.name }) else { continue }
        try withoutGradients {
          for ((_, parameter), (_, solved)) in zip(module.namedParameters(), owner.namedParameters())
          where !parameter.isLearned {
            try parameter.value.copy(from: solved.value)
          }
        }
      }
    }
    state.cost = state.cost + result.cost
    if plan.inverse == .residual { try keepBaseline() }
    return true
  }

  /// Validates the maps as the epoch before the first.
  private func keepBaseline() throws {
    let validation = try validator.validate { try context(for: $0, isTraining: false) }
    validator.batches.release()
    for (index, unit) in units.enumerated() {
      let loss = validation[index].loss
      guard loss.isFinite else { throw divergence(unit, "validation loss", loss) }
      try validation[index].requireFinite(unit.name)
      curves.append(
        TrainingCurves.row(epoch: 0, cost: state.cost, cut: unit.name, errors: validation[index].imageErrors))
      history.append(
        TrainingHistory.row(
          epoch: 0, step: 0, module: unit.name, split: "validation", loss: loss, seconds: seconds))
      try folder.save(unit, as: .best, plan: plan, epoch: 0, loss: loss)
      state.scores[index].best = loss
      state.scores[index].note(validation[index])
      if plan.best == .image {
        let errors = validation[index].imageErrors
        state.scores[index].bestImageError = errors.reduce(0, +) / Double(errors.count)
        (state.scores[index].lowestLoss, state.scores[index].improvedEpoch) = (loss, 0)
      }
      try kept?.keep(unit, at: index)
    }
    try history.write()
    try curves.write()
    (state.historyBytes, state.curveBytes) = (history.bytes, curves.bytes)
    try saveState()
    onEpoch(
      TrainingEpoch(
        epoch: 0,
        losses: zip(units, validation).map { .init(module: $0.name, training: nil, validation: $1.loss) }))
  }
}
