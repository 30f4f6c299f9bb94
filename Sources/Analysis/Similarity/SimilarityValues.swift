import Torch

/// The values of one measure by one estimator, from the sums of one kernel set.
struct SimilarityValues {
  /// HSIC of all pairs of kernels, up to a common factor, `[kernels, kernels]`.
  private(set) var inner: [Double]
  /// Whether a kernel's HSIC with itself is more than rounding.
  private(set) var isDefined: [Bool]
  /// The same as `inner` for each replicate, `[replicates, kernels, kernels]`.
  private(set) var replicates: [Double]
  /// For each replicate, whether it has values at all.
  private(set) var hasValues: [Bool]
  /// The same as `inner` for each random pairing, `[pairings, kernels, kernels]`.
  var nulls: [Double] = []
  let kernels: Int

  init(kernels: Int, replicates count: Int) {
    self.kernels = kernels
    inner = [Double](repeating: 0, count: kernels * kernels)
    isDefined = [Bool](repeating: true, count: kernels)
    replicates = [Double](repeating: 0, count: count * kernels * kernels)
    hasValues = [Bool](repeating: false, count: count)
  }

  mutating func add(_ values: [Double], times factor: Double) {
    for place in inner.indices { inner[place] += factor * values[place] }
  }

  mutating func add(_ values: ArraySlice<Double>, toReplicate replicate: Int, times factor: Double) {
    hasValues[replicate] = true
    let start = replicate * kernels * kernels
    for (place, value) in values.enumerated() { replicates[start + place] += factor * value }
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

  /// The value in each random pairing, whose kernels are those of the true one.
  func nullValues(_ a: Int, _ b: Int) -> [Double] {
    guard isDefined[a], isDefined[b] else { return [] }
    let norm = (inner[a * kernels + a] * inner[b * kernels + b]).squareRoot()
    return stride(from: 0, to: nulls.count, by: kernels * kernels).map { nulls[$0 + a * kernels + b] / norm }
  }

  /// The 2.5th and 97.5th percentile over the replicates; nil where fewer than half have a value.
  func interval(_ a: Int, _ b: Int) -> (low: Double, high: Double)? {
    guard isDefined[a], isDefined[b] else { return nil }
    let values = replicateValues(a, b)
    guard !values.isEmpty, 2 * values.count >= hasValues.count else { return nil }
    return PairTable.interval(of: values)
  }

  private func ratio(_ values: [Double], at start: Int, _ a: Int, _ b: Int) -> Double? {
    let own = values[start + a * kernels + a]
    let other = values[start + b * kernels + b]
    guard own > 0, other > 0 else { return nil }
    return values[start + a * kernels + b] / (own * other).squareRoot()
  }
}

extension KernelSet {
  /// Sums over all pairs of images and makes values of them, by each of `estimators`, which all belong to this layout.
  func values(
    _ estimators: [Similarity.Estimator], pairs: KernelPairs, bootstrap: Bootstrap, advance: (Double) throws -> Void
  ) throws -> [SimilarityValues] {
    let kernels = count
    var results = estimators.map { _ in SimilarityValues(kernels: kernels, replicates: bootstrap.replicates) }
    guard kernels > 0 else { return results }
    var debiasedNorms = [Double](repeating: 0, count: kernels)
    var norms = [Double](repeating: 0, count: kernels)
    try forEachSum(pairs: pairs, bootstrap: bootstrap, advance: advance) { range, sums in
      let diagonal = try Tensor(diagonals.flatMap { $0[range] }, shape: [kernels, range.count])
      let whole = try HSIC(inner: sums.inner, diagonal: diagonal)
      let debiased: [Double] = try whole.debiased.values()
      let biased: [Double] = try whole.biased.values()
      for kernel in 0..<kernels {
        debiasedNorms[kernel] += debiased[kernel * kernels + kernel]
        norms[kernel] += biased[kernel * kernels + kernel]
      }
      let images = Double(range.count)
      for (place, estimator) in estimators.enumerated() {
        switch estimator {
        case .biased: results[place].add(biased, times: 1)
        case .debiased: results[place].add(debiased, times: 1)
        case .minibatch: results[place].add(debiased, times: 1 / (images * (images - 3)))
        default: preconditionFailure("an estimator of HSIC")
        }
      }
      try addReplicates(sums, range: range, diagonal: diagonal, bootstrap, estimators, to: &results)
    }
    for (place, estimator) in estimators.enumerated() {
      results[place].setDefined(
        (0..<kernels).map { norms[$0] > 0 && (estimator == .biased || debiasedNorms[$0] > 1e-12 * norms[$0]) })
    }
    return results
  }

  private func addReplicates(
    _ sums: PairwiseSums, range: Range<Int>, diagonal: Tensor, _ bootstrap: Bootstrap,
    _ estimators: [Similarity.Estimator], to results: inout [SimilarityValues]
  ) throws {
    guard let inner = sums.replicateInner, let rows = sums.replicateRows else { return }
    let size = count * count
    let some = max(1, (1 << 20) / (count * range.count))
    for replicates in pieces(of: 0..<bootstrap.replicates, size: some) {
      let drawn = bootstrap.weights[replicates].map { $0[range] }
      let weights = try Tensor(drawn.flatMap { $0.map(Double.init) }, shape: [replicates.count, range.count])
      let centred = try HSIC(
        inner: inner.slice(0, replicates),
        rows: rows.slice(2, replicates).permuted(2, 0, 1).to(.float64).contiguous(), diagonal: diagonal,
        weights: weights)
      let debiased: [Double] = try centred.debiased.values()
      let biased: [Double] = try centred.biased.values()
      for (place, replicate) in replicates.enumerated() {
        let total = drawn[place].reduce(0, +)
        let different = drawn[place].reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
        guard different >= 4, drawn[place].allSatisfy({ 2 * $0 < total }) else { continue }
        let own = place * size..<(place + 1) * size
        for (number, estimator) in estimators.enumerated() {
          switch estimator {
          case .biased: results[number].add(biased[own], toReplicate: replicate, times: 1)
          case .debiased: results[number].add(debiased[own], toReplicate: replicate, times: 1)
          case .minibatch:
            results[number].add(debiased[own], toReplicate: replicate, times: 1 / Double(total * (total - 3)))
          default: preconditionFailure("an estimator of HSIC")
          }
        }
      }
    }
  }
}
