import Formats
import Torch

/// The centred kernel matrices of several taps over the same pairs of images, and HSIC of every two of them.
///
/// The debiased HSIC (Song et al. 2012, equation 5) of n images is, seen as an inner product (Székely and Rizzo 2014),
///
///     HSIC₁(K, L) = 1/(n(n−3)) · Σ_{i≠j} K̂_ij L̂_ij
///
/// with K̂ the U-centred K. ``append(_:centring:)`` makes K̂, ``KernelStorage/innerProducts(set:)`` takes the sum, and
/// ``values(_:pairs:bootstrap:advance:)`` divides by n(n − 3). `PlainCKA` says the same without regard to memory and speed.
final class KernelSet {
  let layout: ImagePairLayout
  private let storage: any KernelStore
  /// For each tap its kernel in `storage`.
  private(set) var index = KernelIndex()
  /// `[images]` for each kernel: what belongs to the centred matrix.
  private(set) var diagonals: [[Double]] = []
  /// What each kernel's width owes to each image; nil where it has none, or errors are not wanted.
  private(set) var widths: [KernelWidth?] = []

  /// - Parameters:
  ///   - capacity: the most taps that will be added.
  ///   - exact: whether to keep double precision.
  ///   - folder: where a scratch file goes; nil keeps all in memory.
  init(_ layout: ImagePairLayout, capacity: Int, exact: Bool, folder: String?) throws {
    self.layout = layout
    storage =
      exact
      ? try KernelStorage<Double>(layout, capacity: capacity, folder: folder)
      : try KernelStorage<Float>(layout, capacity: capacity, folder: folder)
  }

  /// How many taps have a kernel.
  var count: Int { diagonals.count }

  /// Bytes that the kernels of `taps` taps take.
  static func bytes(_ layout: ImagePairLayout, taps: Int, exact: Bool) -> Int {
    exact ? KernelStorage<Double>.bytes(layout, kernels: taps) : KernelStorage<Float>.bytes(layout, kernels: taps)
  }

  func appendEmpty(_ reason: String) {
    index.append(nil, reason: reason)
  }

  // MARK: K̂

  /// Adds a tap's kernel matrix K, U-centred in each set of images and scaled by a power of two.
  ///
  ///     K̂_ij = K_ij − a_i − a_j,   a_i = (k_i − k / (2(n − 1))) / (n − 2),   k_i = Σ_{j≠i} K_ij,   k = Σ_i k_i
  ///
  /// The rest of the diagonal is K_ii − 2 a_i: every estimator here is the same for K and for K̂ with that diagonal, and K̂
  /// has no common offset that single precision would drown in.
  ///
  /// - Parameters:
  ///   - centring: false for numbers that are to be taken as they are: ranks.
  ///   - widthChanges: of a Gaussian kernel, log(σ²_i / σ²) for each image, σ_i its width without the image.
  func append(_ matrix: ImagePairMatrix, centring: Bool = true, widthChanges: [Double]? = nil) throws {
    var shifts = [Double](repeating: 0, count: matrix.diagonal.count)
    var scale = 1.0
    if centring {
      let sums = matrix.rowSums()
      for range in layout.ranges {
        let count = Double(range.count)
        let total = range.reduce(0) { $0 + sums[$1] } / (2 * (count - 1))
        for image in range { shifts[image] = (sums[image] - total) / (count - 2) }
      }
      let largest = matrix.diagonal.reduce(0, max)
      if largest > 0 && largest.isFinite {
        scale = Double(sign: .plus, exponent: -Int(largest.exponent), significand: 1)
      }
    }
    try storage.append(matrix, shifts: shifts, scale: scale)
    index.append(diagonals.count)
    widths.append(widthChanges.map { KernelWidth(changes: $0, shifts: shifts) })
    diagonals.append(matrix.diagonal.indices.map { (matrix.diagonal[$0] - 2 * shifts[$0]) * scale })
  }

  // MARK: Σ K̂_ij L̂_ij

  /// Σ_{i≠j} K̂_ij L̂_ij of one set of images, `[kernels, kernels]`.
  func innerProducts(set: Int) throws -> Tensor { try storage.innerProducts(set: set) }

  /// The same of products, squares and cubes.
  func powerSums(set: Int) throws -> PowerSums { try storage.powerSums(set: set) }

  /// Σ_{i≠j} (f_ij − g_ij)² of pairs of forms.
  func differenceSquares(set: Int, _ forms: [(PairForm, PairForm)]) throws -> [Double] {
    try storage.differenceSquares(set: set, forms)
  }

  /// Lends the rows of some images after the other, `[images, kernels, images of the set]`.
  func forEachImages(set: Int, _ body: (_ images: Range<Int>, _ rows: Tensor) throws -> Void) throws {
    try storage.forEachImages(set: set, body)
  }

  /// The same sums as ``innerProducts(set:)`` with the weights of every replicate; nil without replicates.
  func weightedSums(set: Int, pairs: ComparedKernels, bootstrap: Bootstrap) throws -> WeightedSums? {
    try ReplicateWeights(bootstrap, storage.dtype).map {
      try storage.weightedSums(set: set, pairs, $0, advance: { _ in })
    }
  }

  /// Σ_{i≠j} K̂_ij L̂_π(i)π(j) of one set of images for permutations π of them, `[permutations, kernels, kernels]`.
  func permutedSums(set: Int, orders: [[Int]], advance: (Double) throws -> Void) throws -> [Double] {
    try storage.permutedInnerProducts(set: set, orders: orders, advance: advance)
  }

  // MARK: 1/(n(n−3))

  /// HSIC of all pairs of kernels by each of `estimators`, which all belong to this layout: summed over its sets of images.
  ///
  /// - Parameter hasIntervals: whether standard errors are wanted too, of the estimators that have some.
  func values(
    _ estimators: [Similarity.Estimator], hasIntervals: Bool, differences: [KernelDifference] = [],
    advance: (Double) throws -> Void
  ) throws -> [KernelValues] {
    let kernels = count
    var results = estimators.map { _ in KernelValues(kernels: kernels) }
    guard kernels > 0 else { return results }
    var debiasedNorms = [Double](repeating: 0, count: kernels)
    var biasedNorms = [Double](repeating: 0, count: kernels)
    for (set, range) in layout.ranges.enumerated() {
      let diagonal = try Tensor(diagonals.flatMap { $0[range] }, shape: [kernels, range.count])
      let whole = try HSIC(inner: innerProducts(set: set), diagonal: diagonal)
      let debiased: [Double] = try whole.debiased.values()
      let biased: [Double] = try whole.biased.values()
      for kernel in 0..<kernels {
        debiasedNorms[kernel] += debiased[kernel * kernels + kernel]
        biasedNorms[kernel] += biased[kernel * kernels + kernel]
      }
      for (index, estimator) in estimators.enumerated() {
        results[index].add(
          estimator == .biased ? biased : debiased, times: 1 / HSIC.divisor(estimator, images: range.count))
      }
      let share = Double(set + 1) / Double(layout.ranges.count)
      try advance(hasIntervals ? 0.2 * share : share)
    }
    for (index, estimator) in estimators.enumerated() {
      results[index].setDefined(
        (0..<kernels).map {
          biasedNorms[$0] > 0 && (estimator == .biased || debiasedNorms[$0] > 1e-12 * biasedNorms[$0])
        })
      guard hasIntervals, estimator.definition.withoutInterval == nil else { continue }
      results[index].errors = try errors(inner: results[index].inner, differences: differences) {
        DeletedImage.hsic(images: $0, of: layout.images, isMinibatch: estimator == .minibatch)
      } advance: {
        try advance(0.2 + 0.8 * $0)
      }
    }
    return results
  }
}

extension KernelStorage {
  /// Σ_{i≠j} K̂_ij L̂_ij: products of doubles, a few thousand pairs at a time, which stay in the processor's cache.
  func innerProducts(set: Int) throws -> Tensor {
    let inner = try Tensor.zeros([kernels, kernels], dtype: .float64)
    let pairs = layout.pairs(set: set, rows: layout.ranges[set])
    for chunk in pieces(of: pairs, size: max(1024, (1 << 19) / max(1, kernels))) {
      // A copy, so that sums are taken in the same order wherever the kernels lie.
      let values = try values(chunk).to(.float64).contiguous()
      try inner.addProduct(values, values.transposed(0, 1))
    }
    try inner.multiply(by: 2)
    return inner
  }
}

extension ImagePairMatrix {
  /// Sums of each row within its set, without the diagonal.
  fileprivate func rowSums() -> [Double] {
    // Each piece has sums of all images: at most some dozens, whatever their number is.
    let rows = layout.rowPieces(pairs: max(1 << 18, layout.count / 64))
    let images = diagonal.count
    let partial = Buffer<Double>(rows.count * images)
    inParallel(rows.count) { [self] piece in
      let sums = partial.pointer + piece * images
      sums.initialize(repeating: 0, count: images)
      for row in rows[piece].rows {
        let count = layout.ranges[rows[piece].set].upperBound - row - 1
        let source = pairs.pointer + layout.offset(set: rows[piece].set, row: row)
        sums[row] += VectorSums.addAndSum(source, count, into: sums + row + 1)
      }
    }
    var total = [Double](repeating: 0, count: images)
    for piece in rows.indices {
      for image in 0..<images { total[image] += partial.pointer[piece * images + image] }
    }
    return total
  }
}

/// HSIC of all pairs of kernels from sums over their pairs of images, up to a factor that all pairs have in common and that
/// CKA divides out. Formulas: docs/definitions.md. All in double precision.
struct HSIC {
  /// By the debiased estimator, times n(n − 3), `[B, kernels, kernels]`.
  let debiased: Tensor
  /// By the biased estimator, times (n − 1)².
  let biased: Tensor

  /// For the whole sample: every weight is 1 and the rows of the kernels, centred before, sum to zero.
  ///
  /// - Parameters:
  ///   - inner: Σ_{i≠j} K_ij L_ij, `[kernels, kernels]`.
  ///   - diagonal: `[kernels, images]`.
  init(inner: Tensor, diagonal: Tensor) throws {
    let images = Double(diagonal.extent(1))
    let kernels = diagonal.extent(0)
    // Σ_ij K_ij L_ij − (2/n) Σ_i k_i l_i + k l / n², where the row sums k_i are the diagonal.
    let squares = try diagonal.matmul(diagonal.transposed(0, 1))
    let totals = try diagonal.sum([1], keepingAxes: true)
    let biased =
      try inner + squares * (1 - 2 / images) + totals.matmul(totals.transposed(0, 1)) * (1 / (images * images))
    try self.init(debiased: inner.reshaped(1, kernels, kernels), biased: biased.reshaped(1, kernels, kernels))
  }

  init(debiased: Tensor, biased: Tensor) {
    self.debiased = debiased
    self.biased = biased
  }

  /// What sums over a set of n images are divided by: n(n − 3) for `minibatch`, whose sets may differ in size; 1 where
  /// there is one set and the factor drops out of CKA.
  static func divisor(_ estimator: Similarity.Estimator, images: Int) -> Double {
    estimator == .minibatch ? Double(images) * (Double(images) - 3) : 1
  }
}
