import Formats

/// Kendall's τ_a of the distances between images at two taps (Nili et al. 2014), from the ranks of all distances.
final class DistanceOrderAccumulator: SimilarityAccumulator {
  static let measures: [Similarity.Measure] = [.rsaKendall]
  /// What all ranks may take.
  private static let mostBytes = 1 << 30

  let layout: ImagePairLayout
  private let images: Int
  /// For each tap the ranks of its distances, doubled so that they are whole; nil where it has none.
  private var ranks: [Buffer<UInt32>?] = []
  private var reasons: [String?] = []
  private(set) var undefined: [UndefinedImage] = []

  init(images: Int) {
    layout = .whole(images)
    self.images = images
  }

  static func plans(_ computation: SimilarityComputation) -> [AccumulatorPlan] {
    guard computation.settings.measures.contains(.rsaKendall) else { return [] }
    let (images, taps) = (computation.images, Double(computation.taps.count))
    let layout = ImagePairLayout.whole(images)
    let bytes = layout.count * MemoryLayout<UInt32>.stride * computation.taps.count
    return [
      AccumulatorPlan(
        name: Similarity.Measure.rsaKendall.rawValue, layout: layout,
        operations: Double(layout.count) * 500 * taps * taps / 2 * Double(1 + computation.settings.permutations)
      ) { _ in
        guard bytes <= DistanceOrderAccumulator.mostBytes else {
          throw AnalysisError(
            .badInput,
            "\(Similarity.Measure.rsaKendall.rawValue) keeps the order of all distances, \(bytes >> 20) MiB for \(images) images and"
              + " \(computation.taps.count) taps, more than \(DistanceOrderAccumulator.mostBytes >> 20) MiB; take fewer images"
              + " with --sample, fewer taps with --taps, or the measure \(Similarity.Measure.rsa.rawValue)")
        }
        return DistanceOrderAccumulator(images: images)
      }
    ]
  }

  var needsOffsets: Bool { true }
  var changesProducts: Bool { true }

  func add(_ products: TapProducts) throws -> Bool {
    guard let offsets = products.offsets else { preconditionFailure("offsets are kept where they are needed") }
    let constant = products.matrix.becomeCorrelationDistances(offsets)
    guard constant.isEmpty else {
      undefined += UndefinedImage.constant(constant, of: images, tap: ranks.count)
      addEmpty("an image has \(UndefinedImage.constantReason)")
      return true
    }
    let distances = products.matrix.pairs
    Ranks.replaceByRanks(distances, tolerance: products.rounding(range: distances.values.max() ?? 0))
    let own = Buffer<UInt32>(distances.count)
    for index in 0..<distances.count { own.pointer[index] = UInt32(2 * distances.pointer[index]) }
    ranks.append(own)
    reasons.append(nil)
    return true
  }

  func addEmpty(_ reason: String) {
    ranks.append(nil)
    reasons.append(reason)
  }

  // MARK: Values

  func tables(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws -> [TapPairTable] {
    var table = TapPairTable(
      .rsaKendall, Similarity.Measure.rsaKendall.onlyEstimator, n: images, taps: ranks.count)
    table.reasons = reasons
    let orders = computation.permutations.orders
    for a in ranks.indices {
      guard let first = ranks[a].map(RankOrder.init) else { continue }
      for b in a..<ranks.count where computation.isWanted(a, b) {
        guard let second = ranks[b] else { continue }
        let scores = Buffer<Double>(orders.count + 1)
        inParallel(orders.count + 1) { [layout, images] index in
          let own = index == 0 ? second : second.moved(orders[index - 1], layout, images: images)
          scores.pointer[index] = first.agreement(with: own)
        }
        table.set(a, b, scores.pointer[0], null: Array(scores.values.dropFirst()))
      }
      try advance(Double(a + 1) / Double(ranks.count))
    }
    return [table]
  }
}

/// Pairs of images in the order of their distances at one tap.
private struct RankOrder: Sendable {
  /// Indices of the pairs, nearest first.
  private let order: Buffer<UInt32>
  /// Where runs of equal ranks longer than one lie in ``order``.
  private let ties: [Range<Int>]
  private let tiedPairs: Double

  init(_ ranks: Buffer<UInt32>) {
    let count = ranks.count
    let keys = Buffer<UInt64>(count)
    for index in 0..<count { keys.pointer[index] = UInt64(ranks.pointer[index]) << 32 | UInt64(index) }
    var sorted = UnsafeMutableBufferPointer(start: keys.pointer, count: count)
    sorted.sort()
    let order = Buffer<UInt32>(count)
    var ties: [Range<Int>] = []
    var first = 0
    for index in 0..<count {
      order.pointer[index] = UInt32(truncatingIfNeeded: keys.pointer[index])
      if index + 1 == count || keys.pointer[index + 1] >> 32 != keys.pointer[first] >> 32 {
        if index > first { ties.append(first..<index + 1) }
        first = index + 1
      }
    }
    self.order = order
    self.ties = ties
    tiedPairs = ties.reduce(0) { $0 + RankOrder.pairs($1.count) }
  }

  private static func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }

  /// τ_a with the ranks of another tap: Knight's way (Journal of the American Statistical Association 1966), by merging.
  func agreement(with other: Buffer<UInt32>) -> Double {
    let count = order.count
    let numbers = Buffer<UInt32>(count)
    for index in 0..<count { numbers.pointer[index] = other.pointer[Int(order.pointer[index])] }
    // Within a tie of the first tap the order of the second is no disagreement.
    var bothTied = 0.0
    for tie in ties {
      var run = UnsafeMutableBufferPointer(
        rebasing: UnsafeMutableBufferPointer(start: numbers.pointer, count: count)[tie])
      run.sort()
      bothTied += RankOrder.tied(UnsafePointer(numbers.pointer + tie.lowerBound), tie.count)
    }
    let scratch = Buffer<UInt32>(count)
    let (discordant, sorted) = RankOrder.inversions(numbers, scratch)
    let all = RankOrder.pairs(count)
    return (all - tiedPairs - RankOrder.tied(sorted, count) + bothTied - 2 * discordant) / all
  }

  /// Pairs of equal numbers among sorted ones.
  private static func tied(_ sorted: UnsafePointer<UInt32>, _ count: Int) -> Double {
    var (pairs, run) = (0.0, 1)
    for index in 1..<max(1, count) {
      if sorted[index] == sorted[index - 1] {
        pairs += Double(run)
        run += 1
      } else {
        run = 1
      }
    }
    return pairs
  }

  /// How many pairs stand in the wrong order, and where the sorted numbers are, of which both buffers may hold them.
  private static func inversions(
    _ numbers: Buffer<UInt32>, _ scratch: Buffer<UInt32>
  ) -> (count: Double, sorted: UnsafePointer<UInt32>) {
    let count = numbers.count
    var (source, target) = (numbers.pointer, scratch.pointer)
    var inversions = 0
    var width = 1
    while width < count {
      var start = 0
      while start < count {
        let (middle, end) = (min(start + width, count), min(start + 2 * width, count))
        var (left, right) = (start, middle)
        for place in start..<end {
          if left < middle, right == end || source[left] <= source[right] {
            target[place] = source[left]
            left += 1
          } else {
            target[place] = source[right]
            right += 1
            inversions += middle - left
          }
        }
        start = end
      }
      swap(&source, &target)
      width *= 2
    }
    return (Double(inversions), UnsafePointer(source))
  }
}

extension Buffer where Element == UInt32 {
  /// The numbers of pairs after the images have changed places: image i of the result is image `order[i]`.
  fileprivate func moved(_ order: [Int], _ layout: ImagePairLayout, images: Int) -> Buffer<UInt32> {
    let result = Buffer<UInt32>(count)
    var target = result.pointer
    for first in 0..<images {
      for second in first + 1..<max(first + 1, images) {
        let (low, high) = (Swift.min(order[first], order[second]), Swift.max(order[first], order[second]))
        target.pointee = pointer[layout.offset(set: 0, row: low) + high - low - 1]
        target += 1
      }
    }
    return result
  }
}
