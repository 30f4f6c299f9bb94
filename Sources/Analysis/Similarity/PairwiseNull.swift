import Torch

/// Sums over the pairs of images of one set when the images of one kernel have changed places.
struct PairwiseNull<Element: KernelElement> {
  let storage: KernelStorage<Element>
  /// Pairs of images whose products are taken at a time: their kernels stay in the processor's cache.
  private static var blockPairs: Int { 1 << 14 }
  private static var ordersAtATime: Int { 128 }

  /// Σ_{i≠j} K_ij L_π(i)π(j), `[orders, kernels, kernels]`, K not after L; zero elsewhere.
  ///
  /// - Parameter orders: π, each of which keeps the images of the set in it.
  func inner(set: Int, orders: [[Int]], advance: (Double) throws -> Void) throws -> [Double] {
    let kernels = storage.kernels
    let range = storage.layout.ranges[set]
    var sums = [Double](repeating: 0, count: orders.count * kernels * kernels)
    let square = Buffer<Element>(range.count * range.count)
    let blocks = storage.layout.rowPieces(pairs: PairwiseNull.blockPairs).filter { $0.set == set }
    for other in 0..<kernels {
      try fill(square, kernel: other, set: set)
      for some in pieces(of: orders.indices, size: PairwiseNull.ordersAtATime) {
        let total = try Tensor.zeros([other + 1, some.count], dtype: .float64)
        for block in blocks {
          let first = storage.layout.offset(set: set, row: block.rows.lowerBound)
          let end = storage.layout.offset(set: set, row: block.rows.upperBound)
          guard end > first else { continue }
          let moved = moved(square, range: range, rows: block.rows, count: end - first, orders[some])
          let own = try values(of: 0..<other + 1, at: first, count: end - first)
          let product = try own.matmul(moved.tensor([some.count, end - first]).transposed(0, 1))
          try total.add(product.to(.float64))
        }
        let values: [Double] = try total.values()
        for a in 0...other {
          for (place, order) in some.enumerated() {
            sums[(order * kernels + a) * kernels + other] = 2 * values[a * some.count + place]
          }
        }
      }
      try advance(Double((other + 1) * (other + 2)) / Double(kernels * (kernels + 1)))
    }
    return sums
  }

  /// Some pairs of some kernels, `[kernels, count]`: a copy wherever they lie, so that sums are taken in the same order.
  private func values(of kernels: Range<Int>, at start: Int, count: Int) throws -> Tensor {
    let copy = Buffer<Element>(kernels.count * count)
    let scratch = Buffer<Element>(count)
    for (place, kernel) in kernels.enumerated() {
      try storage.withValues(kernel: kernel, at: start, count: count, scratch: scratch.pointer) {
        (copy.pointer + place * count).update(from: $0, count: count)
      }
    }
    return try copy.tensor([kernels.count, count])
  }

  /// All numbers of a kernel, `[images of the set, images of the set]`, the diagonal 0.
  private func fill(_ square: Buffer<Element>, kernel: Int, set: Int) throws {
    let range = storage.layout.ranges[set]
    let images = range.count
    let start = storage.layout.offset(set: set, row: range.lowerBound)
    let count = storage.layout.offset(set: set, row: range.upperBound) - start
    let scratch = Buffer<Element>(count)
    try storage.withValues(kernel: kernel, at: start, count: count, scratch: scratch.pointer) { values in
      let source = SharedPointer(UnsafeMutablePointer(mutating: values))
      let groups = pieces(of: 0..<images, size: 64)
      let layout = storage.layout
      inParallel(groups.count) { group in
        for row in groups[group] {
          let target = square.pointer + row * images
          // Before the diagonal the column of the same number, whose numbers lie one row length apart.
          var place = row - 1
          for column in 0..<row {
            target[column] = source.pointer[place]
            place += images - column - 2
          }
          target[row] = 0
          let own = layout.offset(set: set, row: row + range.lowerBound) - start
          (target + row + 1).update(from: source.pointer + own, count: images - row - 1)
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
    inParallel(all.count) { place in
      var target = result.pointer + place * count
      all[place].withUnsafeBufferPointer { order in
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

extension KernelSet {
  /// The sums of each random pairing, as `SimilarityValues` keeps them, by each of `estimators`.
  ///
  /// - Returns: for each estimator `[pairings, kernels, kernels]`, in the same unit as the sums of the true pairing.
  func nullSums(
    _ estimators: [Similarity.Estimator], count: Int, seed: UInt64, advance: (Double) throws -> Void
  ) throws -> [[Double]] {
    let kernels = self.count
    var results = estimators.map { _ in [Double](repeating: 0, count: count * kernels * kernels) }
    guard kernels > 0, count > 0 else { return results }
    let images = diagonals[0].count
    let orders = Pairings(images: images, count: count, seed: seed, within: layout.ranges).orders
    for (set, range) in layout.ranges.enumerated() {
      let sums = try pairwiseNull(set: set, orders: orders) {
        try advance((Double(set) + $0) / Double(layout.ranges.count))
      }
      let size = Double(range.count)
      let totals = diagonals.map { $0[range].reduce(0, +) }
      for (number, estimator) in estimators.enumerated() {
        for (pairing, order) in orders.enumerated() {
          for other in 0..<kernels {
            let moved = estimator == .biased ? range.map { diagonals[other][order[$0]] } : []
            for a in 0...other {
              let place = (pairing * kernels + a) * kernels + other
              switch estimator {
              case .minibatch: results[number][place] += sums[place] / (size * (size - 3))
              case .biased:
                // As HSIC has it for the true pairing.
                let squares = zip(diagonals[a][range], moved).reduce(0) { $0 + $1.0 * $1.1 }
                results[number][place] +=
                  sums[place] + squares * (1 - 2 / size) + totals[a] * totals[other] / (size * size)
              default: results[number][place] += sums[place]
              }
            }
          }
        }
      }
    }
    return results
  }
}
