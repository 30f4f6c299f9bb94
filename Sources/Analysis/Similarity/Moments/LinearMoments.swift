import Formats
import Torch

/// Sums over images from which linear CKA follows without a kernel matrix: products of columns, `XᵀY` of every two taps. Time grows with
/// images times columns squared, memory with columns squared alone. Formulas: docs/definitions.md, *By moments*.
///
/// z_i is the row of an image less that of the first one, u_i = ‖z_i‖² within a tap.
struct LinearMoments {
  let blocks: ImageBlocks
  let images: Int
  /// By tap Σ z_i z_iᵀ with its own columns and those of all taps after it.
  private var cross: [Tensor]
  /// Σ z_i; by tap Σ u_i, Σ u_i z_i over all columns, Σ u_i u_i of every two.
  private let sums: Tensor
  private let weighted: Tensor
  private let squares: Tensor
  /// By tap whether every image has the same features.
  private(set) var isConstant: [Bool]

  var taps: Int { blocks.ranges.count }

  // MARK: Whether

  /// Whether products of columns cost less than kernel matrices, and fit into the memory allowed. Up to as many images as have
  /// exact kernels these are taken; permutations, clamping, weights of objects need them.
  static func isCheaper(_ computation: SimilarityComputation) -> Bool {
    let settings = computation.settings
    guard settings.measures.contains(.ckaLinear), settings.estimators.contains(where: { $0 != .minibatch }),
      settings.permutations == 0, settings.scaling.isNone, settings.tokens != .object, !computation.isExact
    else { return false }
    let columns = columns(computation)
    guard 8 * columns * columns <= max(settings.memoryLimit, leastBytes) / 2 else { return false }
    // Products of images that other measures need anyway cost nothing.
    let isShared = settings.measures.contains { $0 != .ckaLinear } || settings.estimators.contains(.minibatch)
    let (images, taps) = (Double(computation.images), Double(computation.taps.count))
    let pairs = images * images / 2
    // What kernels take for two images and two taps, in multiplications of products of columns: measured (docs/performance.md).
    let kernels =
      pairs * ((isShared ? 0 : Double(columns) / 2) + taps * taps * (settings.selection.hasIntervals ? 90 : 12))
    return operations(computation) < kernels
  }

  /// Multiplications in double precision.
  static func operations(_ computation: SimilarityComputation) -> Double {
    let columns = Double(columns(computation))
    return Double(computation.images) * columns * columns / 2 * (computation.settings.selection.hasIntervals ? 3 : 1)
  }

  /// What may be taken whatever the limit is.
  private static let leastBytes = 256 << 20

  private static func columns(_ computation: SimilarityComputation) -> Int {
    computation.taps.reduce(0) {
      $0 + ColumnPlan(computation.settings.tokens, $1.shape, width: max(1, $1.shape.columns)).columns
    }
  }

  /// The tables of linear CKA by all estimators that look at all images.
  static func tables(
    _ computation: SimilarityComputation, advance: (Double) throws -> Void
  ) throws -> [TapPairTable] {
    let settings = computation.settings
    let estimators = settings.estimators.filter { computation.usesMoments(.ckaLinear, $0) }
    let share = settings.selection.hasIntervals ? 1.0 / 3 : 1
    let moments = try LinearMoments(computation) { try advance(share * $0) }
    let centred = try moments.centred()
    var index = KernelIndex()
    for tap in 0..<moments.taps {
      let isConstant = moments.isConstant[tap]
      index.append(isConstant ? nil : tap, reason: isConstant ? SimilarityComputation.constantReason : nil)
    }
    return try estimators.map { estimator in
      let values = try moments.values(estimator, centred, settings, differences: index.differences(computation)) {
        try advance(share + (1 - share) * $0)
      }
      return index.table(.ckaLinear, estimator, values, images: moments.images, computation)
    }
  }

  // MARK: Sums

  /// One pass over all images.
  ///
  /// - Parameter advance: called with the share done; may throw to stop it.
  init(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws {
    blocks = try ImageBlocks(computation)
    images = computation.images
    let (columns, taps) = (blocks.columns, blocks.ranges.count)
    cross = try blocks.ranges.map { try Tensor.zeros([$0.count, columns - $0.lowerBound], dtype: .float64) }
    sums = try Tensor.zeros([1, columns], dtype: .float64)
    weighted = try Tensor.zeros([taps, columns], dtype: .float64)
    squares = try Tensor.zeros([taps, taps], dtype: .float64)
    isConstant = [Bool](repeating: true, count: taps)
    try blocks.forEach { images, rows in
      let rows = try rows.tensor([images.count, columns])
      var own: [Tensor] = []
      for (tap, range) in blocks.ranges.enumerated() {
        let part = try rows.slice(1, range)
        try cross[tap].addProduct(part.transposed(0, 1), rows.slice(1, range.lowerBound..<columns))
        own.append(try (part * part).sum([1], keepingAxes: true))
        if isConstant[tap] { isConstant[tap] = try own[tap].maximum().item() == 0 }
      }
      let norms = try Tensor.concatenate(own, axis: 1)
      try sums.add(rows.sum([0], keepingAxes: true))
      try weighted.addProduct(norms.transposed(0, 1), rows)
      try squares.addProduct(norms.transposed(0, 1), norms)
      try advance(Double(images.upperBound) / Double(computation.images))
    }
  }

  // MARK: Values

  /// What centred features come to, in plain numbers.
  struct Centred {
    /// `[taps, taps]`: Σ_ij K_ij L_ij, Σ_i K_ii L_ii and the debiased sum over i ≠ j of U-centred kernels.
    var whole: [Double]
    var diagonal: [Double]
    var debiased: [Double]
    /// By tap Σ K_ii.
    var traces: [Double]
    /// Means of all columns.
    let means: Tensor
    /// By tap XᵀY with the columns of all taps from it on.
    var products: [Tensor]
    /// By tap, for every tap b, Σ_j L_jj x_j: `[columns, taps]`.
    var norms: [Tensor]
  }

  func centred() throws -> Centred {
    let n = Double(images)
    let means = try sums * (1 / n)
    func mean(_ tap: Int) throws -> Tensor { try means.slice(1, blocks.ranges[tap]).transposed(0, 1) }
    let totals: [Double] = try weightedTotals()
    var result = Centred(
      whole: [Double](repeating: 0, count: taps * taps), diagonal: [Double](repeating: 0, count: taps * taps),
      debiased: [Double](repeating: 0, count: taps * taps), traces: [], means: means, products: [], norms: [])
    let lengths = try (0..<taps).map { try number(mean($0).transposed(0, 1).matmul(mean($0))) }
    result.traces = (0..<taps).map { totals[$0] - n * lengths[$0] }
    let square: [Double] = try squares.values()
    // Σ_i e_i z_i of tap a's columns, e_i the squared length of the centred row of tap b.
    var norms = [[Tensor?]](repeating: [Tensor?](repeating: nil, count: taps), count: taps)
    for a in 0..<taps {
      let range = blocks.ranges[a]
      let tail = try means.slice(1, range.lowerBound..<blocks.columns)
      result.products.append(try cross[a] - mean(a).matmul(tail) * n)
      for b in a..<taps {
        let other = blocks.ranges[b]
        let local = other.lowerBound - range.lowerBound..<other.upperBound - range.lowerBound
        let product = try cross[a].slice(1, local)
        let (toB, toA) = (try product.matmul(mean(b)), try product.transposed(0, 1).matmul(mean(a)))
        func along(_ of: Int, _ column: Int, _ crossed: Tensor) throws -> Tensor {
          let range = blocks.ranges[column]
          let plain = try weighted.slice(0, of..<of + 1).slice(1, range).transposed(0, 1)
          let sum = try sums.slice(1, range).transposed(0, 1)
          return try plain - crossed * 2 + sum * lengths[of] - mean(column) * result.traces[of]
        }
        norms[a][b] = try along(b, a, toB)
        norms[b][a] = try along(a, b, toA)
        // Σ_i (u − 2 z·m + ‖m‖²)(v − 2 w·l + ‖l‖²).
        let inner = try number(mean(a).transposed(0, 1).matmul(toB))
        let aAlongB = try number(weighted.slice(0, a..<a + 1).slice(1, other).matmul(mean(b)))
        let bAlongA = try number(weighted.slice(0, b..<b + 1).slice(1, range).matmul(mean(a)))
        let diagonal =
          square[a * taps + b] - 2 * aAlongB - 2 * bAlongA + lengths[b] * totals[a] + lengths[a] * totals[b] + 4 * inner
          - 3 * n * lengths[a] * lengths[b]
        let centredProduct = try result.products[a].slice(1, local)
        let whole = try number((centredProduct * centredProduct).sum())
        let debiased =
          whole - diagonal * n / (n - 2) + result.traces[a] * result.traces[b] / ((n - 1) * (n - 2))
        for place in [a * taps + b, b * taps + a] {
          (result.whole[place], result.diagonal[place], result.debiased[place]) = (whole, diagonal, debiased)
        }
      }
    }
    result.norms = try norms.map { try Tensor.concatenate($0.compactMap { $0 }, axis: 1) }
    return result
  }

  private func number(_ tensor: Tensor) throws -> Double { try tensor.item() }

  /// By tap Σ u_i.
  private func weightedTotals() throws -> [Double] {
    try blocks.ranges.indices.map { tap in
      let range = blocks.ranges[tap]
      // The trace of Σ z_i z_iᵀ.
      let own: [Double] = try cross[tap].slice(1, 0..<range.count).contiguous().values()
      return (0..<range.count).reduce(0) { $0 + own[$1 * range.count + $1] }
    }
  }

  /// Values and errors by an estimator that looks at all images, as `KernelSet.values` has them.
  func values(
    _ estimator: Similarity.Estimator, _ centred: Centred, _ settings: Similarity.Settings,
    differences: [KernelDifference], advance: (Double) throws -> Void
  ) throws -> KernelValues {
    var values = KernelValues(kernels: taps)
    values.add(estimator == .biased ? centred.whole : centred.debiased, times: 1)
    values.setDefined(
      (0..<taps).map { tap in
        let place = tap * taps + tap
        return centred.whole[place] > 0
          && (estimator == .biased || centred.debiased[place] > 1e-12 * centred.whole[place])
      })
    guard settings.selection.hasIntervals, estimator.definition.withoutInterval == nil else { return values }
    values.errors = try errors(centred, differences: differences, seed: settings.selection.seed, advance: advance)
    return values
  }
}
