import Formats
import Torch

/// Representational similarity analysis (Kriegeskorte et al. 2008): Spearman's ρ of the distances between images at two
/// taps, which is Pearson's correlation of their ranks. Ranks are kept as kernels are, and their products summed alike.
final class RSAAccumulator: SimilarityAccumulator {
  static let measures: [Similarity.Measure] = [.rsa]

  private let kernels: KernelSet
  private(set) var undefined: [UndefinedImage] = []
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
    let constant = products.matrix.becomeCorrelationDistances(offsets)
    if !constant.isEmpty {
      undefined += UndefinedImage.constant(constant, of: products.matrix.diagonal.count, tap: kernels.kernels.count)
      kernels.appendEmpty("an image has \(UndefinedImage.constantReason)")
    } else if products.matrix.becomeRanks(
      tolerance: products.rounding(range: products.matrix.pairs.values.max() ?? 0))
    {
      try kernels.append(products.matrix, centring: false)
    } else {
      kernels.appendEmpty("all distances between images are equal")
    }
    return true
  }

  func addEmpty(_ reason: String) { kernels.appendEmpty(reason) }

  func tables(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws -> [TapPairTable] {
    let share = computation.shareOfValues
    let values = try values(computation) { try advance(share * $0) }
    return try kernels.tables(.rsa, [Similarity.Measure.rsa.onlyEstimator], [values], computation) {
      try advance(share + (1 - share) * $0)
    }
  }

  /// Spearman's ρ of all pairs of taps: ranks sum to zero. Where an image is left out for the interval, ranks stay those of the
  /// whole sample.
  private func values(
    _ computation: SimilarityComputation, advance: (Double) throws -> Void
  ) throws -> KernelValues {
    var results = KernelValues(kernels: kernels.count)
    guard kernels.count > 0 else { return results }
    results.add(try kernels.innerProducts(set: 0).values(), times: 1)
    if computation.settings.selection.hasIntervals {
      results.errors = try kernels.errors(
        inner: results.inner, differences: kernels.differences(computation), DeletedImage.ranks, advance: advance)
    }
    try advance(1)
    return results
  }
}

extension ImagePairMatrix {
  /// From inner products of centred columns to 1 − r_ij, r_ij the correlation of the rows of two images over columns.
  ///
  /// - Returns: the images whose row is constant, which has no correlation; nothing is changed where there are some.
  func becomeCorrelationDistances(_ offsets: RowOffsets) -> [Int] {
    let shift = offsets.rowCentred
    let columns = Double(offsets.columns)
    let sums = offsets.sums
    var scales = [Double](repeating: 0, count: diagonal.count)
    var constant: [Int] = []
    for image in diagonal.indices {
      let product = sums[image] * sums[image] / columns
      let square = diagonal[image] - product + 2 * shift.byImage[image] + shift.common
      // What is left of the numbers it is the difference of must be more than their rounding.
      let size = diagonal[image] + product + 2 * abs(shift.byImage[image]) + shift.common
      if square > 1e-12 * size { scales[image] = 1 / square.squareRoot() } else { constant.append(image) }
    }
    guard constant.isEmpty else { return constant }
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
    return []
  }

  /// From distances of all images to their ranks, centred and scaled to −1 … 1.
  ///
  /// - Parameter tolerance: the most by which equal distances may differ.
  /// - Returns: false where all distances are equal; the matrix is spoilt then.
  fileprivate func becomeRanks(tolerance: Double) -> Bool {
    let count = layout.count
    Ranks.replaceByRanks(pairs, tolerance: tolerance)
    let middle = Double(count + 1) / 2
    guard pairs.values.contains(where: { $0 != middle }) else { return false }
    forEachRow { _, columns, target in
      for index in 0..<columns.count { target[index] = (target[index] - middle) / middle }
    }
    diagonal = [Double](repeating: 0, count: diagonal.count)
    return true
  }
}
