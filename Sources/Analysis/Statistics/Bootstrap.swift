import Formats

/// Resampling of images with replacement (Efron, 1979): how often each image is drawn in each replicate.
///
/// The same draws serve every pair of taps, so that differences between pairs are paired.
public struct Bootstrap: Sendable, Equatable {
  public let images: Int
  /// For each replicate, how often each image was drawn; they sum to the number of images.
  public let weights: [[Int]]

  public var replicates: Int { weights.count }

  /// Draws `images` of `images` in every replicate, from `RandomStream`, replicate after replicate.
  public init(images: Int, replicates: Int, seed: UInt64) {
    var draws = BootstrapDraws(images: images, seed: seed)
    self.images = images
    weights = (0..<replicates).map { _ in draws.draw() }
  }

  /// Given draws. For tests.
  package init(weights: [[Int]]) {
    images = weights.first?.count ?? 0
    self.weights = weights
  }
}

/// The same draws one replicate after the other, for work that keeps none of them.
public struct BootstrapDraws: Sendable {
  public let images: Int
  private var stream: RandomStream

  public init(images: Int, seed: UInt64) {
    self.images = images
    stream = RandomStream(seed: seed)
  }

  /// How often each image is drawn in the next replicate.
  public mutating func draw() -> [Int] {
    var counts = [Int](repeating: 0, count: images)
    for _ in 0..<images { counts[stream.below(images)] += 1 }
    return counts
  }
}
