import Formats
import Results
import Synchronization

/// What class means say of some images under one labelling.
struct ClassFigures: Sendable {
  /// Means over the images of a class, or of all.
  private struct Means: Sendable {
    var images = 0.0
    /// Sums until ``finish()``.
    var (spread, hit, silhouette) = (0.0, 0.0, 0.0)

    mutating func add(_ spread: Double, _ placement: ClassPlacement) {
      images += 1
      self.spread += spread
      hit += placement.hit
      silhouette += placement.silhouette
    }

    mutating func finish() {
      (spread, hit, silhouette) = (spread / images, hit / images, silhouette / images)
    }
  }

  /// By image: squared distance to the own class's mean over the variance of all images, both without bias.
  private var spreads: [Double]
  private var placements: [ClassPlacement]
  private let separability: Double
  private let adjusted: Double
  private let ofClass: [Means]
  private let ofAll: Means

  /// - Parameter precision: how far equal distances may differ by rounding, as a share of the squared features.
  /// - Returns: nil where all images have the same features.
  init?(_ sums: some ClassDistances, precision: Double) throws {
    let (total, within) = (sums.totalSquares, sums.squaresWithin)
    guard total > 0 else { return nil }
    let count = Double(sums.labels.count)
    let variance = total / (count - 1)
    separability = 1 - within / total
    adjusted = 1 - within / (count - Double(sums.classes)) / variance
    spreads = sums.labels.indices.map { sums.variance($0) / variance }
    placements = try sums.placements(precision: precision)
    var ofClass = [Means](repeating: Means(), count: sums.classes)
    var ofAll = Means()
    for (image, label) in sums.labels.enumerated() {
      ofClass[label].add(spreads[image], placements[image])
      ofAll.add(spreads[image], placements[image])
    }
    for label in ofClass.indices { ofClass[label].finish() }
    ofAll.finish()
    // Every class counts the same, so that it is 1/k by chance whatever the classes' sizes.
    ofAll.hit = ofClass.reduce(0) { $0 + $1.hit } / Double(ofClass.count)
    (self.ofClass, self.ofAll) = (ofClass, ofAll)
  }

  /// The same without the figures of single images, which shuffled labels do not need.
  var ofClasses: ClassFigures {
    var result = self
    (result.spreads, result.placements) = ([], [])
    return result
  }

  /// The figure of one image; nil for metrics of all images together.
  func value(_ metric: PrototypeMetric, ofImage image: Int) -> Double? {
    switch metric {
    case .separability, .separabilityAdjusted: nil
    case .withinSpread: spreads[image].squareRoot()
    case .nearestAccuracy: placements[image].hit
    case .silhouette: placements[image].silhouette
    }
  }

  /// The figure of one class; nil for metrics of all classes together.
  func value(_ metric: PrototypeMetric, ofClass label: Int) -> Double? {
    switch metric {
    case .separability, .separabilityAdjusted: nil
    case .withinSpread: ofClass[label].spread.squareRoot()
    case .nearestAccuracy: ofClass[label].hit
    case .silhouette: ofClass[label].silhouette
    }
  }

  /// The figure of all images.
  func value(_ metric: PrototypeMetric) -> Double {
    switch metric {
    case .separability: separability
    case .separabilityAdjusted: adjusted
    case .withinSpread: ofAll.spread.squareRoot()
    case .nearestAccuracy: ofAll.hit
    case .silhouette: ofAll.silhouette
    }
  }
}

/// Class figures of one tap: of its images as they are labelled, and under shuffled labels.
struct ClassStatistics {
  /// What they are made of: inner products of all pairs of images, or the columns of the tap.
  enum Source {
    case products(ImagePairMatrix)
    case columns(ClassColumns)
  }

  let source: Source
  let classes: Int
  /// How far equal distances may differ by rounding, as a share of the squared features.
  let precision: Double
  let threads: Int

  /// Of all images; nil where all have the same features.
  func figures(_ labels: [Int]) throws -> (figures: ClassFigures, medoids: [(image: Int, squaredDistance: Double)?])? {
    switch source {
    case .products(let products): try measure(ClassGram(products, labels: labels, classes: classes))
    case .columns(let columns): try measure(ClassSums(columns, labels: labels, classes: classes))
    }
  }

  private func measure(
    _ sums: some ClassDistances
  ) throws -> (figures: ClassFigures, medoids: [(image: Int, squaredDistance: Double)?])? {
    try ClassFigures(sums, precision: precision).map { ($0, sums.medoids(precision: precision)) }
  }

  /// Errors of figures, see ``ClassJackknife``; nil where there are none.
  ///
  /// - Parameter seed: draws the images whose pairs stand for all.
  func jackknife(_ labels: [Int], seed: UInt64) throws -> ClassJackknife? {
    switch source {
    case .products(let products): ClassJackknife(products, labels: labels, classes: classes, threads: threads)
    case .columns(let columns):
      try ClassJackknife(ClassSums(columns, labels: labels, classes: classes), columns, seed: seed, threads: threads)
    }
  }

  /// Under each shuffling of the labels, in order; those that have none are left out.
  ///
  /// - Parameter advance: called after each where they are done one by one; may throw to stop.
  func figures(_ shuffled: [[Int]], advance: () throws -> Void) throws -> [ClassFigures] {
    switch source {
    case .products(let products):
      let results = Mutex([ClassFigures?](repeating: nil, count: shuffled.count))
      try inParallel(shuffled.count, threads: threads) { [classes, precision] index in
        let own = try ClassFigures(
          ClassGram(products, labels: shuffled[index], classes: classes), precision: precision)
        results.withLock { $0[index] = own?.ofClasses }
      }
      return results.withLock { $0 }.compactMap { $0 }
    case .columns(let columns):
      return try shuffled.compactMap { labels in
        try advance()
        return try ClassFigures(ClassSums(columns, labels: labels, classes: classes), precision: precision)?.ofClasses
      }
    }
  }
}
