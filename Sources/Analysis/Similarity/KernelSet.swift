/// The kernel matrices of one measure over one layout of pairs, and which taps have none.
final class KernelSet {
  let measure: Similarity.Measure
  let layout: PairLayout
  private let storage: Storage
  /// For each tap of the comparison, its kernel in `storage`; nil where it has none.
  private(set) var kernels: [Int?] = []
  /// For each tap without a kernel, why.
  private(set) var reasons: [String?] = []
  /// `[images]` for each kernel: what belongs to the centred matrix.
  private(set) var diagonals: [[Double]] = []

  private enum Storage {
    case single(KernelStorage<Float>)
    case double(KernelStorage<Double>)
  }

  /// - Parameters:
  ///   - capacity: the most taps that will be added.
  ///   - exact: whether to keep double precision.
  ///   - folder: where a scratch file goes; nil keeps all in memory.
  init(_ measure: Similarity.Measure, _ layout: PairLayout, capacity: Int, exact: Bool, folder: String?) throws {
    self.measure = measure
    self.layout = layout
    storage =
      exact
      ? .double(try KernelStorage(layout, capacity: capacity, folder: folder))
      : .single(try KernelStorage(layout, capacity: capacity, folder: folder))
  }

  /// How many taps have a kernel.
  var count: Int { diagonals.count }

  /// Bytes that the kernels of `taps` taps take.
  static func bytes(_ layout: PairLayout, taps: Int, exact: Bool) -> Int {
    exact ? KernelStorage<Double>.bytes(layout, kernels: taps) : KernelStorage<Float>.bytes(layout, kernels: taps)
  }

  func append(_ matrix: PairMatrix) throws {
    let kernel = diagonals.count
    switch storage {
    case .single(let storage): diagonals.append(try matrix.appendCentred(to: storage))
    case .double(let storage): diagonals.append(try matrix.appendCentred(to: storage))
    }
    kernels.append(kernel)
    reasons.append(nil)
  }

  func appendNone(_ reason: String) {
    kernels.append(nil)
    reasons.append(reason)
  }

  /// The sums over the pairs of images of every set, one after the other.
  func forEachSum(
    pairs: KernelPairs, bootstrap: Bootstrap, advance: (Double) throws -> Void,
    _ body: (_ range: Range<Int>, _ sums: PairwiseSums) throws -> Void
  ) throws {
    func run<Element>(_ storage: KernelStorage<Element>) throws {
      let weights = try ReplicateWeights(bootstrap, Element.dtype)
      let summation = PairwiseSummation(storage: storage, pairs: pairs, weights: weights)
      for (set, range) in layout.ranges.enumerated() {
        try body(range, summation.sums(set: set) { try advance((Double(set) + $0) / Double(layout.ranges.count)) })
      }
    }
    switch storage {
    case .single(let storage): try run(storage)
    case .double(let storage): try run(storage)
    }
  }
}

/// Makes the kernel matrices of a tap from its inner products.
struct KernelBuilder {
  let sets: [KernelSet]
  let rbfFraction: Double

  static let constantReason = "every image has the same features"
  static let zeroMedianReason = "the median distance between images is 0"

  /// Adds a tap to every set that lacks it. `matrix` holds inner products before and is spoilt after.
  ///
  /// - Parameters:
  ///   - tap: its number; taps are added in order.
  ///   - isExact: whether the products are in double precision.
  /// - Returns: false where single precision is too coarse for the distances; those sets still lack the tap.
  func add(tap: Int, _ matrix: PairMatrix, isConstant: Bool, isExact: Bool) throws -> Bool {
    // The Gaussian kernels over the same pairs come last: they take the matrix itself.
    let order =
      sets.filter { $0.measure == .ckaLinear } + sets.filter { $0.measure == .ckaRBF && $0.layout != matrix.layout }
      + sets.filter { $0.measure == .ckaRBF && $0.layout == matrix.layout }
    var isComplete = true
    for set in order where set.kernels.count == tap {
      if isConstant {
        set.appendNone(KernelBuilder.constantReason)
        continue
      }
      let own = set.layout == matrix.layout ? matrix : matrix.restricted(to: set.layout)
      switch set.measure {
      case .ckaLinear: try set.append(own)
      case .ckaRBF: isComplete = try addGaussian(own, to: set, isExact: isExact) && isComplete
      }
    }
    return isComplete
  }

  private func addGaussian(_ matrix: PairMatrix, to set: KernelSet, isExact: Bool) throws -> Bool {
    let scale = matrix.diagonal.reduce(0, +) / Double(matrix.diagonal.count)
    matrix.becomeSquaredDistances()
    let median = Quantile.median(nonNegative: matrix.pairs.values) ?? 0
    // Products in single precision are good to about 1e-7 of the squared norms.
    guard isExact || median > 0.05 * scale else { return false }
    if median <= 1e-12 * scale {
      set.appendNone(KernelBuilder.zeroMedianReason)
    } else {
      try matrix.becomeGaussian(variance: rbfFraction * rbfFraction * median)
      try set.append(matrix)
    }
    return true
  }
}
