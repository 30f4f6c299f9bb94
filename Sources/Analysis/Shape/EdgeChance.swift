import Formats

/// What edges score that have nothing to do with an image: those of other images' reconstructions, and of white noise.
struct EdgeChance: Sendable {
  /// How many other images stand behind the baseline of each.
  static let shufflings = 3

  /// For each image others of its size, one for each shuffling; none where no other image has its size.
  let partners: [[Int]]
  private let seed: UInt64

  /// - Parameters:
  ///   - sizes: of the images' pictures. Each shuffling is one cycle through all images of a size, so that none meets itself.
  init(sizes: [ImageSize], seed: UInt64) {
    self.seed = seed
    var partners = [[Int]](repeating: [], count: sizes.count)
    let groups = Dictionary(grouping: sizes.indices) { [sizes[$0].height, sizes[$0].width] }
    for members in groups.values where members.count > 1 {
      for shuffling in 0..<EdgeChance.shufflings {
        var stream = RandomStream(words: [seed, UInt64(shuffling), UInt64(members[0])])
        let pairing = ShuffledPairing(count: members.count, seed: stream.next())
        for (index, image) in members.enumerated() { partners[image].append(members[pairing.partners[index]]) }
      }
    }
    self.partners = partners
  }

  /// Edges of a picture in which every value of every pixel is drawn at random.
  func noise(image: Int, size: ImageSize) -> [UInt8] {
    var stream = RandomStream(words: [seed, 0x6E6F_6973_65, UInt64(image)])
    var bytes: [UInt8] = []
    let count = size.height * size.width * 3
    bytes.reserveCapacity(count + 8)
    while bytes.count < count { withUnsafeBytes(of: stream.next().littleEndian) { bytes.append(contentsOf: $0) } }
    return Canny.edges(RGBPixels(height: size.height, width: size.width, bytes: Array(bytes.prefix(count))))
  }
}
