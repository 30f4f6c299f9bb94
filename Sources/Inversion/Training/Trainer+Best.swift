import Formats
import Foundation
import Results

extension TrainingProgressState.Score {
  /// Takes in what an epoch gave.
  mutating func note(_ validation: Validation) {
    let error = validation.imageErrors.reduce(0, +) / Double(max(1, validation.imageErrors.count))
    if firstImageError == nil { (firstLoss, firstImageError) = (validation.loss, error) }
    lastImageError = error
  }
}

extension Trainer {
  /// Whether the weights that a unit has now are to be kept as its best ones.
  ///
  /// - Parameters:
  ///   - validation: of the weights that it has now.
  ///   - score: what is known of the unit; the errors in it are brought up to date.
  ///   - hasNewModules: whether the kept modules before it changed in this epoch; true from here on where this one does.
  func isBest(
    _ index: Int, _ validation: Validation, _ score: inout TrainingProgressState.Score, epoch: Int,
    _ hasNewModules: inout Bool
  ) throws -> Bool {
    guard plan.best == .image else { return score.best.map { validation.loss < $0 } ?? true }
    if score.lowestLoss.map({ validation.loss < $0 }) ?? true {
      score.lowestLoss = validation.loss
      score.improvedEpoch = epoch
    }
    let context = { try self.context(for: $0, isTraining: false) }
    let candidate: Double
    if let kept, index > 0 {
      candidate = try kept.error(from: index, by: units[index], validator.batches, context)
      if hasNewModules, score.best != nil {
        score.bestImageError = try kept.error(from: index, by: nil, validator.batches, context)
      }
    } else {
      candidate = validation.imageErrors.reduce(0, +) / Double(max(1, validation.imageErrors.count))
    }
    guard try isBetter(candidate, index, score, context) else { return false }
    score.bestImageError = candidate
    score.improvedEpoch = epoch
    hasNewModules = true
    return true
  }

  /// Where a module's own loss fell while the images from its cut got worse, or they ended below the least-squares maps.
  var notes: [(module: String, text: String)] {
    units.indices.compactMap { index in
      let score = state.scores[index]
      guard let first = score.firstImageError, let last = score.lastImageError,
        WorseImages.isWorse(last, than: first)
      else {
        return nil
      }
      let (before, after) = (decibels(first), decibels(last))
      let fell = score.firstLoss.flatMap { first in score.last.map { $0 < first } } ?? false
      let course =
        plan.inverse == .residual
        ? "after the last epoch its images have \(after) dB, less than least squares alone, \(before) dB"
        : "its images have \(after) dB after the last epoch and had \(before) dB after the first"
      let advice =
        plan.moduleLoss == .image || plan.mode.trainsChains
        ? "a lower --learning-rate may help" : "train with --loss image"
      return (
        units[index].name,
        course + (fell ? ", although the loss of the module fell" : "") + "; the best weights are those of epoch "
          + "\(score.bestEpoch); \(advice)"
      )
    }
  }

  private func decibels(_ error: Double) -> String { NumberText.fixed(-10 * log10(error), 1) }

  /// - Parameter candidate: the images' error from the unit's own cut.
  private func isBetter(
    _ candidate: Double, _ index: Int, _ score: TrainingProgressState.Score,
    _ context: (TrainingBatch) throws -> InverseContext
  ) throws -> Bool {
    guard let best = score.bestImageError else { return true }
    guard let kept, units[index].inputNoise != nil else { return candidate < best }
    let (new, old) = try (
      kept.meanLogarithm(by: units[index], validator.batches, context),
      kept.meanLogarithm(by: nil, validator.batches, context)
    )
    return new < old
  }
}
