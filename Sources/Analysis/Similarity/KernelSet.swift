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

  /// The same for numbers that need no centring: ranks.
  func appendRanks(_ matrix: PairMatrix) throws {
    let kernel = diagonals.count
    switch storage {
    case .single(let storage): try matrix.append(to: storage)
    case .double(let storage): try matrix.append(to: storage)
    }
    diagonals.append(matrix.diagonal)
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

  /// Σ_{i≠j} K_ij L_π(i)π(j) of one set for random pairings π.
  func pairwiseNull(set: Int, orders: [[Int]], advance: (Double) throws -> Void) throws -> [Double] {
    switch storage {
    case .single(let storage): try PairwiseNull(storage: storage).inner(set: set, orders: orders, advance: advance)
    case .double(let storage): try PairwiseNull(storage: storage).inner(set: set, orders: orders, advance: advance)
    }
  }
}
