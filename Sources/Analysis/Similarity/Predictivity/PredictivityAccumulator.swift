import Torch

/// How well features at one tap predict those at another linearly: R² of ridge regression over images that it has not seen, in
/// both directions.
final class PredictivityAccumulator: SimilarityAccumulator {
  static let measures: [Similarity.Measure] = [.linearPredictivity]

  let layout: ImagePairLayout
  private let images: Int
  private let isExact: Bool
  private let storage: ComponentStorage
  private var reasons: [String?] = []

  init(images: Int, isExact: Bool, storage: ComponentStorage) {
    layout = .whole(images)
    self.images = images
    self.isExact = isExact
    self.storage = storage
  }

  static func plans(_ computation: SimilarityComputation) -> [AccumulatorPlan] {
    guard computation.settings.measures.contains(.linearPredictivity) else { return [] }
    let (images, taps) = (computation.images, Double(computation.taps.count))
    let cube = Double(images) * Double(images) * Double(images)
    return [
      AccumulatorPlan(
        name: Similarity.Measure.linearPredictivity.rawValue, layout: .whole(images),
        operations: Double(computation.settings.folds) * cube * taps * (20 + 6 * taps), takesSpareMemory: true
      ) { memory in
        PredictivityAccumulator(
          images: images, isExact: computation.isExact,
          storage: ComponentStorage(
            images: images, isExact: computation.isExact, memoryLimit: memory.spareBytes,
            folder: memory.scratchFolder))
      }
    ]
  }

  func add(_ products: TapProducts) throws -> Bool {
    try storage.append(products.matrix.square())
    reasons.append(nil)
    return true
  }

  func addEmpty(_ reason: String) throws {
    try storage.append(nil)
    reasons.append(reason)
  }

  // MARK: Values

  /// A table for each direction.
  func tables(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws -> [TapPairTable] {
    let count = reasons.count
    let estimators: [Similarity.Estimator] = [.secondFromFirst, .firstFromSecond]
    var tables = estimators.map { estimator in
      var table = TapPairTable(.linearPredictivity, estimator, n: images, taps: count)
      table.reasons = reasons
      return table
    }
    let splits = ImageFolds(
      images: images, count: computation.settings.folds, seed: computation.settings.selection.seed
    ).splits
    for from in 0..<count {
      guard let predicting = try storage.vectors(from, columns: images) else { continue }
      let folds = try splits.map { try RidgeFold(predicting, train: $0.train, test: $0.test, isExact: isExact) }
      for to in 0..<count where computation.isWanted(min(from, to), max(from, to)) {
        guard let predicted = try storage.vectors(to, columns: images) else { continue }
        let value = try PredictivityAccumulator.share(folds, predicting: predicted)
        if from <= to { tables[0].set(from, to, value) }
        if to <= from { tables[1].set(to, from, value) }
      }
      try advance(Double(from + 1) / Double(count))
    }
    return tables
  }

  /// 1 − Σ of squared errors / Σ of squared distances from the mean over training, over all folds.
  private static func share(_ folds: [RidgeFold], predicting products: Tensor) throws -> Double? {
    var (residual, total) = (0.0, 0.0)
    for fold in folds {
      let errors = try fold.errors(predicting: products)
      residual += errors.residual
      total += errors.total
    }
    return total > 0 ? 1 - residual / total : nil
  }
}
