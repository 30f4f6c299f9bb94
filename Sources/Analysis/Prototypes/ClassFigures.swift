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

    mutating func add(_ spread: Double, _ placement: ClassGram.Placement) {
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
  private let spreads: [Double]
  private let placements: [ClassGram.Placement]
  private let separability: Double
  private let adjusted: Double
  private let ofClass: [Means]
  private let ofAll: Means

  /// - Parameter precision: how far equal distances may differ by rounding, as a share of the squared features.
  /// - Returns: nil where all images have the same features.
  init?(_ gram: ClassGram, precision: Double) {
    let (total, within) = (gram.totalSquares, gram.squaresWithin)
    guard total > 0 else { return nil }
    let count = Double(gram.images.count)
    let variance = total / (count - 1)
    separability = 1 - within / total
    adjusted = 1 - within / (count - Double(gram.classes)) / variance
    spreads = gram.labels.indices.map { gram.variance($0) / variance }
    placements = gram.placements(precision: precision)
    var ofClass = [Means](repeating: Means(), count: gram.classes)
    var ofAll = Means()
    for (image, label) in gram.labels.enumerated() {
      ofClass[label].add(spreads[image], placements[image])
      ofAll.add(spreads[image], placements[image])
    }
    for label in ofClass.indices { ofClass[label].finish() }
    ofAll.finish()
    // Every class counts the same, so that it is 1/k by chance whatever the classes' sizes.
    ofAll.hit = ofClass.reduce(0) { $0 + $1.hit } / Double(ofClass.count)
    (self.ofClass, self.ofAll) = (ofClass, ofAll)
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

/// Class figures of one tap: of its images as they are labelled, without some of them, and under shuffled labels.
struct ClassStatistics: Sendable {
  /// Inner products of all images.
  let products: ImagePairMatrix
  let classes: Int
  /// How far equal distances may differ by rounding, as a share of the squared features.
  let precision: Double
  let threads: Int

  /// Of all images; nil where all have the same features.
  func figures(_ labels: [Int]) -> ClassFigures? { figures(Array(labels.indices), labels) }

  /// Errors of figures, see ``ClassJackknife``; nil where there are none.
  func jackknife(_ labels: [Int]) -> ClassJackknife? {
    ClassJackknife(products, labels: labels, classes: classes, threads: threads)
  }

  /// Under each shuffling of the labels.
  func figures(_ shuffled: [[Int]]) -> [ClassFigures] {
    every(shuffled.count) { figures(shuffled[$0]) }
  }

  /// By class the image nearest to its mean, one of those that make it; and its squared distance.
  func medoids(_ labels: [Int]) -> [(image: Int, squaredDistance: Double)?] {
    let gram = ClassGram(products, images: Array(labels.indices), labels: labels, classes: classes)
    return (0..<classes).map(gram.medoid)
  }

  private func figures(_ images: [Int], _ labels: [Int]) -> ClassFigures? {
    ClassFigures(ClassGram(products, images: images, labels: labels, classes: classes), precision: precision)
  }

  /// On several threads, in order; those that have none are left out.
  private func every(_ count: Int, _ figures: @Sendable (Int) -> ClassFigures?) -> [ClassFigures] {
    let results = Mutex([ClassFigures?](repeating: nil, count: count))
    inParallel(count, threads: threads) { index in
      let own = figures(index)
      results.withLock { $0[index] = own }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }
}
