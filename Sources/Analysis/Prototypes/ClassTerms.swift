import Formats

/// What class means have to do with images under one labelling: from inner products of all images (``ClassGram``) or from sums over the columns
/// of a tap (``ClassSums``), which say the same.
protocol ClassDistances {
  /// The class of each image, `0 ..< classes`.
  var labels: [Int] { get }
  /// By class how many images it has.
  var counts: [Int] { get }
  /// By image its inner product with itself.
  var squares: [Double] { get }
  /// By image its squared distance to the mean of its class, to which it belongs itself.
  var distances: [Double] { get }
  /// The sum of squared distances to the mean of all images.
  var totalSquares: Double { get }

  /// Every image among the prototypes, see ``ClassTerms``.
  ///
  /// - Parameter precision: how far equal distances may differ by rounding, as a share of the squared features.
  func placements(precision: Double) throws -> [ClassPlacement]
}

extension ClassDistances {
  var classes: Int { counts.count }

  /// The sum of squared distances to the mean of each image's own class.
  var squaresWithin: Double { distances.reduce(0, +) }

  /// Of an image the squared distance to the mean of its class, times N/(N − 1): its mean over a class is the class's variance
  /// without bias, summed over columns.
  func variance(_ image: Int) -> Double {
    let count = Double(counts[labels[image]])
    return distances[image] * count / (count - 1)
  }

  /// By class the image nearest to its mean, the first of those that are equally near; and its squared distance.
  ///
  /// - Parameter precision: as in ``placements(precision:)``.
  func medoids(precision: Double) -> [(image: Int, squaredDistance: Double)?] {
    var nearest = [(image: Int, squaredDistance: Double)?](repeating: nil, count: classes)
    let meanSquare = squares.reduce(0, +) / Double(max(1, squares.count))
    for (image, label) in labels.enumerated() {
      let tolerance = precision * (squares[image] + meanSquare)
      if let best = nearest[label], distances[image] >= best.squaredDistance - tolerance { continue }
      nearest[label] = (image, distances[image])
    }
    return nearest
  }
}

/// How an image lies among the prototypes.
struct ClassPlacement: Sendable {
  /// How likely the prototype of its own class is the nearest one, one image of each other class being left out at random.
  let hit: Double
  /// (b − a) / max(a, b), a the distance to the own prototype, b to the nearest other one.
  let silhouette: Double
}

/// What distances between images and prototypes are made of, by image and by class.
///
/// Each prototype lacks one image of its class: the own class's the image itself, every other class's one of its images, each as likely
/// as the other. Squared distances to classes of other sizes than the own are brought to its size: a mean of N − 1 images lies farther
/// by their variance over N − 1, for which the variance within all classes stands in, the image left out. Without both the own
/// prototype would lie farther than the others where the class means nothing.
struct ClassTerms: Sendable {
  private let labels: [Int]
  /// By class: its images, and these less one.
  private let counts: [Double]
  let rest: [Double]
  /// By class: squared length of its sum; squared distances of its images to its mean, summed.
  private let totals: [Double]
  private let spreads: [Double]
  private let squares: [Double]
  /// Of an image, to the prototype of its class without it; and the variance of the others.
  let own: [Double]
  private let pooled: [Double]
  /// Squared norm of the mean of an image's class without it.
  let norms: [Double]
  /// How far equal distances may differ.
  let tolerances: [Double]

  /// - Parameters:
  ///   - ownSums: by image its inner product with the sum of its class.
  ///   - totals: by class the squared length of its sum.
  init(_ sums: some ClassDistances, ownSums: [Double], totals: [Double], precision: Double) {
    let (labels, squares, distances) = (sums.labels, sums.squares, sums.distances)
    let count = labels.count
    let rest = sums.counts.map { Double($0 - 1) }
    let within = sums.squaresWithin
    let meanSquare = squares.reduce(0, +) / Double(count)
    own = (0..<count).map { image in
      let size = Double(sums.counts[labels[image]])
      return distances[image] * (size / (size - 1)) * (size / (size - 1))
    }
    pooled = (0..<count).map { max(0, within - sums.variance($0)) / Double(count - sums.classes - 1) }
    norms = (0..<count).map { image in
      let label = labels[image]
      return (totals[label] - 2 * ownSums[image] + squares[image]) / (rest[label] * rest[label])
    }
    var spreads = [Double](repeating: 0, count: sums.classes)
    for (image, label) in labels.enumerated() { spreads[label] += distances[image] }
    tolerances = squares.map { precision * ($0 + meanSquare) }
    counts = sums.counts.map(Double.init)
    (self.labels, self.rest, self.totals, self.spreads, self.squares) = (labels, rest, totals, spreads, squares)
  }

  /// What an image's distances to a class of another size than its own are brought to its size by.
  @inline(__always)
  private func correction(_ image: Int, _ label: Int) -> Double {
    pooled[image] * (1 / rest[labels[image]] - 1 / rest[label])
  }

  /// By how much the prototype of another class lies farther from an image than its own one, squared.
  ///
  /// - Parameters:
  ///   - sum: the image's inner product with the sum of the class.
  ///   - left: the image that the prototype lacks, and the product of the two.
  @inline(__always)
  func excess(_ image: Int, sum: Double, without left: Int, product: Double) -> Double {
    squares[image] - 2 * (sum - product) / rest[labels[left]] + norms[left] + correction(image, labels[left])
      - own[image]
  }

  /// The same up to what hangs on the image left out: its norm, and twice its product over ``rest``.
  func excessOfAll(_ image: Int, _ label: Int, sum: Double) -> Double {
    squares[image] - 2 * sum / rest[label] + correction(image, label) - own[image]
  }

  /// The squared distance of an image to another class's prototype, the mean over the image left out; at least 0.
  func distance(_ image: Int, _ label: Int, sum: Double) -> Double {
    let size = counts[label]
    let mean =
      squares[image] - 2 * sum / size + totals[label] / (size * size)
      + spreads[label] / (size * rest[label] * rest[label]) + correction(image, label)
    return max(0, mean)
  }

  /// - Parameter other: the squared distance to the nearest other prototype.
  func silhouette(_ image: Int, other: Double) -> Double {
    let (a, b) = (own[image].squareRoot(), other.squareRoot())
    return max(a, b) > 0 ? (b - a) / max(a, b) : 0
  }
}

/// How likely no other prototype lies nearer than the own one; where m of them lie equally far, the share is 1/(1 + m).
struct HitChance: Sendable {
  /// How likely none is nearer and just so many are equally far.
  private var chances = [1.0]

  /// Takes another class: with which share of its images left out its prototype lies farther than the own one, and with which equally far.
  mutating func add(farther: Double, equal: Double) {
    if equal > 0 { chances.append(0) }
    for ties in chances.indices.reversed() {
      chances[ties] = chances[ties] * farther + (ties > 0 ? chances[ties - 1] * equal : 0)
    }
  }

  var value: Double { chances.enumerated().reduce(0) { $0 + $1.element / Double(1 + $1.offset) } }
}
