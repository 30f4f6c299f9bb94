import Formats

/// Minibatches of images drawn at random without replacement, as Nguyen, Raghu and Kornblith (ICLR 2021) draw them.
///
/// The order of a folder says nothing about the pictures only where they lie in it by chance. Where they are sorted by class,
/// consecutive images are of few classes, and what a minibatch of them scores is far from what all images score.
package struct ImageBatches: Sendable, Equatable {
  /// All images, batch after batch; within a batch as the store has them.
  package let order: [Int]
  /// Where each batch lies in ``order``.
  package let ranges: [Range<Int>]

  /// Shuffles the images (Fisher and Yates) from a ``RandomStream`` of its own and deals them to ⌈images / size⌉ batches whose
  /// sizes differ by at most one; to fewer where a batch would have less than four. The same for every store and tap.
  package init(images: Int, size: Int, seed: UInt64) {
    var stream = RandomStream(seed: seed ^ 0x4D69_6E69_6261_7463)
    var shuffled = Array(0..<images)
    for last in stride(from: images - 1, to: 0, by: -1) { shuffled.swapAt(last, stream.below(last + 1)) }
    let count = max(1, min((images + size - 1) / size, images / 4))
    ranges = (0..<count).map { $0 * images / count..<($0 + 1) * images / count }
    order = ranges.flatMap { shuffled[$0].sorted() }
  }
}
