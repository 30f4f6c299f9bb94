import Formats
import Torch

/// How the sum over pairs of images of two kernels becomes what it would be without one of the images.
///
/// With c_i = Σ_j K_ij L_ij, k_i = Σ_j K_ij and S = Σ_i c_i the sum without image i is S − products · c_i − rowSums · k_i l_i.
struct DeletedImage {
  let products: Double
  let rowSums: Double
  /// What the sum of the set counts by, and what it counts by without one image.
  let scale: Double
  let scaleWithout: Double

  /// Of U-centred kernels, whose k_i are 0: the debiased HSIC of the other n − 1 images, which are centred anew.
  ///
  /// - Parameter isMinibatch: whether the set is one of several, for which sums are divided by n(n − 3).
  static func hsic(images n: Int, isMinibatch: Bool) -> DeletedImage {
    let n = Double(n)
    return DeletedImage(
      products: 2 * (n - 2) / (n - 3), rowSums: 0, scale: isMinibatch ? 1 / (n * (n - 3)) : 1,
      scaleWithout: isMinibatch ? 1 / ((n - 1) * (n - 4)) : 1)
  }

  /// Of ranks, which sum to 0: the covariance of those of the other images, less its means.
  static func ranks(images n: Int) -> DeletedImage {
    let n = Double(n)
    return DeletedImage(products: 2, rowSums: 4 / ((n - 1) * (n - 2)), scale: 1, scaleWithout: 1)
  }
}

/// Standard errors of the values of all pairs of kernels, from leaving out one image after the other.
struct KernelErrors {
  /// `[kernels, kernels]`; not a number where there is none.
  fileprivate(set) var values: [Double]
  let kernels: Int
  let images: Int
  /// Of the differences that were asked for, in their order; not a number where there is none.
  fileprivate(set) var differences: [Double] = []

  /// The 95 % interval around the value of two kernels.
  func interval(_ value: Double, _ a: Int, _ b: Int) -> (low: Double, high: Double)? {
    CorrelationInterval.interval(value, error: values[a * kernels + b], images: images)
  }
}

extension KernelSet {
  /// The fewest images of a set of which one can be left out.
  static let fewestForErrors = 5

  /// The jackknife (Quenouille 1956; Tukey 1958) of T = ⟨K, L⟩ / √(⟨K, K⟩⟨L, L⟩). With T_i the value without image i,
  ///
  ///     s² = (n − 1)/n · Σ_i (T_i − T̄)² − Σ_{i≠j} q_ij²,   at least half of its first term
  ///     q_ij = T · (K_ij L_ij / ⟨K, L⟩ − K²_ij / 2⟨K, K⟩ − L²_ij / 2⟨L, L⟩)
  ///
  /// The first term counts what two images say together twice (Efron and Stein 1981); the second takes half of the excess out
  /// again. What that does to the coverage of intervals: docs/definitions.md, `scripts/check_coverage.py`.
  ///
  /// - Parameters:
  ///   - inner: ⟨K, L⟩, the sum over all sets, `[kernels, kernels]`.
  ///   - differences: of which two values differences are taken, each a pair of kernels; their errors are those of the jackknife as
  ///     it is, of the differences themselves.
  ///   - rule: of a set of so many images.
  /// - Returns: nil where a set has too few images.
  func errors(
    inner: [Double], differences: [KernelDifference] = [], _ rule: (_ images: Int) -> DeletedImage,
    advance: (Double) throws -> Void
  ) throws -> KernelErrors? {
    guard count > 0, layout.ranges.allSatisfy({ $0.count >= KernelSet.fewestForErrors }) else { return nil }
    let total = try Tensor(inner, shape: [1, count, count])
    let norms = try Tensor((0..<count).map { inner[$0 * count + $0] }, shape: [1, count])
    let value = try KernelSet.ratio(total, norms)
    let sums = try (0..<4).map { _ in try Tensor.zeros([count, count], dtype: .float64) }
    let places = try DifferencePlaces(differences, kernels: count)
    for (set, range) in layout.ranges.enumerated() {
      let rule = rule(range.count)
      let powers = try powerSums(set: set)
      try sums[2].add(powers.squares, scale: rule.scale * rule.scale)
      try sums[3].add(powers.cubes, scale: rule.scale * rule.scale)
      // What the other sets add, and what this one has.
      let others = try total - powers.products * rule.scale
      let own: [Double] = try powers.products.values()
      let ownNorms = try Tensor((0..<count).map { own[$0 * count + $0] }, shape: [1, count])
      let otherNorms = try norms - ownNorms * rule.scale
      try forEachImages(set: set) { images, rows in
        var products = try powers.products - rows.matmul(rows.transposed(1, 2)) * rule.products
        var squares = try ownNorms - (rows * rows).sum([2]) * rule.products
        if rule.rowSums != 0 {
          let single = try rows.sum([2])
          products = try products - single.unsqueezed(2) * single.unsqueezed(1) * rule.rowSums
          squares = try squares - single * single * rule.rowSums
        }
        let without = try KernelSet.ratio(
          others + products * rule.scaleWithout, otherNorms + squares * rule.scaleWithout)
        let difference = try without - value
        try sums[0].add(difference.sum([0]))
        try sums[1].add((difference * difference).sum([0]))
        try places?.add(difference)
        try advance(
          (Double(set) + Double(images.upperBound - range.lowerBound) / Double(range.count))
            / Double(layout.ranges.count))
      }
    }
    var errors = KernelErrors(
      values: try KernelSet.errors(inner, sums.map { try $0.values() }, kernels: count, images: layout.images),
      kernels: count, images: layout.images)
    if let places { errors.differences = try places.errors(images: layout.images) }
    return errors
  }

  /// Sums over the norms of both sides, `[B, kernels, kernels]`; not a number where a norm is not above zero.
  private static func ratio(_ sums: Tensor, _ norms: Tensor) throws -> Tensor {
    let scales = try norms.reciprocalSquareRoot()
    return try sums * scales.unsqueezed(2) * scales.unsqueezed(1)
  }

  /// - Parameter sums: Σ (T_i − T), Σ (T_i − T)², Σ K²L² and Σ K³L of all pairs of kernels.
  private static func errors(_ inner: [Double], _ sums: [[Double]], kernels: Int, images: Int) -> [Double] {
    var errors = [Double](repeating: .nan, count: kernels * kernels)
    let n = Double(images)
    for a in 0..<kernels {
      for b in a..<kernels {
        let (pair, mirrored) = (a * kernels + b, b * kernels + a)
        let (first, second) = (inner[a * kernels + a], inner[b * kernels + b])
        guard first > 0, second > 0, sums[1][pair].isFinite else { continue }
        let product = (first * second).squareRoot()
        let value = inner[pair] / product
        let jackknife = (n - 1) / n * max(0, sums[1][pair] - sums[0][pair] * sums[0][pair] / n)
        let fourth =
          sums[2][a * kernels + a] / (4 * first * first) + sums[2][b * kernels + b] / (4 * second * second)
          + sums[2][pair] / (2 * first * second)
        let together =
          sums[2][pair] / (first * second) + value * value * fourth
          - value / product * (sums[3][pair] / first + sums[3][mirrored] / second)
        errors[pair] = max(jackknife - max(0, together), jackknife / 2).squareRoot()
      }
    }
    return errors
  }
}

/// Two values of which the difference is taken: of a pair of kernels each.
struct KernelDifference: Sendable {
  let first: (a: Int, b: Int)
  let second: (a: Int, b: Int)
}

/// The sums behind the jackknife of differences of values.
private struct DifferencePlaces {
  private let first: Tensor
  private let second: Tensor
  private let sums: Tensor
  private let squares: Tensor

  /// nil where there are none.
  init?(_ differences: [KernelDifference], kernels: Int) throws {
    guard !differences.isEmpty else { return nil }
    first = try Tensor(differences.map { Int64($0.first.a * kernels + $0.first.b) }, shape: [differences.count])
    second = try Tensor(differences.map { Int64($0.second.a * kernels + $0.second.b) }, shape: [differences.count])
    sums = try Tensor.zeros([differences.count], dtype: .float64)
    squares = try Tensor.zeros([differences.count], dtype: .float64)
  }

  /// - Parameter changes: of all values where one image is left out, `[images, kernels, kernels]`.
  func add(_ changes: Tensor) throws {
    let flat = try changes.flattened(from: 1)
    let difference = try flat.indexed(1, by: first) - flat.indexed(1, by: second)
    try sums.add(difference.sum([0]))
    try squares.add((difference * difference).sum([0]))
  }

  /// √((n − 1)/n · Σ_i (D_i − D̄)²) of each difference D.
  func errors(images: Int) throws -> [Double] {
    let n = Double(images)
    let (totals, all): ([Double], [Double]) = (try sums.values(), try squares.values())
    return zip(totals, all).map { ((n - 1) / n * max(0, $1 - $0 * $0 / n)).squareRoot() }
  }
}
