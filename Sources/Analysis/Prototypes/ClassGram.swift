/// Everything that class means say of images, from the images' inner products alone.
///
/// With G the inner products of n images, class c of N_c images and mean m_c: ‖x_i − m_c‖² = G_ii − 2·S_ic/N_c + Q_c/N_c²,
/// where S_ic sums G_ij over the class and Q_c sums S_ic over it. The features themselves are not needed again, however
/// the labels are shuffled.
struct ClassGram {
  /// The class of each image, `0 ..< classes`.
  let labels: [Int]
  let counts: [Int]
  private let gram: ImagePairMatrix
  /// `[images, classes]`: sums of an image's inner products with the images of a class, itself among them.
  private let sums: [Double]
  /// By class: sums of inner products of its images with each other.
  private let totals: [Double]
  /// The sum of all inner products.
  private let grandTotal: Double

  private var classes: Int { counts.count }

  init(_ gram: ImagePairMatrix, labels: [Int], classes: Int) {
    self.gram = gram
    self.labels = labels
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    var sums = [Double](repeating: 0, count: labels.count * classes)
    for row in labels.indices {
      let pairs = gram.pairs.pointer + gram.layout.offset(set: 0, row: row)
      sums[row * classes + labels[row]] += gram.diagonal[row]
      for column in row + 1..<max(row + 1, labels.count) {
        let product = pairs[column - row - 1]
        sums[row * classes + labels[column]] += product
        sums[column * classes + labels[row]] += product
      }
    }
    var totals = [Double](repeating: 0, count: classes)
    for (image, label) in labels.enumerated() { totals[label] += sums[image * classes + label] }
    self.counts = counts
    self.sums = sums
    self.totals = totals
    grandTotal = sums.reduce(0, +)
  }

  /// Squared distance of an image to a class mean. To that of its own class: to the mean of the other images of it, so
  /// that no image is near a mean because it made it; nil where there is no other.
  func squaredDistance(_ image: Int, to label: Int) -> Double? {
    let count = Double(counts[label])
    let distance =
      gram.diagonal[image] - 2 * sums[image * classes + label] / count + totals[label] / (count * count)
    guard labels[image] == label else { return max(0, distance) }
    guard count > 1 else { return nil }
    // x − m without x is n / (n − 1) times x − m.
    let factor = count / (count - 1)
    return max(0, distance * factor * factor)
  }

  /// Squared distance of an image to the mean of all other images.
  func squaredDistanceToAll(_ image: Int) -> Double {
    let count = Double(labels.count)
    let sum = (0..<classes).reduce(0) { $0 + sums[image * classes + $1] }
    let distance = gram.diagonal[image] - 2 * sum / count + grandTotal / (count * count)
    let factor = count / (count - 1)
    return max(0, distance * factor * factor)
  }

  /// The image nearest to its class mean, the image among those that make the mean; and its squared distance.
  func medoid(of label: Int) -> (image: Int, squaredDistance: Double)? {
    let count = Double(counts[label])
    let members = labels.indices.filter { labels[$0] == label }
    let distances = members.map {
      max(0, gram.diagonal[$0] - 2 * sums[$0 * classes + label] / count + totals[label] / (count * count))
    }
    guard let best = distances.indices.min(by: { distances[$0] < distances[$1] }) else { return nil }
    return (members[best], distances[best])
  }

  // MARK: What is measured

  /// The share of the features' variance that lies between classes: η² = 1 − within / total, of sums of squares (Pearson
  /// 1905; Fisher 1925). nil where all images have the same features.
  var separability: Double? {
    let squares = gram.diagonal.reduce(0, +)
    let total = squares - grandTotal / Double(labels.count)
    guard total > 0 else { return nil }
    return 1 - (squares - zip(totals, counts).reduce(0) { $0 + $1.0 / Double(max(1, $1.1)) }) / total
  }

  /// ‖x − own prototype‖ / ‖x − mean of all‖, both without the image itself.
  func withinSpread(_ image: Int) -> Double? {
    let all = squaredDistanceToAll(image)
    guard all > 0 else { return nil }
    return squaredDistance(image, to: labels[image]).map { ($0 / all).squareRoot() }
  }

  /// The nearest prototype, and the simplified silhouette (b − a) / max(a, b) with a the distance to the own prototype and b
  /// to the nearest other (Rousseeuw 1987; Hruschka et al. 2004).
  func nearest(_ image: Int) -> (label: Int, silhouette: Double)? {
    guard let own = squaredDistance(image, to: labels[image]) else { return nil }
    var other: (label: Int, distance: Double)?
    for label in 0..<classes where label != labels[image] && counts[label] > 0 {
      guard let distance = squaredDistance(image, to: label) else { continue }
      if other.map({ distance < $0.distance }) ?? true { other = (label, distance) }
    }
    guard let other else { return nil }
    let (a, b) = (own.squareRoot(), other.distance.squareRoot())
    let silhouette = max(a, b) > 0 ? (b - a) / max(a, b) : 0
    return (own <= other.distance ? labels[image] : other.label, silhouette)
  }
}
