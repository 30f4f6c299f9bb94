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
    case .single(let storage): diagonals.append(try matrix.writeCentred(to: storage, kernel: kernel))
    case .double(let storage): diagonals.append(try matrix.writeCentred(to: storage, kernel: kernel))
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

  /// Adds a tap to every set. `matrix` holds inner products before and is spoilt after.
  ///
  /// - Parameter isExact: whether the products are in double precision. If they are not and single precision is too coarse
  ///   for the distances, nothing is added and false is returned.
  func add(_ matrix: PairMatrix, isConstant: Bool, isExact: Bool) throws -> Bool {
    if isConstant {
      for set in sets { set.appendNone(KernelBuilder.constantReason) }
      return true
    }
    let linear = sets.filter { $0.measure == .ckaLinear }
    // The set over the same pairs comes last: it takes the matrix itself.
    let gaussian = sets.filter { $0.measure == .ckaRBF }.sorted {
      $1.layout == matrix.layout && $0.layout != matrix.layout
    }
    if !gaussian.isEmpty, !isExact, try !distancesAreFine(matrix, gaussian.map(\.layout)) { return false }
    for set in linear { try set.append(set.layout == matrix.layout ? matrix : matrix.restricted(to: set.layout)) }
    for set in gaussian {
      let own = set.layout == matrix.layout ? matrix : matrix.restricted(to: set.layout)
      let scale = KernelBuilder.mean(own.diagonal)
      own.becomeSquaredDistances()
      let median = Quantile.median(nonNegative: own.pairs.values) ?? 0
      if median <= 1e-12 * scale {
        set.appendNone(KernelBuilder.zeroMedianReason)
      } else {
        try own.becomeGaussian(variance: rbfFraction * rbfFraction * median)
        try set.append(own)
      }
    }
    return true
  }

  /// Whether the rounding of products in single precision is small beside the median distance. Estimated on the first rows
  /// of pairs, for most taps are far from the bound.
  private func distancesAreFine(_ matrix: PairMatrix, _ layouts: [PairLayout]) throws -> Bool {
    let scale = KernelBuilder.mean(matrix.diagonal)
    for layout in layouts {
      let own = PairLayout([layout.ranges[0].prefix(GramAccumulator.exactImages)].map { $0.startIndex..<$0.endIndex })
      let sample = matrix.restricted(to: own)
      sample.becomeSquaredDistances()
      guard let median = Quantile.median(nonNegative: sample.pairs.values), median > 0.05 * scale else { return false }
    }
    return true
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
}
