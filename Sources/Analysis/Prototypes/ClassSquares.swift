import Formats
import Synchronization

/// Sums of squares within classes and of all images, and what becomes of figures made of them where an image or two are left out.
struct ClassSquares: Sendable {
  private let labels: [Int]
  /// By class.
  let sizes: [Double]
  /// By class Σ ‖x_i − m_c‖²; of all images Σ ‖x_i − m‖².
  private let within: [Double]
  private let total: Double
  private let insideAll: Double
  /// Σ_c N_c W_c/(N_c − 1)
  private let weightedAll: Double
  /// By image ‖x_i − m_c‖² and ‖x_i − m‖².
  private let own: [Double]
  private let whole: [Double]
  /// Centring: by image the mean of its inner products with its class and with all images; by class and of all the means of these.
  private let classMeans: [Double]
  private let means: [Double]
  private let classCentres: [Double]
  private let centre: Double

  /// ε², the spread within classes, and that of each class, of all images.
  let adjusted: Double
  let spread: Double
  let spreads: [Double]

  private var images: Double { Double(labels.count) }
  private var classes: Double { Double(sizes.count) }

  /// From inner products of all images.
  init(_ gram: ImagePairMatrix, labels: [Int], classes: Int) {
    let count = labels.count
    var sizes = [Double](repeating: 0, count: classes)
    for label in labels { sizes[label] += 1 }
    var (ofClass, ofAll) = (gram.diagonal, gram.diagonal)
    for first in 0..<count {
      let pairs = gram.pairs.pointer + gram.layout.offset(set: 0, row: first)
      for second in first + 1..<max(first + 1, count) {
        let product = pairs[second - first - 1]
        ofAll[first] += product
        ofAll[second] += product
        if labels[first] == labels[second] {
          ofClass[first] += product
          ofClass[second] += product
        }
      }
    }
    self.init(labels: labels, sizes: sizes, squares: gram.diagonal, ofClass: ofClass, ofAll: ofAll)
  }

  /// From the columns of a tap.
  init(_ sums: ClassSums, _ columns: ClassColumns) throws {
    let all = try sums.sums.sum([0], keepingAxes: true)
    self.init(
      labels: sums.labels, sizes: sums.counts.map(Double.init), squares: sums.squares, ofClass: sums.ownSums,
      ofAll: try columns.products(with: all) { _ in 0 })
  }

  /// - Parameters:
  ///   - squares: by image its inner product with itself.
  ///   - ofClass: by image the sum of its inner products with its class, `ofAll` with all images.
  private init(labels: [Int], sizes: [Double], squares: [Double], ofClass: [Double], ofAll: [Double]) {
    self.labels = labels
    let (count, classes) = (labels.count, sizes.count)
    var (ofClass, ofAll) = (ofClass, ofAll)
    var centres = [Double](repeating: 0, count: classes)
    for (image, label) in labels.enumerated() {
      ofClass[image] /= sizes[label]
      ofAll[image] /= Double(count)
      centres[label] += ofClass[image] / sizes[label]
    }
    let centre = ofAll.reduce(0, +) / Double(count)
    let own = labels.indices.map { max(0, squares[$0] - 2 * ofClass[$0] + centres[labels[$0]]) }
    let whole = labels.indices.map { max(0, squares[$0] - 2 * ofAll[$0] + centre) }
    var within = [Double](repeating: 0, count: classes)
    for (image, label) in labels.enumerated() { within[label] += own[image] }
    (self.sizes, self.within, self.own, self.whole) = (sizes, within, own, whole)
    (classMeans, means, classCentres, self.centre) = (ofClass, ofAll, centres, centre)
    total = whole.reduce(0, +)
    insideAll = within.reduce(0, +)
    weightedAll = zip(within, sizes).reduce(0) { $0 + $1.0 * $1.1 / ($1.1 - 1) }
    let variance = total / Double(count - 1)
    adjusted = 1 - insideAll / Double(count - classes) / variance
    spread = (weightedAll / Double(count) / variance).squareRoot()
    spreads = zip(within, sizes).map { ($0 / ($1 - 1) / variance).squareRoot() }
  }

  /// Whether the images differ from each other.
  var isSpread: Bool { total > 0 && adjusted.isFinite }

  // MARK: Without an image

  /// Of one image left out: its class's sum of squares, and the variance of all the others.
  private struct Deleted {
    let within: Double
    let variance: Double
    let adjusted: Double
    let spread: Double
    /// Of its class; and what the spread of every other class is multiplied by.
    let ofClass: Double
    let ratio: Double
  }

  private func deleted(_ image: Int) -> Deleted {
    let (label, count) = (labels[image], images)
    let size = sizes[label]
    let left = max(0, within[label] - own[image] * size / (size - 1))
    let variance = max(0, total - whole[image] * count / (count - 1)) / (count - 2)
    let inside = insideAll - within[label] + left
    let weighted = weightedAll - within[label] * size / (size - 1) + left * (size - 1) / (size - 2)
    return Deleted(
      within: left, variance: variance, adjusted: 1 - inside / (count - 1 - classes) / variance,
      spread: (max(0, weighted) / (count - 1) / variance).squareRoot(),
      ofClass: (left / (size - 2) / variance).squareRoot(),
      ratio: (total / (count - 1) / variance).squareRoot())
  }

  /// The changes of ε², of the spread and of each class's spread where one image is left out.
  func single() -> (adjusted: DeletedFigure, spread: DeletedFigure, ofClass: [DeletedFigure]) {
    var (adjusted, spread, ratios) = (DeletedFigure(), DeletedFigure(), DeletedFigure())
    var own = [DeletedFigure](repeating: DeletedFigure(), count: sizes.count)
    var inside = own
    for (image, label) in labels.enumerated() {
      let without = deleted(image)
      adjusted.add(without.adjusted - self.adjusted)
      spread.add(without.spread - self.spread)
      ratios.add(without.ratio - 1)
      inside[label].add(without.ratio - 1, times: -1)
      own[label].add(without.ofClass - spreads[label])
    }
    let classes = sizes.indices.map { (ratios + inside[$0]).scaled(spreads[$0]) + own[$0] }
    return (adjusted, spread, classes)
  }

  // MARK: Without two images

  /// What two images say only together of ε², of the spread and of each class's spread, over all pairs.
  struct Pairs: Sendable {
    var adjusted = PairMoments()
    var spread = PairMoments()
    var ofClass: [PairMoments]
    /// Of what multiplies the spread of a class that has neither of the two.
    var ratios = PairMoments()
    /// By class the same of the pairs that have an image of it, which do not count there.
    var touching: [PairMoments]

    init(classes: Int) {
      ofClass = [PairMoments](repeating: PairMoments(), count: classes)
      touching = ofClass
    }

    mutating func add(_ other: Pairs) {
      adjusted.add(other.adjusted)
      spread.add(other.spread)
      ratios.add(other.ratios)
      for label in ofClass.indices {
        ofClass[label].add(other.ofClass[label])
        touching[label].add(other.touching[label])
      }
    }
  }

  func pairs(_ gram: ImagePairMatrix, threads: Int) -> Pairs {
    let without = labels.indices.map(deleted)
    let pieces = gram.layout.rowPieces(pairs: max(1 << 14, gram.layout.count / 64))
    let parts = Mutex([Pairs?](repeating: nil, count: pieces.count))
    inParallel(pieces.count, threads: threads) { piece in
      var part = Pairs(classes: sizes.count)
      for row in pieces[piece].rows {
        let products = gram.pairs.pointer + gram.layout.offset(set: 0, row: row)
        for other in row + 1..<max(row + 1, labels.count) {
          add(row, other, product: products[other - row - 1], without, .one, to: &part)
        }
      }
      let found = part
      parts.withLock { $0[piece] = found }
    }
    return whole(parts.withLock { $0 })
  }

  /// The same from the columns of a tap, for the pairs of a sample.
  func pairs(_ columns: ClassColumns, _ sample: ClassPairSample, threads: Int) throws -> Pairs {
    let without = labels.indices.map(deleted)
    var found: [Pairs?] = []
    for group in sample.groups {
      for first in pieces(of: group.images.indices, size: 256) {
        let others = group.images[first.lowerBound...]
        let products: [Double] = try columns.rows(Array(group.images[first]))
          .matmul(columns.rows(Array(others)).transposed(0, 1)).values()
        let rows = pieces(of: first, size: 32)
        let parts = Mutex([Pairs?](repeating: nil, count: rows.count))
        inParallel(rows.count, threads: threads) { piece in
          var part = Pairs(classes: sizes.count)
          for place in rows[piece] {
            let row = (place - first.lowerBound) * others.count - first.lowerBound
            for other in place + 1..<max(place + 1, group.images.count) {
              let (i, j) = (group.images[place], group.images[other])
              guard let weights = group.weights(labels[i], labels[j]) else { continue }
              add(i, j, product: products[row + other], without, weights, to: &part)
            }
          }
          let own = part
          parts.withLock { $0[piece] = own }
        }
        found += parts.withLock { $0 }
      }
      found = [sum(found)]
    }
    return whole(found)
  }

  private func sum(_ parts: [Pairs?]) -> Pairs {
    var all = Pairs(classes: sizes.count)
    for part in parts.compactMap({ $0 }) { all.add(part) }
    return all
  }

  /// Sums of parts, with what pairs say of a class that has neither of the two.
  private func whole(_ parts: [Pairs?]) -> Pairs {
    var all = sum(parts)
    for label in sizes.indices {
      // Pairs that have nothing of the class: all of them less those that have.
      var outside = all.ratios
      outside.subtract(all.touching[label])
      all.ofClass[label].add(outside, scale: spreads[label])
    }
    return all
  }

  /// - Parameter weights: how many pairs this one stands for.
  private func add(
    _ i: Int, _ j: Int, product: Double, _ without: [Deleted], _ weights: ClassPairSample.Weights, to part: inout Pairs
  ) {
    let count = images
    func together(_ first: Double, _ second: Double, _ both: Double, _ value: Double) -> Double {
      (count - 2) * (both - value) - (count - 1) * (first - value + second - value)
    }
    let (a, b, first, second) = (labels[i], labels[j], without[i], without[j])
    let crossed = product - means[i] - means[j] + centre
    let variance =
      max(0, total - (whole[i] + whole[j]) * (count - 1) / (count - 2) - 2 * crossed / (count - 2)) / (count - 3)
    let ratio = (total / (count - 1) / variance).squareRoot()
    let ratioTogether = together(first.ratio, second.ratio, ratio, 1)
    part.ratios.add(ratioTogether, times: weights.all)
    part.touching[a].add(ratioTogether, times: weights.first)
    var (inside, weighted) = (insideAll, weightedAll)
    if a == b {
      let size = sizes[a]
      let crossed = product - classMeans[i] - classMeans[j] + classCentres[a]
      let left = max(0, within[a] - (own[i] + own[j]) * (size - 1) / (size - 2) - 2 * crossed / (size - 2))
      inside += left - within[a]
      weighted += left * (size - 2) / (size - 3) - within[a] * size / (size - 1)
      part.ofClass[a].add(
        together(first.ofClass, second.ofClass, (left / (size - 3) / variance).squareRoot(), spreads[a]),
        times: weights.first)
    } else {
      part.touching[b].add(ratioTogether, times: weights.second)
      for (label, own, other, weight) in [(a, first, second, weights.first), (b, second, first, weights.second)] {
        let size = sizes[label]
        inside += own.within - within[label]
        weighted += own.within * (size - 1) / (size - 2) - within[label] * size / (size - 1)
        part.ofClass[label].add(
          together(
            own.ofClass, spreads[label] * other.ratio, (own.within / (size - 2) / variance).squareRoot(), spreads[label]
          ), times: weight)
      }
    }
    part.adjusted.add(
      together(first.adjusted, second.adjusted, 1 - inside / (count - 2 - classes) / variance, adjusted),
      times: weights.all)
    part.spread.add(
      together(first.spread, second.spread, (max(0, weighted) / (count - 2) / variance).squareRoot(), spread),
      times: weights.all)
  }
}
