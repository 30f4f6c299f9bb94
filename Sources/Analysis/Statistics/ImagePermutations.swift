import Formats

/// Random permutations of the images: what a comparison of two representations scores with them it scores by chance.
public struct ImagePermutations: Sendable, Equatable {
  /// For each permutation, the image that takes each image's place.
  package let orders: [[Int]]

  /// Shuffles `images` images `count` times (Fisher and Yates), from ``RandomStream``.
  ///
  /// - Parameter parts: consecutive ranges within which images change places; those in none stay. nil is all images.
  package init(images: Int, count: Int, seed: UInt64, within parts: [Range<Int>]? = nil) {
    // Another stream than the bootstrap's of the same seed.
    var stream = RandomStream(seed: seed ^ 0x5065_726D_7574_6521)
    orders = (0..<count).map { _ in
      var order = Array(0..<images)
      for part in parts ?? [0..<images] {
        for image in part.dropFirst().reversed() {
          order.swapAt(image, part.lowerBound + stream.below(image - part.lowerBound + 1))
        }
      }
      return order
    }
  }

  /// The share of scores by chance, the true one counted among them, that are not below `value` (Phipson and Smyth 2010).
  static func share(of scores: [Double], notBelow value: Double) -> Double {
    Double(1 + scores.count { $0 >= value }) / Double(1 + scores.count)
  }
}

/// A random pairing of images in which none meets itself: the baseline of what two images have in common.
package struct ShuffledPairing: Sendable, Equatable {
  /// For each image the one it is paired with.
  package let partners: [Int]

  /// How many pairings a baseline is made of.
  package static let shufflings = 20

  /// One cycle through all images, each such cycle as likely as the other (Sattolo, Information Processing Letters 1986),
  /// drawn from a ``RandomStream`` of the complement of `seed`, so that it is independent of the bootstrap's draws.
  package init(count: Int, seed: UInt64) {
    var stream = RandomStream(seed: ~seed)
    self.init(count: count, from: &stream)
  }

  private init(count: Int, from stream: inout RandomStream) {
    var partners = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { partners.swapAt(last, stream.below(last)) }
    self.partners = partners
  }

  /// Several pairings one after the other from the same stream, the first being that of ``init(count:seed:)``.
  package static func several(count: Int, seed: UInt64, pairings: Int = shufflings) -> [ShuffledPairing] {
    var stream = RandomStream(seed: ~seed)
    return (0..<pairings).map { _ in ShuffledPairing(count: count, from: &stream) }
  }
}

/// Figures of pairs of images under several pairings.
///
/// A pair hangs on both of its images. A replicate of the bootstrap therefore counts it as often as the product of how often
/// the two were drawn, as for any mean over pairs; drawn by its first image alone the interval would be too narrow.
package struct PairSeries: Sendable {
  private let pairings: [ShuffledPairing]
  /// By pairing and image; a gap is not a number.
  private var values: [[Double]]

  package init(_ pairings: [ShuffledPairing]) {
    self.pairings = pairings
    values = pairings.map { Array(repeating: .nan, count: $0.partners.count) }
  }

  package subscript(pairing: Int, image: Int) -> Double? {
    get { values[pairing][image].isNaN ? nil : values[pairing][image] }
    set { values[pairing][image] = newValue ?? .nan }
  }

  /// For each image the mean over its partners.
  package var images: ImageSeries {
    let count = values.first?.count ?? 0
    var series = ImageSeries(count: count)
    for image in 0..<count {
      let present = values.indices.compactMap { self[$0, image] }
      if !present.isEmpty { series[image] = present.reduce(0, +) / Double(present.count) }
    }
    return series
  }

  /// The mean over all pairs of the images drawn so often; nil where only gaps were drawn.
  package func mean(weights: [Int]) -> Double? {
    var (sum, total) = (0.0, 0)
    for (pairing, values) in zip(pairings, values) {
      for (image, value) in values.enumerated() where !value.isNaN {
        let weight = weights[image] * weights[pairing.partners[image]]
        sum += value * Double(weight)
        total += weight
      }
    }
    return total > 0 ? sum / Double(total) : nil
  }
}
