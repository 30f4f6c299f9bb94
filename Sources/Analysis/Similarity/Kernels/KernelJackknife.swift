import Formats
import Torch

/// Standard errors of the values of all pairs of kernels, from leaving out one image after the other.
struct KernelErrors {
  /// `[kernels, kernels]`, of every pair in the order of its kernels; nil where there is none.
  let values: [JackknifeError?]
  let kernels: Int
  /// Of the differences that were asked for, in their order; nil where there is none.
  let differences: [JackknifeError?]

  /// The 95 % interval around the value of two kernels, `a` not after `b`.
  func interval(_ value: Double, _ a: Int, _ b: Int) -> (low: Double, high: Double)? {
    values[a * kernels + b].flatMap { CorrelationInterval.interval(value, error: $0) }
  }
}

/// Two values of which the difference is taken: of a pair of kernels each.
struct KernelDifference: Sendable {
  let first: (a: Int, b: Int)
  let second: (a: Int, b: Int)
}

extension KernelSet {
  /// The fewest images of a set of which one can be left out.
  static let fewestForErrors = 5

  /// The errors of T = ⟨K, L⟩ / √(⟨K, K⟩⟨L, L⟩), see ``JackknifeError``. Where kernels have widths, what these owe to an image counts
  /// too, to the first order.
  ///
  /// - Parameters:
  ///   - inner: ⟨K, L⟩, the sum over all sets, `[kernels, kernels]`.
  ///   - differences: of which two values differences are taken; their errors are those of the differences themselves.
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
    let slopes = try widthSlopes(norms: norms, value: value) { rule($0).scale }
    var values = try DeletionSums([count, count])
    var compared = try DeletionSums([differences.count])
    let selection = try DifferencePlaces(differences, kernels: count)
    for (set, range) in layout.ranges.enumerated() {
      let rule = rule(range.count)
      let powers = try powerSums(set: set)
      values.add(try KernelSet.squares(powers, inner: inner, kernels: count, scale: rule.scale), rule)
      compared.add(try differenceSquares(set: set, differences, inner: inner, scale: rule.scale), rule)
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
        var changes = try without - value
        if let slopes {
          let widths = try widthChanges(images)
          changes = try changes + slopes * widths.unsqueezed(2) + slopes.transposed(1, 2) * widths.unsqueezed(1)
        }
        try values.add(changes)
        if let selection { try compared.add(selection.differences(changes)) }
        try advance(
          (Double(set) + Double(images.upperBound - range.lowerBound) / Double(range.count))
            / Double(layout.ranges.count))
      }
    }
    return KernelErrors(
      values: try values.errors(images: layout.images), kernels: count,
      differences: try compared.errors(images: layout.images))
  }

  /// Sums over the norms of both sides, `[B, kernels, kernels]`; not a number where a norm is not above zero.
  static func ratio(_ sums: Tensor, _ norms: Tensor) throws -> Tensor {
    let scales = try norms.reciprocalSquareRoot()
    return try sums * scales.unsqueezed(2) * scales.unsqueezed(1)
  }

  /// Σ_{i≠j} q²_ij of all pairs of kernels, `[kernels, kernels]`.
  static func squares(_ powers: PowerSums, inner: [Double], kernels count: Int, scale: Double) throws -> [Double] {
    let (squares, cubes): ([Double], [Double]) = (try powers.squares.values(), try powers.cubes.values())
    var found = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in a..<count {
        found[a * count + b] = PairForm(a, b, inner: inner, kernels: count, scale: scale).squares(
          squares: squares, cubes: cubes, kernels: count)
      }
    }
    return found
  }

  /// Σ_{i≠j} (q_ij − q′_ij)² of every difference.
  private func differenceSquares(
    set: Int, _ differences: [KernelDifference], inner: [Double], scale: Double
  ) throws -> [Double] {
    func form(_ pair: (a: Int, b: Int)) -> PairForm {
      PairForm(pair.a, pair.b, inner: inner, kernels: count, scale: scale)
    }
    return try differenceSquares(set: set, differences.map { (form($0.first), form($0.second)) })
  }
}

/// Sums over the images left out, for several figures at once.
struct DeletionSums {
  /// Σ d_i, Σ d_i², Σ d_i³, Σ d_i⁴ with d_i = T_i − T.
  private let powers: [Tensor]
  private var excess: [Double]
  private var pairs: [Double]

  init(_ shape: [Int]) throws {
    powers = try (0..<4).map { _ in try Tensor.zeros(shape, dtype: .float64) }
    let count = shape.reduce(1, *)
    excess = [Double](repeating: 0, count: count)
    pairs = excess
  }

  /// - Parameter changes: of all figures where one image is left out, `[images, figures…]`.
  func add(_ changes: Tensor) throws {
    let squares = try changes * changes
    try powers[0].add(changes.sum([0]))
    try powers[1].add(squares.sum([0]))
    try powers[2].add((squares * changes).sum([0]))
    try powers[3].add((squares * squares).sum([0]))
  }

  /// - Parameter squares: Σ_{i≠j} q²_ij of all figures in one set.
  mutating func add(_ squares: [Double], _ rule: DeletedImage) {
    for (figure, square) in squares.enumerated() {
      excess[figure] += rule.excess * square
      pairs[figure] += rule.pairs * square
    }
  }

  func errors(images: Int) throws -> [JackknifeError?] {
    let sums: [[Double]] = try powers.map { try $0.values() }
    return excess.indices.map { figure in
      JackknifeError(
        powers: sums.map { $0[figure] }, excess: excess[figure], pairs: pairs[figure], images: images)
    }
  }
}

/// Where the two values of every difference lie among those of all pairs of kernels.
struct DifferencePlaces {
  private let first: Tensor
  private let second: Tensor

  /// nil where there are none.
  init?(_ differences: [KernelDifference], kernels: Int) throws {
    guard !differences.isEmpty else { return nil }
    first = try Tensor(differences.map { Int64($0.first.a * kernels + $0.first.b) }, shape: [differences.count])
    second = try Tensor(differences.map { Int64($0.second.a * kernels + $0.second.b) }, shape: [differences.count])
  }

  /// - Parameter values: `[images, kernels, kernels]`.
  func differences(_ values: Tensor) throws -> Tensor {
    let flat = try values.flattened(from: 1)
    return try flat.indexed(1, by: first) - flat.indexed(1, by: second)
  }
}
