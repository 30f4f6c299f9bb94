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

  /// One cycle through all images, each such cycle as likely as the other (Sattolo, Information Processing Letters 1986),
  /// drawn from a ``RandomStream`` of the complement of `seed`, so that it is independent of the bootstrap's draws.
  package init(count: Int, seed: UInt64) {
    var stream = RandomStream(seed: ~seed)
    var partners = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { partners.swapAt(last, stream.below(last)) }
    self.partners = partners
  }
}
