import Formats

/// The images dealt to folds at random: each fold is predicted from all others.
package struct ImageFolds: Sendable, Equatable {
  /// The images of each fold, ascending; sizes differ by one at most.
  package let folds: [[Int]]

  /// Shuffles the images (Fisher and Yates) and deals them in turn, from ``RandomStream``. The same for all stores.
  ///
  /// - Parameter count: of folds; no more than there are images.
  package init(images: Int, count: Int, seed: UInt64) {
    // Another stream than the permutations' and the bootstrap's of the same seed.
    var stream = RandomStream(seed: seed ^ 0x466F_6C64_734F_6621)
    var order = Array(0..<images)
    for image in order.indices.dropFirst().reversed() { order.swapAt(image, stream.below(image + 1)) }
    let used = min(count, images)
    folds = (0..<used).map { fold in stride(from: fold, to: images, by: used).map { order[$0] }.sorted() }
  }

  /// For each fold the images of training and those of the test.
  var splits: [(train: [Int], test: [Int])] {
    folds.map { test in
      let held = Set(test)
      return (folds.joined().sorted().filter { !held.contains($0) }, test)
    }
  }
}
