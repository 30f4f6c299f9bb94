import Formats
import Torch

/// The nearest neighbours of every image at every tap, by cosine: what `mutual_knn` (Huh et al. 2024) compares.
final class NeighbourAccumulator: SimilarityAccumulator {
  static let measures: [Similarity.Measure] = [.mutualKNN]

  let layout: ImagePairLayout
  /// Neighbours of an image.
  private let neighbours: Int
  private let images: Int
  /// For each tap, those of image after image, each image's in ascending order; nil where it has none.
  private var lists: [Buffer<Int32>?] = []
  private var reasons: [String?] = []
  private(set) var undefined: [UndefinedImage] = []

  init(images: Int, neighbours: Int) {
    layout = .whole(images)
    self.images = images
    self.neighbours = neighbours
  }

  static func plans(_ computation: SimilarityComputation) -> [AccumulatorPlan] {
    let settings = computation.settings
    guard settings.measures.contains(.mutualKNN) else { return [] }
    let (images, taps) = (computation.images, Double(computation.taps.count))
    let comparisons = Double(settings.neighbours) * 4
    return [
      AccumulatorPlan(
        name: Similarity.Measure.mutualKNN.rawValue, layout: .whole(images),
        operations: Double(images) * comparisons * taps * taps / 2 * Double(1 + settings.permutations)
      ) { _ in NeighbourAccumulator(images: images, neighbours: settings.neighbours) }
    ]
  }

  var needsOffsets: Bool { true }

  func addEmpty(_ reason: String) {
    lists.append(nil)
    reasons.append(reason)
  }

  /// Finds the neighbours at a tap.
  func add(_ products: TapProducts) throws -> Bool {
    guard let offsets = products.offsets else { preconditionFailure("offsets are kept where they are needed") }
    let matrix = products.matrix
    let shift = offsets.plain
    let scales = (0..<images).map { image -> Double in
      let square = matrix.diagonal[image] + 2 * shift.byImage[image] + shift.common
      let size = matrix.diagonal[image] + 2 * abs(shift.byImage[image]) + shift.common
      return square > 1e-12 * size ? 1 / square.squareRoot() : 0
    }
    let zeros = scales.indices.filter { scales[$0] == 0 }
    guard zeros.isEmpty else {
      let reason = "nothing but zeros, so it has no direction"
      if UndefinedImage.areFew(zeros.count, of: images) {
        undefined += zeros.map { UndefinedImage(image: $0, tap: lists.count, reason: "has \(reason)") }
      }
      addEmpty("an image has \(reason)")
      return true
    }
    let list = Buffer<Int32>(images * neighbours)
    let (images, neighbours, pairs, layout) = (images, neighbours, matrix.pairs, layout)
    let groups = pieces(of: 0..<images, size: 16)
    let isExact = products.isExact
    inParallel(groups.count) { group in
      var scores = [Double](repeating: 0, count: images)
      for image in groups[group] {
        for other in 0..<images where other != image {
          let (first, second) = (min(image, other), max(image, other))
          let product = pairs.pointer[layout.offset(set: 0, row: first) + second - first - 1]
          scores[other] =
            (product + shift.byImage[image] + shift.byImage[other] + shift.common) * scales[image] * scales[other]
        }
        scores[image] = scores[image == 0 ? 1 : 0]
        let range = (scores.max() ?? 0) - (scores.min() ?? 0)
        let nearest = NeighbourAccumulator.nearest(
          neighbours, of: image, scores, tolerance: TapProducts.rounding(range: range, isExact: isExact))
        for (index, other) in nearest.enumerated() { list.pointer[image * neighbours + index] = Int32(other) }
      }
    }
    lists.append(list)
    reasons.append(nil)
    return true
  }

  /// The images with the highest scores, in ascending order; of equal scores those that come first.
  ///
  /// Scores count as equal to the highest of a run of sorted ones if they are no further below it than `tolerance`, so that
  /// rounding does not decide.
  private static func nearest(_ count: Int, of image: Int, _ scores: [Double], tolerance: Double) -> [Int] {
    // The score that the last of them has at least.
    var highest: [Double] = []
    highest.reserveCapacity(count + 1)
    for (other, score) in scores.enumerated() where other != image {
      if let last = highest.last, highest.count == count, score <= last { continue }
      var index = highest.count
      while index > 0, highest[index - 1] < score { index -= 1 }
      highest.insert(score, at: index)
      if highest.count > count { highest.removeLast() }
    }
    let least = (highest.last ?? 0) - tolerance
    let candidates = scores.indices.filter { $0 != image && scores[$0] >= least }
      .sorted { (scores[$1], $0) < (scores[$0], $1) }
    var nearest: [Int] = []
    var first = 0
    while first < candidates.count, nearest.count < count {
      let lowest = scores[candidates[first]] - tolerance
      let end = candidates[first...].firstIndex { scores[$0] < lowest } ?? candidates.count
      nearest += candidates[first..<end].sorted().prefix(count - nearest.count)
      first = end
    }
    return nearest.sorted()
  }

  // MARK: Values

  /// The share of common neighbours of all pairs.
  func tables(_ computation: SimilarityComputation, advance: (Double) throws -> Void) throws -> [TapPairTable] {
    var table = TapPairTable(.mutualKNN, Similarity.Measure.mutualKNN.onlyEstimator, n: images, taps: lists.count)
    table.reasons = reasons
    let orders = computation.permutations.orders
    for b in lists.indices {
      guard let second = lists[b] else { continue }
      let partners = (0...b).filter { lists[$0] != nil && computation.isWanted($0, b) }
      guard !partners.isEmpty else { continue }
      let firsts = partners.compactMap { lists[$0] }
      let common = self.common(firsts, second)
      var nulls = [[Double]](repeating: [], count: partners.count)
      for order in orders {
        let scores = self.common(firsts, moved(second, order))
        for index in partners.indices { nulls[index].append(mean(scores, index)) }
      }
      for (index, a) in partners.enumerated() { table.set(a, b, mean(common, index), null: nulls[index]) }
      try advance(Double(b + 1) / Double(lists.count))
    }
    return [table]
  }

  private func mean(_ shares: Buffer<Double>, _ row: Int) -> Double {
    var sum = 0.0
    for image in 0..<images { sum += shares.pointer[row * images + image] }
    return sum / Double(images)
  }

  /// The share of common neighbours of each image, `[firsts, images]`.
  private func common(_ firsts: [Buffer<Int32>], _ other: Buffer<Int32>) -> Buffer<Double> {
    let result = Buffer<Double>(firsts.count * images)
    let groups = pieces(of: 0..<images, size: 256)
    let (images, neighbours) = (images, neighbours)
    inParallel(groups.count) { group in
      for image in groups[group] {
        let b = other.pointer + image * neighbours
        for (index, first) in firsts.enumerated() {
          let a = first.pointer + image * neighbours
          var (i, j, count) = (0, 0, 0)
          while i < neighbours, j < neighbours {
            if a[i] == b[j] { count += 1 }
            let advanceFirst = a[i] <= b[j]
            if b[j] <= a[i] { j += 1 }
            if advanceFirst { i += 1 }
          }
          result.pointer[index * images + image] = Double(count) / Double(neighbours)
        }
      }
    }
    return result
  }

  /// The lists of images that have changed places: image i of the result is image `order[i]`.
  private func moved(_ list: Buffer<Int32>, _ order: [Int]) -> Buffer<Int32> {
    var newIndices = [Int32](repeating: 0, count: images)
    for (index, image) in order.enumerated() { newIndices[image] = Int32(index) }
    let result = Buffer<Int32>(list.count)
    let groups = pieces(of: 0..<images, size: 256)
    let neighbours = neighbours
    inParallel(groups.count) { [newIndices] group in
      for image in groups[group] {
        var moved = UnsafeMutableBufferPointer(start: result.pointer + image * neighbours, count: neighbours)
        for index in 0..<neighbours {
          moved[index] = newIndices[Int(list.pointer[order[image] * neighbours + index])]
        }
        moved.sort()
      }
    }
    return result
  }
}
