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
