/// What class means have to do with images, from the images' inner products alone.
///
/// With G the inner products of n images, class c of N_c images and mean m_c: ‖x_i − m_c‖² = G_ii − 2·S_ic/N_c + Q_c/N_c²,
/// where S_ic sums G_ij over the class and Q_c sums S_ic over it. The features themselves are not needed again, however
/// the labels are shuffled and whichever images are left out.
struct ClassGram {
  /// The images used, as rows of the matrix, ascending.
  let images: [Int]
  /// The class of each of ``images``, `0 ..< classes`.
  let labels: [Int]
  /// By class how many images it has.
  let counts: [Int]
  private let gram: ImagePairMatrix
  /// `[images, classes]`: sums of an image's inner products with the images of a class, itself among them.
  private let sums: [Double]
  /// By class: sums of inner products of its images with each other.
  private let totals: [Double]
  /// By image: its inner product with itself.
  private let squares: [Double]
  /// By image: its squared distance to the mean of its class, to which it belongs itself.
  private let distances: [Double]

  var classes: Int { counts.count }

  /// - Parameters:
  ///   - images: rows of the matrix, ascending.
  ///   - labels: the class of each; every class has at least two of them.
  init(_ gram: ImagePairMatrix, images: [Int], labels: [Int], classes: Int) {
    precondition(images.count == labels.count, "a class for each image")
    self.gram = gram
    self.images = images
    self.labels = labels
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    let squares = images.map { gram.diagonal[$0] }
    var sums = [Double](repeating: 0, count: labels.count * classes)
    sums.withUnsafeMutableBufferPointer { sums in
      for first in images.indices {
        let (row, label) = (images[first], labels[first])
        let pairs = gram.pairs.pointer + gram.layout.offset(set: 0, row: row)
        sums[first * classes + label] += squares[first]
        for second in first + 1..<max(first + 1, images.count) {
          let product = pairs[images[second] - row - 1]
          sums[first * classes + labels[second]] += product
          sums[second * classes + label] += product
        }
      }
    }
    var totals = [Double](repeating: 0, count: classes)
    for (image, label) in labels.enumerated() { totals[label] += sums[image * classes + label] }
    distances = labels.indices.map { image in
      let (label, count) = (labels[image], Double(counts[labels[image]]))
      return max(0, squares[image] - 2 * sums[image * classes + label] / count + totals[label] / (count * count))
    }
    self.counts = counts
    self.squares = squares
    self.sums = sums
    self.totals = totals
  }

  // MARK: Variance

  /// The sum of squared distances to the mean of all images.
  var totalSquares: Double {
    max(0, squares.reduce(0, +) - sums.reduce(0, +) / Double(images.count))
  }

  /// The sum of squared distances to the mean of each image's own class.
  var squaresWithin: Double { distances.reduce(0, +) }

  /// Of an image the squared distance to the mean of its class, times N/(N − 1): its mean over a class is the class's variance
  /// without bias, summed over columns.
  func variance(_ image: Int) -> Double {
    let count = Double(counts[labels[image]])
    return distances[image] * count / (count - 1)
  }

  /// The image nearest to the mean of its class, one of those that make the mean; and its squared distance.
  func medoid(of label: Int) -> (image: Int, squaredDistance: Double)? {
    let members = labels.indices.filter { labels[$0] == label }
    return members.min { distances[$0] < distances[$1] }.map { (images[$0], distances[$0]) }
  }

  // MARK: Nearest prototypes

  /// How an image lies among the prototypes.
  struct Placement: Sendable {
    /// How likely the prototype of its own class is the nearest one, one image of each other class being left out at random.
    let hit: Double
    /// (b − a) / max(a, b), a the distance to the own prototype, b to the nearest other one.
    let silhouette: Double
  }

  /// Every image among the prototypes. Each prototype lacks one image of its class: the own class's the image itself, every
  /// other class's one of its images, each as likely as the other. Squared distances to classes of other sizes than the own are
  /// brought to its size: a mean of N − 1 images lies farther by their variance over N − 1, for which the variance within all
  /// classes stands in, the image left out. Without both the own prototype would lie farther than the others where the class
  /// means nothing.
  ///
  /// - Parameter precision: how far equal distances may differ by rounding, as a share of the squared features.
  func placements(precision: Double) -> [Placement] {
    let count = images.count
    let rest = counts.map { Double($0 - 1) }
    let within = squaresWithin
    let meanSquare = squares.reduce(0, +) / Double(count)
    // Of an image, to the prototype of its class without it; and the variance of the others.
    let own = (0..<count).map { image in
      let size = Double(counts[labels[image]])
      return distances[image] * (size / (size - 1)) * (size / (size - 1))
    }
    let pooled = (0..<count).map { max(0, within - variance($0)) / Double(count - classes - 1) }
    // Squared norm of the mean of an image's class without it.
    let norms = (0..<count).map { image in
      let label = labels[image]
      return (totals[label] - 2 * sums[image * classes + label] + squares[image]) / (rest[label] * rest[label])
    }
    let comparison = Comparison(
      squares: squares, sums: sums, rest: rest, norms: norms, own: own, pooled: pooled,
      tolerances: squares.map { precision * ($0 + meanSquare) })
    let (farther, equal) = compare(comparison)
    var spreads = [Double](repeating: 0, count: classes)
    for (image, label) in labels.enumerated() { spreads[label] += distances[image] }
    return (0..<count).map { image in
      var other = Double.infinity
      for label in 0..<classes where label != labels[image] {
        let size = Double(counts[label])
        let mean =
          squares[image] - 2 * sums[image * classes + label] / size + totals[label] / (size * size)
          + spreads[label] / (size * rest[label] * rest[label])
          + pooled[image] * (1 / rest[labels[image]] - 1 / rest[label])
        other = min(other, max(0, mean))
      }
      let (a, b) = (own[image].squareRoot(), other.squareRoot())
      return Placement(
        hit: hit(image, farther, equal), silhouette: max(a, b) > 0 ? (b - a) / max(a, b) : 0)
    }
  }

  /// What distances to prototypes are made of, by image and by class.
  private struct Comparison {
    let squares: [Double]
    let sums: [Double]
    /// By class: images less one.
    let rest: [Double]
    let norms: [Double]
    let own: [Double]
    let pooled: [Double]
    let tolerances: [Double]
  }

  /// For each image and each other class: with how many of its images left out the class's prototype lies farther than the
  /// own one, and with how many equally far; `[images, classes]`.
  private func compare(_ known: Comparison) -> (farther: [Int32], equal: [Int32]) {
    var farther = [Int32](repeating: 0, count: images.count * classes)
    var equal = farther
    farther.withUnsafeMutableBufferPointer { farther in
      equal.withUnsafeMutableBufferPointer { equal in
        func count(_ image: Int, without left: Int, _ product: Double) {
          let (label, size) = (labels[left], known.rest[labels[left]])
          let distance =
            known.squares[image] - 2 * (known.sums[image * classes + label] - product) / size + known.norms[left]
            + known.pooled[image] * (1 / known.rest[labels[image]] - 1 / size)
          let excess = distance - known.own[image]
          if excess > known.tolerances[image] {
            farther[image * classes + label] += 1
          } else if excess >= -known.tolerances[image] {
            equal[image * classes + label] += 1
          }
        }
        for first in images.indices {
          let row = images[first]
          let pairs = gram.pairs.pointer + gram.layout.offset(set: 0, row: row)
          for second in first + 1..<max(first + 1, images.count) where labels[first] != labels[second] {
            let product = pairs[images[second] - row - 1]
            count(first, without: second, product)
            count(second, without: first, product)
          }
        }
      }
    }
    return (farther, equal)
  }

  /// How likely no other prototype lies nearer than the own one; where m of them lie equally far, the share is 1/(1 + m).
  private func hit(_ image: Int, _ farther: [Int32], _ equal: [Int32]) -> Double {
    // How likely none is nearer and just so many are equally far.
    var chances = [1.0]
    for label in 0..<classes where label != labels[image] {
      let size = Double(counts[label])
      let above = Double(farther[image * classes + label]) / size
      let same = Double(equal[image * classes + label]) / size
      if same > 0 { chances.append(0) }
      for ties in chances.indices.reversed() {
        chances[ties] = chances[ties] * above + (ties > 0 ? chances[ties - 1] * same : 0)
      }
    }
    return chances.enumerated().reduce(0) { $0 + $1.element / Double(1 + $1.offset) }
  }
}
