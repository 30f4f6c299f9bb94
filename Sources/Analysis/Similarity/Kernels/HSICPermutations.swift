import Formats
import Torch

extension KernelSet {
  /// The sums of each random permutation of the images, as ``KernelValues`` keeps them, by each of `estimators`.
  ///
  /// - Returns: for each estimator `[permutations, kernels, kernels]`, in the same unit as the sums of the true order.
  func permutedValues(
    _ estimators: [Similarity.Estimator], count: Int, seed: UInt64, advance: (Double) throws -> Void
  ) throws -> [[Double]] {
    let kernels = self.count
    var results = estimators.map { _ in [Double](repeating: 0, count: count * kernels * kernels) }
    guard kernels > 0, count > 0 else { return results }
    let images = diagonals[0].count
    let orders = ImagePermutations(images: images, count: count, seed: seed, within: layout.ranges).orders
    for (set, range) in layout.ranges.enumerated() {
      let sums = try permutedSums(set: set, orders: orders) {
        try advance((Double(set) + $0) / Double(layout.ranges.count))
      }
      let size = Double(range.count)
      let totals = diagonals.map { $0[range].reduce(0, +) }
      for (number, estimator) in estimators.enumerated() {
        let divisor = HSIC.divisor(estimator, images: range.count)
        for (permutation, order) in orders.enumerated() {
          for other in 0..<kernels {
            let moved = estimator == .biased ? range.map { diagonals[other][order[$0]] } : []
            for kernel in 0...other {
              let index = (permutation * kernels + kernel) * kernels + other
              guard estimator == .biased else {
                results[number][index] += sums[index] / divisor
                continue
              }
              // As HSIC has it for the true order.
              let squares = zip(diagonals[kernel][range], moved).reduce(0) { $0 + $1.0 * $1.1 }
              results[number][index] +=
                sums[index] + squares * (1 - 2 / size) + totals[kernel] * totals[other] / (size * size)
            }
          }
        }
      }
    }
    return results
  }
}

extension KernelStorage {
  /// Pairs of images whose products are taken at a time: their kernels stay in the processor's cache.
  private static var pairsInABlock: Int { 1 << 14 }
  private static var ordersAtATime: Int { 128 }

  func permutedInnerProducts(set: Int, orders: [[Int]], advance: (Double) throws -> Void) throws -> [Double] {
    let range = layout.ranges[set]
    var sums = [Double](repeating: 0, count: orders.count * kernels * kernels)
    let square = Buffer<Element>(range.count * range.count)
    let blocks = layout.rowPieces(pairs: KernelStorage.pairsInABlock).filter { $0.set == set }
    for other in 0..<kernels {
      try fill(square, kernel: other, set: set)
      for group in pieces(of: orders.indices, size: KernelStorage.ordersAtATime) {
        let total = try Tensor.zeros([other + 1, group.count], dtype: .float64)
        for block in blocks {
          let pairs = layout.pairs(set: set, rows: block.rows)
          guard !pairs.isEmpty else { continue }
          let moved = moved(square, range: range, rows: block.rows, count: pairs.count, orders[group])
          let product = try copies(of: 0..<other + 1, pairs).matmul(
            moved.tensor([group.count, pairs.count]).transposed(0, 1))
          try total.add(product.to(.float64))
        }
        let values: [Double] = try total.values()
        for kernel in 0...other {
          for (index, order) in group.enumerated() {
            sums[(order * kernels + kernel) * kernels + other] = 2 * values[kernel * group.count + index]
          }
        }
      }
      try advance(Double((other + 1) * (other + 2)) / Double(kernels * (kernels + 1)))
    }
    return sums
  }

  /// Some pairs of some kernels, `[kernels, pairs]`: a copy wherever they lie, so that sums are taken in the same order.
  private func copies(of kernels: Range<Int>, _ pairs: Range<Int>) throws -> Tensor {
    let copy = Buffer<Element>(kernels.count * pairs.count)
    let scratch = Buffer<Element>(pairs.count)
    for (index, kernel) in kernels.enumerated() {
      try withValues(kernel: kernel, at: pairs.lowerBound, count: pairs.count, scratch: scratch.pointer) {
        (copy.pointer + index * pairs.count).update(from: $0, count: pairs.count)
      }
    }
    return try copy.tensor([kernels.count, pairs.count])
  }

  /// All numbers of a kernel, `[images of the set, images of the set]`, the diagonal 0.
  private func fill(_ square: Buffer<Element>, kernel: Int, set: Int) throws {
    let range = layout.ranges[set]
    let images = range.count
    let pairs = layout.pairs(set: set, rows: range)
    let scratch = Buffer<Element>(pairs.count)
    try withValues(kernel: kernel, at: pairs.lowerBound, count: pairs.count, scratch: scratch.pointer) { values in
      let source = SharedPointer(UnsafeMutablePointer(mutating: values))
      let groups = pieces(of: 0..<images, size: 64)
      inParallel(groups.count) { [layout] group in
        for row in groups[group] {
          let target = square.pointer + row * images
          // Before the diagonal the column of the same number, whose numbers lie one row length apart.
          var index = row - 1
          for column in 0..<row {
            target[column] = source.pointer[index]
            index += images - column - 2
          }
          target[row] = 0
          let start = layout.offset(set: set, row: row + range.lowerBound) - pairs.lowerBound
          (target + row + 1).update(from: source.pointer + start, count: images - row - 1)
        }
      }
    }
  }

  /// The numbers of some rows after the images have changed places, `[orders, count]`.
  private func moved(
    _ square: Buffer<Element>, range: Range<Int>, rows: Range<Int>, count: Int, _ orders: ArraySlice<[Int]>
  ) -> Buffer<Element> {
    let result = Buffer<Element>(orders.count * count)
    let images = range.count
    let first = range.lowerBound
    let all = Array(orders)
    inParallel(all.count) { index in
      var target = result.pointer + index * count
      all[index].withUnsafeBufferPointer { order in
        for row in rows {
          let source = square.pointer + (order[row] - first) * images
          for column in row + 1..<max(row + 1, range.upperBound) {
            target.pointee = source[order[column] - first]
            target += 1
          }
        }
      }
    }
    return result
  }
}
