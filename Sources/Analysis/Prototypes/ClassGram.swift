/// What class means have to do with images, from the images' inner products alone.
///
/// With G the inner products of n images, class c of N_c images and mean m_c: ‖x_i − m_c‖² = G_ii − 2·S_ic/N_c + Q_c/N_c²,
/// where S_ic sums G_ij over the class and Q_c sums S_ic over it. The features themselves are not needed again, however
/// the labels are shuffled.
struct ClassGram: ClassDistances {
  let labels: [Int]
  let counts: [Int]
  let squares: [Double]
  let distances: [Double]
  private let gram: ImagePairMatrix
  /// `[images, classes]`: sums of an image's inner products with the images of a class, itself among them.
  private let sums: [Double]
  /// By class: sums of inner products of its images with each other.
  private let totals: [Double]

  /// - Parameter labels: the class of each image; every class has at least two of them.
  init(_ gram: ImagePairMatrix, labels: [Int], classes: Int) {
    self.gram = gram
    self.labels = labels
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    let squares = gram.diagonal
    var sums = [Double](repeating: 0, count: labels.count * classes)
    sums.withUnsafeMutableBufferPointer { sums in
      for first in labels.indices {
        let label = labels[first]
        let pairs = gram.pairs.pointer + gram.layout.offset(set: 0, row: first)
        sums[first * classes + label] += squares[first]
        for second in first + 1..<max(first + 1, labels.count) {
          let product = pairs[second - first - 1]
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

  var totalSquares: Double {
    max(0, squares.reduce(0, +) - sums.reduce(0, +) / Double(labels.count))
  }

  func placements(precision: Double) -> [ClassPlacement] {
    let terms = ClassTerms(
      self, ownSums: labels.indices.map { sums[$0 * classes + labels[$0]] }, totals: totals, precision: precision)
    let (farther, equal) = compare(terms)
    return labels.indices.map { image in
      var (other, chance) = (Double.infinity, HitChance())
      for label in 0..<classes where label != labels[image] {
        let place = image * classes + label
        other = min(other, terms.distance(image, label, sum: sums[place]))
        let size = Double(counts[label])
        chance.add(farther: Double(farther[place]) / size, equal: Double(equal[place]) / size)
      }
      return ClassPlacement(hit: chance.value, silhouette: terms.silhouette(image, other: other))
    }
  }

  /// For each image and each other class: with how many of its images left out the class's prototype lies farther than the
  /// own one, and with how many equally far; `[images, classes]`.
  private func compare(_ terms: ClassTerms) -> (farther: [Int32], equal: [Int32]) {
    var farther = [Int32](repeating: 0, count: labels.count * classes)
    var equal = farther
    farther.withUnsafeMutableBufferPointer { farther in
      equal.withUnsafeMutableBufferPointer { equal in
        func count(_ image: Int, without left: Int, _ product: Double) {
          let place = image * classes + labels[left]
          let excess = terms.excess(image, sum: sums[place], without: left, product: product)
          if excess > terms.tolerances[image] {
            farther[place] += 1
          } else if excess >= -terms.tolerances[image] {
            equal[place] += 1
          }
        }
        for first in labels.indices {
          let pairs = gram.pairs.pointer + gram.layout.offset(set: 0, row: first)
          for second in first + 1..<max(first + 1, labels.count) where labels[first] != labels[second] {
            let product = pairs[second - first - 1]
            count(first, without: second, product)
            count(second, without: first, product)
          }
        }
      }
    }
    return (farther, equal)
  }
}
