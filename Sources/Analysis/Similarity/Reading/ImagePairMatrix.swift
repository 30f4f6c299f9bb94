import Formats
import Torch

/// Where the pairs `i < j` of images lie in memory: row after row, for one set of all images or for several minibatches.
///
/// The strict upper triangle of a symmetric matrix `[m, m]` takes m(m − 1)/2 numbers.
struct ImagePairLayout: Equatable, Sendable {
  /// The images of each set; consecutive in ``order``.
  let ranges: [Range<Int>]
  /// The images one after the other as the layout has them; nil where that is the order of the store.
  let order: [Int]?
  /// Where the pairs of each set begin.
  private let starts: [Int]
  /// Pairs of all sets.
  let count: Int

  init(_ ranges: [Range<Int>], order: [Int]? = nil) {
    self.ranges = ranges
    self.order = order
    var starts: [Int] = []
    var count = 0
    for range in ranges {
      starts.append(count)
      count += range.count * (range.count - 1) / 2
    }
    self.starts = starts
    self.count = count
  }

  /// All pairs of `images` images.
  static func whole(_ images: Int) -> ImagePairLayout { ImagePairLayout([0..<images]) }

  /// The pairs of images within the same minibatch. One batch is the whole.
  static func batches(_ batches: ImageBatches) -> ImagePairLayout {
    batches.ranges.count == 1
      ? .whole(batches.order.count) : ImagePairLayout(batches.ranges, order: batches.order)
  }

  /// Images in any set.
  var images: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Where the pairs `(row, row + 1)`, `(row, row + 2)`, … of a set begin; `row` may be its end.
  func offset(set: Int, row: Int) -> Int {
    let size = ranges[set].count
    let local = row - ranges[set].lowerBound
    return starts[set] + local * (2 * size - local - 1) / 2
  }

  /// Where the pairs of some rows of a set lie.
  func pairs(set: Int, rows: Range<Int>) -> Range<Int> {
    offset(set: set, row: rows.lowerBound)..<offset(set: set, row: rows.upperBound)
  }

  /// Some rows of a set.
  struct Rows: Sendable {
    let set: Int
    let rows: Range<Int>
  }

  /// All rows of all sets in pieces of about `pairs` pairs.
  func rowPieces(pairs: Int) -> [Rows] {
    var result: [Rows] = []
    for (set, range) in ranges.enumerated() {
      var first = range.lowerBound
      while first < range.upperBound {
        let start = offset(set: set, row: first)
        var end = first + 1
        while end < range.upperBound, offset(set: set, row: end + 1) - start <= pairs { end += 1 }
        result.append(Rows(set: set, rows: first..<end))
        first = end
      }
    }
    return result
  }
}

/// A symmetric matrix over images, in double precision: the pairs of an ``ImagePairLayout`` and the diagonal.
///
/// First the inner products of a tap's images; a measure may turn it into distances, a kernel or ranks.
/// `@unchecked Sendable`: threads share it only inside ``forEachRow(_:)``, where each has rows of its own.
final class ImagePairMatrix: @unchecked Sendable {
  let layout: ImagePairLayout
  let pairs: Buffer<Double>
  var diagonal: [Double]

  init(_ layout: ImagePairLayout, images: Int) {
    self.layout = layout
    pairs = Buffer(layout.count)
    diagonal = [Double](repeating: 0, count: images)
  }

  /// A copy with memory of its own.
  func copy() -> ImagePairMatrix { restricted(to: layout) }

  /// The same numbers for fewer pairs: each set of `smaller` lies within one of this matrix's, which are all pairs where
  /// `smaller` has an order of its own.
  func restricted(to smaller: ImagePairLayout) -> ImagePairMatrix {
    let result = ImagePairMatrix(smaller, images: diagonal.count)
    if let order = smaller.order, smaller != layout {
      result.diagonal = order.map { diagonal[$0] }
      result.forEachRow { [self] row, columns, target in
        for column in columns {
          let (low, high) = (min(order[row], order[column]), max(order[row], order[column]))
          target[column - columns.lowerBound] = pairs.pointer[layout.offset(set: 0, row: low) + high - low - 1]
        }
      }
      return result
    }
    result.diagonal = diagonal
    for (set, range) in smaller.ranges.enumerated() {
      guard let whole = layout.ranges.firstIndex(where: { $0.contains(range.lowerBound) }) else { continue }
      for row in range {
        let count = range.upperBound - row - 1
        (result.pairs.pointer + smaller.offset(set: set, row: row)).update(
          from: pairs.pointer + layout.offset(set: whole, row: row), count: count)
      }
    }
    return result
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
