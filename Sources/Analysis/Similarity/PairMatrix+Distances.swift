import Torch

extension PairMatrix {
  /// A copy with memory of its own.
  func copy() -> PairMatrix { restricted(to: layout) }

  /// From inner products of centred columns to 1 − r_ij, r_ij the correlation of the rows of two images over columns.
  ///
  /// - Returns: an image whose row is constant, which has no correlation, if there is one; the matrix is spoilt then.
  func becomeCorrelationDistances(_ offsets: RowOffsets) -> Int? {
    let shift = offsets.rowCentred
    let columns = Double(offsets.columns)
    let sums = offsets.sums
    var scales = [Double](repeating: 0, count: diagonal.count)
    for image in diagonal.indices {
      let product = sums[image] * sums[image] / columns
      let square = diagonal[image] - product + 2 * shift.own[image] + shift.common
      // What is left of the numbers it is the difference of must be more than their rounding.
      let size = diagonal[image] + product + 2 * abs(shift.own[image]) + shift.common
      guard square > 1e-12 * size else { return image }
      scales[image] = 1 / square.squareRoot()
    }
    forEachRow { [scales, shift, sums] row, columnRange, target in
      for column in columnRange {
        let place = column - columnRange.lowerBound
        let product =
          target[place] - sums[row] * sums[column] / columns + shift.own[row] + shift.own[column] + shift.common
        target[place] = 1 - product * scales[row] * scales[column]
      }
    }
    diagonal = [Double](repeating: 0, count: diagonal.count)
    return nil
  }

  /// Calls `body(row, columns after it in its set, their numbers)` for every row, several at a time.
  func forEachRow(_ body: @Sendable (Int, Range<Int>, UnsafeMutablePointer<Double>) -> Void) {
    let rows = layout.rowPieces(pairs: 1 << 17)
    inParallel(rows.count) { [self] piece in
      let end = layout.ranges[rows[piece].set].upperBound
      for row in rows[piece].rows {
        body(row, row + 1..<max(row + 1, end), pairs.pointer + layout.offset(set: rows[piece].set, row: row))
      }
    }
  }

  /// All numbers of the one set of all images, `[images, images]`.
  func square() throws -> Tensor {
    let images = diagonal.count
    let square = Buffer<Double>(images * images)
    let target = SharedPointer(square.pointer)
    forEachRow { row, columns, values in
      (target.pointer + row * images + columns.lowerBound).update(from: values, count: columns.count)
    }
    for image in 0..<images { square.pointer[image * images + image] = diagonal[image] }
    // Below the diagonal, by squares that stay in the cache.
    let blocks = pieces(of: 0..<images, size: 64)
    inParallel(blocks.count) { block in
      for other in blocks[...block] {
        for row in blocks[block] {
          for column in other where column < row {
            target.pointer[row * images + column] = target.pointer[column * images + row]
          }
        }
      }
    }
    return try square.tensor([images, images])
  }
}
