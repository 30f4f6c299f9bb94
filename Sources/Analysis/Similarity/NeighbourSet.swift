import Torch

/// The nearest neighbours of every image at every tap, by cosine: what `mutual_knn` compares.
final class NeighbourSet {
  static let zeroReason = "an image has nothing but zeros, so it has no direction"

  /// Neighbours of an image.
  let neighbours: Int
  private let images: Int
  /// For each tap, those of image after image, each image's in ascending order; nil where it has none.
  private var lists: [Buffer<Int32>?] = []
  private(set) var reasons: [String?] = []

  var count: Int { lists.count }

  init(images: Int, neighbours: Int) {
    self.images = images
    self.neighbours = neighbours
  }

  func appendNone(_ reason: String) {
    lists.append(nil)
    reasons.append(reason)
  }

  /// Finds the neighbours at a tap.
  ///
  /// - Parameter matrix: inner products of centred columns over all images.
  func append(_ matrix: PairMatrix, _ offsets: RowOffsets) {
    let shift = offsets.plain
    let scales = (0..<images).map { image -> Double in
      let square = matrix.diagonal[image] + 2 * shift.own[image] + shift.common
      let size = matrix.diagonal[image] + 2 * abs(shift.own[image]) + shift.common
      return square > 1e-12 * size ? 1 / square.squareRoot() : 0
    }
    guard !scales.contains(0) else { return appendNone(NeighbourSet.zeroReason) }
    let list = Buffer<Int32>(images * neighbours)
    let layout = matrix.layout
    let (images, neighbours, pairs) = (images, neighbours, matrix.pairs)
    let groups = pieces(of: 0..<images, size: 16)
    inParallel(groups.count) { group in
      for image in groups[group] {
        var nearest = Nearest(neighbours)
        for other in 0..<images where other != image {
          let (first, second) = (min(image, other), max(image, other))
          let product = pairs.pointer[layout.offset(set: 0, row: first) + second - first - 1]
          nearest.offer(other, (product + shift.own[image] + shift.own[other] + shift.common) * scales[other])
        }
        nearest.images.sort()
        for (place, other) in nearest.images.enumerated() {
          list.pointer[image * neighbours + place] = Int32(other)
        }
      }
    }
    lists.append(list)
    reasons.append(nil)
  }

  /// The highest scores so far; of equal ones the image that came first.
  private struct Nearest {
    let limit: Int
    var images: [Int] = []
    private var scores: [Double] = []

    init(_ limit: Int) {
      self.limit = limit
      images.reserveCapacity(limit + 1)
      scores.reserveCapacity(limit + 1)
    }

    mutating func offer(_ image: Int, _ score: Double) {
      if let last = scores.last, scores.count == limit, score <= last { return }
      var place = scores.count
      while place > 0, scores[place - 1] < score { place -= 1 }
      scores.insert(score, at: place)
      images.insert(image, at: place)
      if scores.count > limit {
        scores.removeLast()
        images.removeLast()
      }
    }
  }

  // MARK: Values

  /// The share of common neighbours of all pairs.
  func table(
    bootstrap: Bootstrap, pairings: Pairings, isWanted: (Int, Int) -> Bool, advance: (Double) throws -> Void
  ) throws -> PairTable {
    var table = PairTable(.mutualKNN, .cosine, n: images, taps: count)
    table.reasons = reasons
    let drawn = bootstrap.replicates == 0 ? nil : try NeighbourSet.shares(bootstrap, images: images)
    for b in lists.indices {
      guard let other = lists[b] else { continue }
      let partners = (0...b).filter { lists[$0] != nil && isWanted($0, b) }
      guard !partners.isEmpty else { continue }
      let firsts = partners.compactMap { lists[$0] }
      let common = self.common(firsts, other)
      var nulls = [[Double]](repeating: [], count: partners.count)
      for order in pairings.orders {
        let scores = self.common(firsts, moved(other, order))
        for place in partners.indices { nulls[place].append(mean(scores, place)) }
      }
      var replicates: [Double] = []
      if let drawn {
        replicates = try common.tensor([partners.count, images]).matmul(drawn).values()
      }
      for (place, a) in partners.enumerated() {
        let own = replicates[place * bootstrap.replicates..<(place + 1) * bootstrap.replicates]
        table.set(
          a, b, mean(common, place), interval: PairTable.interval(of: Array(own)), null: nulls[place])
      }
      try advance(Double(b + 1) / Double(count))
    }
    return table
  }

  private func mean(_ shares: Buffer<Double>, _ row: Int) -> Double {
    var sum = 0.0
    for image in 0..<images { sum += shares.pointer[row * images + image] }
    return sum / Double(images)
  }

  /// Weights of the images in each replicate, `[images, replicates]`.
  private static func shares(_ bootstrap: Bootstrap, images: Int) throws -> Tensor {
    try Tensor(
      bootstrap.weights.flatMap { $0.map { Double($0) / Double(images) } }, shape: [bootstrap.replicates, images]
    ).transposed(0, 1).contiguous()
  }

  /// The share of common neighbours of each image, `[firsts, images]`.
  private func common(_ firsts: [Buffer<Int32>], _ other: Buffer<Int32>) -> Buffer<Double> {
    let result = Buffer<Double>(firsts.count * images)
    let groups = pieces(of: 0..<images, size: 256)
    let (images, neighbours) = (images, neighbours)
    inParallel(groups.count) { group in
      for image in groups[group] {
        let b = other.pointer + image * neighbours
        for (place, first) in firsts.enumerated() {
          let a = first.pointer + image * neighbours
          var (i, j, count) = (0, 0, 0)
          while i < neighbours, j < neighbours {
            if a[i] == b[j] { count += 1 }
            let advanceFirst = a[i] <= b[j]
            if b[j] <= a[i] { j += 1 }
            if advanceFirst { i += 1 }
          }
          result.pointer[place * images + image] = Double(count) / Double(neighbours)
        }
      }
    }
    return result
  }

  /// The lists of images that have changed places: image i of the result is image `order[i]`.
  private func moved(_ list: Buffer<Int32>, _ order: [Int]) -> Buffer<Int32> {
    var places = [Int32](repeating: 0, count: images)
    for (place, image) in order.enumerated() { places[image] = Int32(place) }
    let result = Buffer<Int32>(list.count)
    let groups = pieces(of: 0..<images, size: 256)
    let neighbours = neighbours
    inParallel(groups.count) { [places] group in
      for image in groups[group] {
        var own = UnsafeMutableBufferPointer(start: result.pointer + image * neighbours, count: neighbours)
        for place in 0..<neighbours { own[place] = places[Int(list.pointer[order[image] * neighbours + place])] }
        own.sort()
      }
    }
    return result
  }
}
