import Formats

/// Pairs of images that stand for all pairs: all of up to ``most`` images, of more those within a sample of each class, and those between
/// classes within a sample of all images.
package struct ClassPairSample: Sendable {
  /// So many images are paired with each other at most.
  package static let most = 4096

  /// How many pairs one stands for: of all pairs, and of those that have an image of its first and of its second image's class.
  package struct Weights: Sendable {
    package let all: Double
    package let first: Double
    package let second: Double

    static let one = Weights(all: 1, first: 1, second: 1)
  }

  /// Images that are paired with each other.
  package struct Group: Sendable {
    package let images: [Int]
    /// nil for a pair that does not count.
    package let weights: @Sendable (_ first: Int, _ second: Int) -> Weights?
  }

  package private(set) var groups: [Group]

  /// - Parameters:
  ///   - labels: the class of each image.
  ///   - counts: images of each class.
  ///   - most: of images that are paired with each other.
  package init(labels: [Int], counts: [Int], seed: UInt64, most: Int = most) {
    let images = labels.count
    guard images > most else {
      groups = [Group(images: Array(0..<images)) { _, _ in .one }]
      return
    }
    var stream = RandomStream(seed: seed ^ 0x5061_6972_7321)
    let order = (0..<images).shuffled(using: &stream)
    // As many pairs within classes as between them.
    let perClass = max(min(64, most), Int((Double(most) / Double(counts.count).squareRoot()).rounded()))
    var members = [[Int]](repeating: [], count: counts.count)
    for image in order where members[labels[image]].count < perClass { members[labels[image]].append(image) }
    groups = members.enumerated().map { label, members in
      let factor = ClassPairSample.pairs(counts[label]) / ClassPairSample.pairs(members.count)
      return Group(images: members.sorted()) { _, _ in Weights(all: factor, first: factor, second: factor) }
    }
    let chosen = order.prefix(most).sorted()
    var own = [Int](repeating: 0, count: counts.count)
    for image in chosen { own[labels[image]] += 1 }
    func between(_ sizes: [Int], _ all: Int) -> Double {
      ClassPairSample.pairs(all) - sizes.reduce(0) { $0 + ClassPairSample.pairs($1) }
    }
    let factor = between(counts, images) / max(1, between(own, chosen.count))
    var ofClass = [Double](repeating: 0, count: counts.count)
    for label in counts.indices where own[label] > 0 {
      let all = Double(counts[label]) * Double(images - counts[label])
      ofClass[label] = all / Double(own[label] * max(1, chosen.count - own[label]))
    }
    let weights = ofClass
    groups.append(
      Group(images: chosen) { first, second in
        first == second ? nil : Weights(all: factor, first: weights[first], second: weights[second])
      })
  }

  private static func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }
}
