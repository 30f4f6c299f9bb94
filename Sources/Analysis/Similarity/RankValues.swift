import Torch

extension KernelSet {
  /// Spearman's ρ of the distances of all pairs of taps: Pearson's correlation of ranks, which sum to zero.
  ///
  /// In a replicate a pair of images counts as often as it was drawn, ranks stay those of the whole sample.
  func rankValues(
    pairs: KernelPairs, bootstrap: Bootstrap, advance: (Double) throws -> Void
  ) throws -> SimilarityValues {
    var results = SimilarityValues(kernels: count, replicates: bootstrap.replicates)
    guard count > 0 else { return results }
    try forEachSum(pairs: pairs, bootstrap: bootstrap, advance: advance) { range, sums in
      results.add(try sums.inner.values(), times: 1)
      guard let inner = sums.replicateInner, let rows = sums.replicateRows else { return }
      let size = count * count
      for some in pieces(of: 0..<bootstrap.replicates, size: max(1, (1 << 20) / (count * range.count))) {
        let drawn = bootstrap.weights[some]
        let weights = try Tensor(drawn.flatMap { $0.map(Double.init) }, shape: [some.count, 1, range.count])
        // Ordered pairs of different images drawn.
        let total = try weights.sum([2], keepingAxes: true).power(2) - weights.power(2).sum([2], keepingAxes: true)
        let means =
          try (rows.slice(2, some).permuted(2, 0, 1).to(.float64) * weights).sum([2], keepingAxes: true) / total
        let covariances: [Double] =
          try (inner.slice(0, some) / total - means.matmul(means.transposed(1, 2))).values()
        for (place, replicate) in some.enumerated() where drawn[replicate].count(where: { $0 > 0 }) >= 4 {
          results.add(covariances[place * size..<(place + 1) * size], toReplicate: replicate, times: 1)
        }
      }
    }
    return results
  }
}

extension PairMatrix {
  /// From distances of all images to their ranks, centred and scaled to −1 … 1.
  ///
  /// - Returns: false where all distances are equal; the matrix is spoilt then.
  func becomeRanks() -> Bool {
    let count = layout.count
    Ranks.replaceByRanks(pairs)
    let middle = Double(count + 1) / 2
    guard pairs.values.contains(where: { $0 != middle }) else { return false }
    forEachRow { _, columns, target in
      for place in 0..<columns.count { target[place] = (target[place] - middle) / middle }
    }
    diagonal = [Double](repeating: 0, count: diagonal.count)
    return true
  }

  /// Appends the numbers as they are.
  func append<Element: KernelElement>(to storage: KernelStorage<Element>) throws {
    let ranges = pieces(of: 0..<layout.count, size: 1 << 18)
    try storage.append(ranges) { [self] range, target in
      for (place, pair) in ranges[range].enumerated() { target[place] = Element(pairs.pointer[pair]) }
    }
  }
}
