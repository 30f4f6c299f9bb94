import Formats

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
