import Formats
import Torch

/// CKA (Kornblith et al. 2019) of all taps with a linear or a Gaussian kernel, over one layout of the pairs of images.
final class CKAAccumulator: SimilarityAccumulator {
  static let measures = Similarity.Measure.cka

  let layout: ImagePairLayout
  private let measure: Similarity.Measure
  /// Those of this layout.
  private let estimators: [Similarity.Estimator]
  /// σ² = fraction² · median of the squared distances.
  private let rbfFraction: Double
  private let hasIntervals: Bool
  private let kernels: KernelSet

  init(
    _ measure: Similarity.Measure, _ estimators: [Similarity.Estimator], _ settings: Similarity.Settings,
    kernels: KernelSet
  ) {
    self.measure = measure
    self.estimators = estimators
    rbfFraction = settings.rbfFraction
    hasIntervals = settings.selection.hasIntervals
    self.kernels = kernels
    layout = kernels.layout
  }

  /// One for each measure and each layout: the estimators of the whole sample share one, minibatches have another.
  static func plans(_ computation: SimilarityComputation) -> [AccumulatorPlan] {
    let settings = computation.settings
    var groups: [(layout: ImagePairLayout, estimators: [Similarity.Estimator])] = []
    for estimator in settings.estimators {
      let layout = computation.layout(of: estimator)
      if let index = groups.firstIndex(where: { $0.layout == layout }) {
        groups[index].estimators.append(estimator)
      } else {
        groups.append((layout, [estimator]))
      }
    }
    return settings.measures.filter(measures.contains).flatMap { measure in
      groups.compactMap { group -> AccumulatorPlan? in
        let estimators = group.estimators.filter { !computation.usesMoments(measure, $0) }
        guard !estimators.isEmpty else { return nil }
        return .kernels(measure, group.layout, computation) {
          CKAAccumulator(measure, estimators, settings, kernels: $0)
        }
      }
    }
  }

  var changesProducts: Bool { measure == .ckaRBF }

  func add(_ products: TapProducts) throws -> Bool {
    guard measure == .ckaRBF else {
      try kernels.append(products.matrix)
      return true
    }
    let matrix = products.matrix
    let scale = matrix.diagonal.reduce(0, +) / Double(matrix.diagonal.count)
    matrix.becomeSquaredDistances()
    let median = Quantile.median(nonNegative: matrix.pairs.values) ?? 0
    // Products in single precision are good to about 1e-7 of the squared norms.
    guard products.isExact || median > 0.05 * scale else { return false }
    if median <= 1e-12 * scale {
      kernels.appendEmpty("the median distance between images is 0")
    } else {
      let changes = hasIntervals ? matrix.medianChanges(median) : nil
      try matrix.becomeGaussian(variance: rbfFraction * rbfFraction * median)
      try kernels.append(matrix, widthChanges: changes)
    }
    return true
  }

  func addEmpty(_ reason: String) { kernels.appendEmpty(reason) }

  func tables(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws -> [TapPairTable] {
    let share = computation.shareOfValues
    let values = try kernels.values(
      estimators, hasIntervals: computation.settings.selection.hasIntervals,
      differences: kernels.differences(computation)
    ) { try advance(share * $0) }
    return try kernels.tables(measure, estimators, values, computation) { try advance(share + (1 - share) * $0) }
  }
}

extension ImagePairMatrix {
  /// From inner products to squared Euclidean distances: d²_ij = g_ii + g_jj − 2 g_ij.
  fileprivate func becomeSquaredDistances() {
    let products = diagonal
    forEachRow { row, columns, target in
      products.withUnsafeBufferPointer { products in
        let square = products[row]
        for column in columns {
          let index = column - columns.lowerBound
          target[index] = max(0, square + products[column] - 2 * target[index])
        }
      }
    }
    diagonal = [Double](repeating: 0, count: diagonal.count)
  }

  /// From squared distances to exp(−d² / (2 · variance)).
  fileprivate func becomeGaussian(variance: Double) throws {
    for range in pieces(of: 0..<layout.count, size: 1 << 20) {
      let tensor = try pairs.tensor([range.count], from: range.lowerBound)
      try tensor.multiply(by: -0.5 / variance)
      _ = try exponentialInPlace.one(.tensor(tensor))
    }
    diagonal = [Double](repeating: 1, count: diagonal.count)
  }
}

private let exponentialInPlace = Operator("aten::exp_")

extension KernelSet {
  /// The table of every estimator, with the null distribution where the settings ask for one.
  ///
  /// - Parameters:
  ///   - values: by each of `estimators`.
  ///   - advance: called with the share of the null distribution that is done.
  func tables(
    _ measure: Similarity.Measure, _ estimators: [Similarity.Estimator], _ values: [KernelValues],
    _ computation: SimilarityComputation, advance: (Double) throws -> Void
  ) throws -> [TapPairTable] {
    var values = values
    let settings = computation.settings
    if settings.permutations > 0 {
      let permuted = try permutedValues(
        estimators, count: settings.permutations, seed: settings.selection.seed, advance: advance)
      for index in values.indices { values[index].permuted = permuted[index] }
    }
    return zip(estimators, values).map { index.table(measure, $0, $1, images: layout.images, computation) }
  }

  /// The differences asked for, of taps that all have a kernel.
  func differences(_ computation: SimilarityComputation) -> [KernelDifference] { index.differences(computation) }
}

/// Which tap has which kernel, and how the values of kernels become a table of taps.
struct KernelIndex {
  /// For each tap its kernel; nil where it has none.
  private(set) var kernels: [Int?] = []
  /// For each tap without a kernel, why.
  private(set) var reasons: [String?] = []

  mutating func append(_ kernel: Int?, reason: String? = nil) {
    kernels.append(kernel)
    reasons.append(reason)
  }

  /// The differences asked for, of taps that all have a kernel.
  func differences(_ computation: SimilarityComputation) -> [KernelDifference] {
    comparisons(computation).compactMap { $0 }
  }

  /// For each of the computation's triples the kernels of its two values; nil where one of the taps has none.
  private func comparisons(_ computation: SimilarityComputation) -> [KernelDifference?] {
    computation.triples.map { triple in
      guard let a = kernels[triple.a], let b = kernels[triple.b], let c = kernels[triple.c] else { return nil }
      return KernelDifference(first: (min(a, b), max(a, b)), second: (min(a, c), max(a, c)))
    }
  }

  /// The differences of a table, in the order of the computation's triples; none where the estimator has no errors.
  private func differences(
    _ values: KernelValues, _ computation: SimilarityComputation
  ) -> [PairedSimilarityDifference?] {
    guard let errors = values.errors else { return [] }
    var found = errors.differences.makeIterator()
    return comparisons(computation).map { pair in
      guard let pair, let error = found.next(), let first = values.value(pair.first.a, pair.first.b),
        let second = values.value(pair.second.a, pair.second.b)
      else { return nil }
      return PairedSimilarityDifference(value: first - second, error: error)
    }
  }

  func table(
    _ measure: Similarity.Measure, _ estimator: Similarity.Estimator, _ values: KernelValues, images: Int,
    _ computation: SimilarityComputation
  ) -> TapPairTable {
    var table = TapPairTable(measure, estimator, n: images, taps: computation.taps.count)
    table.reasons = reasons
    table.differences = differences(values, computation)
    for (first, a) in kernels.enumerated() {
      guard let a else { continue }
      if !values.isDefined[a] {
        table.reasons[first] = "its HSIC with itself vanishes, for at most one image differs from the others"
      }
      for second in kernels.indices.dropFirst(first) where computation.isWanted(first, second) {
        guard let b = kernels[second] else { continue }
        table.set(
          first, second, values.value(a, b), interval: values.interval(a, b), null: values.permutedValues(a, b))
      }
    }
    return table
  }
}

/// The values of one measure by one estimator, from the sums of one kernel set: CKA is the ratio
/// HSIC(K, L) / √(HSIC(K, K) · HSIC(L, L)).
struct KernelValues {
  /// HSIC of all pairs of kernels, up to a common factor, `[kernels, kernels]`.
  private(set) var inner: [Double]
  /// Whether a kernel's HSIC with itself is more than rounding.
  private(set) var isDefined: [Bool]
  /// The same as `inner` for each replicate, `[replicates, kernels, kernels]`.
  private var replicates: [Double] = []
  /// For each replicate, whether it has values at all.
  private var hasValues: [Bool] = []
  /// Standard errors of the values; nil where they were not asked for, or the estimator has none.
  var errors: KernelErrors?
  /// The same as `inner` for each random permutation, `[permutations, kernels, kernels]`.
  var permuted: [Double] = []
  let kernels: Int

  init(kernels: Int) {
    self.kernels = kernels
    inner = [Double](repeating: 0, count: kernels * kernels)
    isDefined = [Bool](repeating: true, count: kernels)
  }

  /// Makes room for replicates.
  mutating func makeReplicates(_ count: Int) {
    replicates = [Double](repeating: 0, count: count * kernels * kernels)
    hasValues = [Bool](repeating: false, count: count)
  }

  mutating func add(_ values: [Double], times factor: Double) {
    for index in inner.indices { inner[index] += factor * values[index] }
  }

  mutating func add(_ values: ArraySlice<Double>, toReplicate replicate: Int) {
    hasValues[replicate] = true
    let start = replicate * kernels * kernels
    for (index, value) in values.enumerated() { replicates[start + index] += value }
  }

  mutating func setDefined(_ defined: [Bool]) { isDefined = defined }

  /// The value of two kernels, `a` not after `b`; nil where there is none.
  func value(_ a: Int, _ b: Int) -> Double? {
    guard isDefined[a], isDefined[b] else { return nil }
    return ratio(inner, at: 0, a, b)
  }

  /// The value in each replicate that has one.
  func replicateValues(_ a: Int, _ b: Int) -> [Double] {
    hasValues.indices.compactMap { hasValues[$0] ? ratio(replicates, at: $0 * kernels * kernels, a, b) : nil }
  }

  /// The value in each random permutation, whose kernels have the norms of the true order.
  func permutedValues(_ a: Int, _ b: Int) -> [Double] {
    guard isDefined[a], isDefined[b] else { return [] }
    let norm = (inner[a * kernels + a] * inner[b * kernels + b]).squareRoot()
    return stride(from: 0, to: permuted.count, by: kernels * kernels).map { permuted[$0 + a * kernels + b] / norm }
  }

  /// The 95 % interval; nil where there is none.
  func interval(_ a: Int, _ b: Int) -> (low: Double, high: Double)? {
    value(a, b).flatMap { errors?.interval($0, a, b) }
  }

  private func ratio(_ values: [Double], at start: Int, _ a: Int, _ b: Int) -> Double? {
    let (first, second) = (values[start + a * kernels + a], values[start + b * kernels + b])
    guard first > 0, second > 0 else { return nil }
    return values[start + a * kernels + b] / (first * second).squareRoot()
  }
}
