import Formats
import Foundation
import Torch

/// What a Gaussian kernel's width owes to each image, for the width comes from the sample too.
struct KernelWidth {
  /// log(σ²_i / σ²) of each image, σ_i that of the others.
  let changes: [Double]
  /// What was taken from the rows and columns of the kernel: K_ij = K̂_ij + shifts_i + shifts_j. Its diagonal is 1, so that it is
  /// kept without a factor.
  let shifts: [Double]
}

extension ImagePairMatrix {
  /// For each image the logarithm of the median over the pairs of the other images, less that of the median over all pairs.
  ///
  /// - Parameter median: over all pairs, above 0; no number is below 0.
  func medianChanges(_ median: Double) -> [Double] {
    // Without an image's pairs the median lies at most as many ranks from where it was as these are.
    let reach = layout.ranges.map(\.count).max() ?? 0
    let count = layout.count
    let low = Quantile.value(nonNegative: pairs.values, rank: max(0, (count - 1) / 2 - reach))
    let high = Quantile.value(nonNegative: pairs.values, rank: min(count - 1, count / 2 + reach))
    var below = [Int](repeating: 0, count: diagonal.count)
    var allBelow = 0
    var between: [(value: Double, first: Int, second: Int)] = []
    for (set, range) in layout.ranges.enumerated() {
      for row in range {
        let values = pairs.pointer + layout.offset(set: set, row: row)
        for column in row + 1..<max(row + 1, range.upperBound) {
          let value = values[column - row - 1]
          if value <= low {
            below[row] += 1
            below[column] += 1
            allBelow += 1
          } else if value < high {
            between.append((value, row, column))
          }
        }
      }
    }
    between.sort { $0.value < $1.value }
    var changes = [Double](repeating: 0, count: diagonal.count)
    for range in layout.ranges {
      for image in range {
        let others = count - (range.count - 1)
        // The ranks of the one or two in the middle, among the numbers above `low`.
        let first = (others - 1) / 2 - (allBelow - below[image])
        let second = others / 2 - (allBelow - below[image])
        var (lower, upper) = (first < 0 ? low : high, second < 0 ? low : high)
        var rank = 0
        for pair in between where pair.first != image && pair.second != image {
          if rank == first { lower = pair.value }
          if rank == second { upper = pair.value }
          rank += 1
          if rank > second { break }
        }
        changes[image] = log((lower + upper) / 2 / median)
      }
    }
    return changes
  }
}

extension KernelSet {
  /// ∂T/∂log σ² of T = ⟨K, L⟩ / √(⟨K, K⟩⟨L, L⟩), σ the width of K, from ∂K/∂log σ² = −K log K, for all pairs `[kernels, kernels]`
  /// in either order; nil where kernels have no widths.
  ///
  /// - Parameters:
  ///   - norms: ⟨K, K⟩, `[1, kernels]`.
  ///   - value: T, `[1, kernels, kernels]`.
  ///   - scale: what the sum of a set of so many images counts by.
  func widthSlopes(norms: Tensor, value: Tensor, scale: (_ images: Int) -> Double) throws -> Tensor? {
    let widths = widths.compactMap { $0 }
    guard widths.count == count else { return nil }
    let products = try Tensor.zeros([count, count], dtype: .float64)
    for (set, range) in layout.ranges.enumerated() {
      let shifts = try Tensor(widths.flatMap { $0.shifts[range] }, shape: [1, count, range.count])
      try forEachImages(set: set) { images, rows in
        let own = try Tensor(
          images.flatMap { image in widths.map { $0.shifts[image] } }, shape: [images.count, count, 1])
        // An image with itself has a row of 0 on the other side.
        let kernel = try (rows + shifts + own).clamped(low: 1e-300)
        let slope = try kernel * kernel.logarithm() * -1
        try products.add(slope.matmul(rows.transposed(1, 2)).sum([0]), scale: scale(range.count))
      }
    }
    let own: [Double] = try products.values()
    let diagonal = try Tensor((0..<count).map { own[$0 * count + $0] }, shape: [1, count])
    return try KernelSet.ratio(products.unsqueezed(0), norms) - value * (diagonal / norms).unsqueezed(2)
  }

  /// log(σ²_i / σ²) of some images at all kernels, `[images, kernels]`.
  func widthChanges(_ images: Range<Int>) throws -> Tensor {
    try Tensor(
      images.flatMap { image in widths.map { $0?.changes[image] ?? 0 } }, shape: [images.count, count])
  }
}
