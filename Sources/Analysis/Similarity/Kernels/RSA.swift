import Formats
import Torch

/// Representational similarity analysis (Kriegeskorte et al. 2008): Spearman's ρ of the distances between images at two
/// taps, which is Pearson's correlation of their ranks. Ranks are kept as kernels are, and their products summed alike.
final class RSAAccumulator: SimilarityAccumulator {
  static let measures: [Similarity.Measure] = [.rsa]

  private let kernels: KernelSet
  var layout: ImagePairLayout { kernels.layout }

  init(kernels: KernelSet) {
    self.kernels = kernels
  }

  static func plans(_ computation: SimilarityComputation) -> [AccumulatorPlan] {
    guard computation.settings.measures.contains(.rsa) else { return [] }
    return [.kernels(.rsa, .whole(computation.images), computation) { RSAAccumulator(kernels: $0) }]
  }

  var needsOffsets: Bool { true }
  var changesProducts: Bool { true }

  func add(_ products: TapProducts) throws -> Bool {
    guard let offsets = products.offsets else { preconditionFailure("offsets are kept where they are needed") }
    if products.matrix.becomeCorrelationDistances(offsets) != nil {
      kernels.appendEmpty(
        "an image has the same number in every column, so its correlation with others is undefined")
    } else if products.matrix.becomeRanks() {
      try kernels.append(products.matrix, centring: false)
    } else {
      kernels.appendEmpty("all distances between images are equal")
    }
    return true
  }

  func addEmpty(_ reason: String) { kernels.appendEmpty(reason) }

  func tables(
    _ computation: SimilarityComputation, _ bootstrap: Bootstrap, advance: (Double) throws -> Void
  ) throws -> [TapPairTable] {
    let share = computation.shareOfValues
    let values = try values(pairs: computation.pairs(of: kernels.kernels), bootstrap: bootstrap) {
      try advance(share * $0)
    }
    return try kernels.tables(.rsa, [Similarity.Measure.rsa.onlyEstimator], [values], computation) {
      try advance(share + (1 - share) * $0)
    }
  }

  /// Spearman's ρ of all pairs of taps: ranks sum to zero.
  ///
  /// In a replicate a pair of images counts as often as it was drawn, ranks stay those of the whole sample.
  private func values(
    pairs: ComparedKernels, bootstrap: Bootstrap, advance: (Double) throws -> Void
  ) throws -> KernelValues {
    let count = kernels.count
    var results = KernelValues(kernels: count, replicates: bootstrap.replicates)
    guard count > 0 else { return results }
    try kernels.forEachSum(pairs: pairs, bootstrap: bootstrap, advance: advance) { range, inner, weighted in
      results.add(try inner.values(), times: 1)
      guard let weighted else { return }
      let size = count * count
      for group in pieces(of: 0..<bootstrap.replicates, size: max(1, (1 << 20) / (count * range.count))) {
        let drawn = bootstrap.weights[group]
        let weights = try Tensor(drawn.flatMap { $0.map(Double.init) }, shape: [group.count, 1, range.count])
        // Ordered pairs of different images drawn.
        let total = try weights.sum([2], keepingAxes: true).power(2) - weights.power(2).sum([2], keepingAxes: true)
        let means =
          try (weighted.rows.slice(2, group).permuted(2, 0, 1).to(.float64) * weights).sum([2], keepingAxes: true)
          / total
        let covariances: [Double] =
          try (weighted.inner.slice(0, group) / total - means.matmul(means.transposed(1, 2))).values()
        for (index, replicate) in group.enumerated() where drawn[replicate].count(where: { $0 > 0 }) >= 4 {
          results.add(covariances[index * size..<(index + 1) * size], toReplicate: replicate, times: 1)
        }
      }
    }
    return results
  }
}

extension ImagePairMatrix {
  /// From inner products of centred columns to 1 − r_ij, r_ij the correlation of the rows of two images over columns.
  ///
  /// - Returns: an image whose row is constant, which has no correlation, if there is one; the matrix is spoilt then.
  fileprivate func becomeCorrelationDistances(_ offsets: RowOffsets) -> Int? {
    let shift = offsets.rowCentred
    let columns = Double(offsets.columns)
    let sums = offsets.sums
    var scales = [Double](repeating: 0, count: diagonal.count)
    for image in diagonal.indices {
      let product = sums[image] * sums[image] / columns
      let square = diagonal[image] - product + 2 * shift.byImage[image] + shift.common
      // What is left of the numbers it is the difference of must be more than their rounding.
      let size = diagonal[image] + product + 2 * abs(shift.byImage[image]) + shift.common
      guard square > 1e-12 * size else { return image }
      scales[image] = 1 / square.squareRoot()
    }
    forEachRow { [scales, shift, sums] row, columnRange, target in
      for column in columnRange {
        let index = column - columnRange.lowerBound
        let product =
          target[index] - sums[row] * sums[column] / columns + shift.byImage[row] + shift.byImage[column]
          + shift.common
        target[index] = 1 - product * scales[row] * scales[column]
      }
    }
    diagonal = [Double](repeating: 0, count: diagonal.count)
    return nil
  }

  /// From distances of all images to their ranks, centred and scaled to −1 … 1.
  ///
  /// - Returns: false where all distances are equal; the matrix is spoilt then.
  fileprivate func becomeRanks() -> Bool {
    let count = layout.count
    Ranks.replaceByRanks(pairs)
    let middle = Double(count + 1) / 2
    guard pairs.values.contains(where: { $0 != middle }) else { return false }
    forEachRow { _, columns, target in
      for index in 0..<columns.count { target[index] = (target[index] - middle) / middle }
    }
    diagonal = [Double](repeating: 0, count: diagonal.count)
    return true
  }
}
