/// Where the pairs `i < j` of images lie in memory: row after row, for one set of all images or for several minibatches.
///
/// The strict upper triangle of a symmetric matrix `[m, m]` takes m(m − 1)/2 numbers.
struct PairLayout: Equatable, Sendable {
  /// The images of each set; consecutive, in order.
  let ranges: [Range<Int>]
  /// Where the pairs of each set begin.
  private let starts: [Int]
  /// Pairs of all sets.
  let count: Int

  init(_ ranges: [Range<Int>]) {
    self.ranges = ranges
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
  static func whole(_ images: Int) -> PairLayout { PairLayout([0..<images]) }

  /// Consecutive batches of `size`; what remains at the end is one more from four images on.
  static func batches(_ images: Int, size: Int) -> PairLayout {
    PairLayout(pieces(of: 0..<images, size: size).filter { $0.count >= 4 })
  }

  /// Images in any set.
  var images: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Where the pairs `(row, row + 1)`, `(row, row + 2)`, … of a set begin; `row` may be its end.
  func offset(set: Int, row: Int) -> Int {
    let size = ranges[set].count
    let local = row - ranges[set].lowerBound
    return starts[set] + local * (2 * size - local - 1) / 2
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
