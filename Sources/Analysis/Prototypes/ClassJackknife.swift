import Formats
import Results

/// Errors of figures of class means by a jackknife over images: what they come to without each image, and without every two
/// (Quenouille 1956; Tukey 1958; Efron and Stein 1981). Formulas: docs/definitions.md, *Prototypes*.
///
/// With u_i an image's distance to the mean of its class, of N images, that class's sum of squares falls by ‖u_i‖² N/(N − 1) where the
/// image is left out, and by (‖u_i‖² + ‖u_j‖²)(N − 1)/(N − 2) + 2⟨u_i, u_j⟩/(N − 2) where two are: inner products are all that it takes.
struct ClassJackknife {
  /// Classes of fewer images have no interval, nor has a figure of all classes then: hardly anything is left of them without two.
  static let leastImages = 5
  /// The spread of a class of fewer images has no interval of its own: it would reach from nothing to several times the value.
  static let leastOfClass = 8
  /// How much the kurtosis of the figures without an image counts: of all classes, and of one of them (by simulation).
  private static let tails = (all: 1.0, ofClass: 0.75)

  /// Errors of figures that come from sums of squares alone.
  private(set) var adjusted: JackknifeError?
  private(set) var spread: JackknifeError?
  /// Of the spread of each class; nil where it has fewer than ``leastOfClass`` images.
  private(set) var ofClass: [JackknifeError?]

  /// From inner products of all images.
  ///
  /// - Parameter labels: the class of each image, `0 ..< classes`.
  /// - Returns: nil where a class has fewer than ``leastImages`` images, or all images but two have the same features.
  init?(_ products: ImagePairMatrix, labels: [Int], classes: Int, threads: Int) {
    let squares = ClassSquares(products, labels: labels, classes: classes)
    guard ClassJackknife.isPossible(squares) else { return nil }
    self.init(squares, squares.pairs(products, threads: threads), images: labels.count)
  }

  /// The same from the columns themselves. Of many images those of a sample stand for all pairs, see ``ClassPairSample``.
  init?(_ sums: ClassSums, _ columns: ClassColumns, seed: UInt64, threads: Int) throws {
    let squares = try ClassSquares(sums, columns)
    guard ClassJackknife.isPossible(squares) else { return nil }
    let sample = ClassPairSample(labels: sums.labels, counts: sums.counts, seed: seed)
    self.init(squares, try squares.pairs(columns, sample, threads: threads), images: sums.labels.count)
  }

  private static func isPossible(_ sums: ClassSquares) -> Bool {
    sums.sizes.allSatisfy { $0 >= Double(leastImages) } && sums.isSpread
  }

  private init(_ sums: ClassSquares, _ pairs: ClassSquares.Pairs, images: Int) {
    func error(_ changes: DeletedFigure, _ pairs: PairMoments, scale: Double, tail: Double) -> JackknifeError? {
      guard changes.isChange(of: scale) else { return nil }
      let excess = pairs.squareDeviations / (Double(images) * Double(images - 1))
      return JackknifeError(powers: changes.powers, excess: excess, pairs: excess, images: images, tail: tail)
    }
    let single = sums.single()
    adjusted = error(single.adjusted, pairs.adjusted, scale: sums.adjusted, tail: ClassJackknife.tails.all)
    spread = error(single.spread, pairs.spread, scale: sums.spread, tail: ClassJackknife.tails.all)
    ofClass = sums.sizes.indices.map { label in
      sums.sizes[label] < Double(ClassJackknife.leastOfClass)
        ? nil
        : error(
          single.ofClass[label], pairs.ofClass[label], scale: sums.spreads[label], tail: ClassJackknife.tails.ofClass)
    }
  }
}

/// Σ d, Σ d², Σ d³, Σ d⁴ of the changes d of a figure where an image is left out.
struct DeletedFigure: Sendable {
  private(set) var powers = [0.0, 0, 0, 0]

  mutating func add(_ change: Double, times weight: Double = 1) {
    let square = change * change
    powers[0] += weight * change
    powers[1] += weight * square
    powers[2] += weight * square * change
    powers[3] += weight * square * square
  }

  /// The sums of the same changes, each so many times as large.
  func scaled(_ factor: Double) -> DeletedFigure {
    var result = self
    for power in 0..<4 { result.powers[power] *= (0...power).reduce(1) { product, _ in product * factor } }
    return result
  }

  static func + (first: DeletedFigure, second: DeletedFigure) -> DeletedFigure {
    var result = first
    for power in 0..<4 { result.powers[power] += second.powers[power] }
    return result
  }

  /// Whether some image changes the figure by more than rounding.
  func isChange(of value: Double) -> Bool { powers[1] > 1e-24 * max(value * value, 1e-300) }
}

/// What two images say only together, Q = n θ − (n − 1)(θ_i + θ_j) + (n − 2) θ_ij, summed over pairs.
struct PairMoments: Sendable {
  private var count = 0.0
  private(set) var sum = 0.0
  private(set) var squares = 0.0

  /// - Parameter weight: how many pairs it stands for.
  mutating func add(_ together: Double, times weight: Double) {
    count += weight
    sum += weight * together
    squares += weight * together * together
  }

  mutating func add(_ other: PairMoments, scale: Double = 1) {
    count += other.count
    sum += scale * other.sum
    squares += scale * scale * other.squares
  }

  mutating func subtract(_ other: PairMoments) {
    count -= other.count
    sum -= other.sum
    squares -= other.squares
  }

  /// Σ (Q − mean Q)².
  var squareDeviations: Double { max(0, squares - sum * sum / max(1, count)) }
}
