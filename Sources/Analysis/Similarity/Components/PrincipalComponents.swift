import Torch

/// The principal components of a tap: its matrix with centred columns is U S Vᵀ, and this is U and S. All in double precision.
struct PrincipalComponents {
  /// U, `[images, rank]`.
  let vectors: Tensor
  /// The diagonal of S, descending, all above zero.
  let values: [Double]

  /// From the inner products of images: for taps with more columns than images.
  ///
  /// - Parameters:
  ///   - products: `[images, images]`; overwritten, for copies of it would take most of the memory there is.
  ///   - isExact: whether the products are in double precision, or their sums of single precision.
  init(products: Tensor, isExact: Bool) throws {
    // The columns were centred by rounded means; what is left of them is taken out here.
    let means = try products.mean([1], keepingAxes: true)
    try products.add(means, scale: -1)
    try products.add(means.transposed(0, 1), scale: -1)
    try products.add(means.mean())
    let (values, vectors) = try products.symmetricEigen()
    let squares: [Double] = try values.values()
    let rank = PrincipalComponents.rank(squares, tolerance: isExact ? 1e-13 : 1e-8)
    self.values = squares.suffix(rank).reversed().map { $0.squareRoot() }
    self.vectors = try vectors.slice(1, squares.count - rank..<squares.count).flipped(1).contiguous()
  }

  /// From centred columns themselves, `[images, columns]`: for taps with fewer columns than images.
  init(columns: Tensor) throws {
    let (values, vectors) = try columns.transposed(0, 1).matmul(columns).symmetricEigen()
    let squares: [Double] = try values.values()
    let rank = PrincipalComponents.rank(squares, tolerance: 1e-13)
    let kept = squares.suffix(rank).reversed().map { $0.squareRoot() }
    let directions = try vectors.slice(1, squares.count - rank..<squares.count).flipped(1).contiguous()
    self.values = kept
    self.vectors = try columns.matmul(directions) / Tensor(kept, shape: [1, rank])
  }

  /// How many of the ascending squares are more than rounding.
  private static func rank(_ squares: [Double], tolerance: Double) -> Int {
    guard let largest = squares.last, largest > 0 else { return 0 }
    return squares.count { $0 > tolerance * largest }
  }

  /// The fewest components whose variances make up `share` of all.
  func count(keeping share: Double) -> Int {
    let total = values.reduce(0) { $0 + $1 * $1 }
    var sum = 0.0
    for (index, value) in values.enumerated() {
      sum += value * value
      // Sums of many numbers reach 1 only up to rounding.
      if sum >= share * total * (1 - 1e-14) { return index + 1 }
    }
    return values.count
  }
}
