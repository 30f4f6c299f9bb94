import Formats
import Torch

/// Some of the images, drawn at random, whose pairs stand for all pairs: U-centred kernels of all taps over them.
struct PairSample {
  /// Bytes of kernel matrices.
  private static let bytes = 128 << 20

  private let chosen: [Int]
  private let images: Int
  private var rows: [Tensor] = []
  /// `[images of the sample, taps]`
  private var shifts: [Double] = []

  init(images: Int, taps: Int, seed: UInt64) throws {
    self.images = images
    let most = Int((2 * Double(PairSample.bytes) / Double(8 * max(1, taps))).squareRoot())
    var stream = RandomStream(seed: ~seed)
    chosen =
      images <= most
      ? Array(0..<images) : (0..<images).shuffled(using: &stream).prefix(max(64, min(most, 1024))).sorted()
  }

  /// All pairs of images over those of the sample.
  var factor: Double {
    let (all, own) = (Double(images), Double(chosen.count))
    return all * (all - 1) / (own * (own - 1))
  }

  /// Keeps the images of a block that are in the sample.
  mutating func take(_ range: Range<Int>, _ block: Tensor, shifts own: [Double]) throws {
    let here = chosen.filter(range.contains)
    guard !here.isEmpty else { return }
    let taps = own.count / range.count
    rows.append(try block.indexed(0, by: Tensor(here.map { Int64($0 - range.lowerBound) }, shape: [here.count])))
    for image in here {
      let start = (image - range.lowerBound) * taps
      shifts += own[start..<start + taps]
    }
  }

  func kernels(_ ranges: [Range<Int>]) throws -> KernelStorage<Double> {
    let all = try Tensor.concatenate(rows, axis: 0)
    let (layout, count, taps) = (ImagePairLayout.whole(chosen.count), chosen.count, ranges.count)
    let storage = try KernelStorage<Double>(layout, capacity: taps, folder: nil)
    for (tap, range) in ranges.enumerated() {
      let part = try all.slice(1, range).contiguous()
      let products: [Double] = try part.matmul(part.transposed(0, 1)).values()
      let matrix = ImagePairMatrix(layout, images: count)
      for row in 0..<count {
        let target = matrix.pairs.pointer + layout.offset(set: 0, row: row)
        for column in row + 1..<max(row + 1, count) { target[column - row - 1] = products[row * count + column] }
      }
      try storage.append(matrix, shifts: (0..<count).map { shifts[$0 * taps + tap] }, scale: 1)
    }
    return storage
  }
}
