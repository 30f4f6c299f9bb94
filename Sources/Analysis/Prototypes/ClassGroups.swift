import Results

/// What class means have to do with images where groups of images are left out, from sums of inner products of whole groups.
///
/// With s the sum of a class's features, Σ ‖x_i − m‖² = Σ ‖x_i‖² − ‖s‖²/N: the sums over pairs of groups are all that it takes, however
/// many groups are left out in turn.
struct ClassGroups: Sendable {
  private let groups: Int
  /// `[classes, groups]`: images, and their squared norms.
  private var counts: [Double]
  private var squares: [Double]
  /// `[classes, groups, groups]`: inner products of a class's images in one group with those in another, of all pairs in both orders.
  private var products: [Double]
  /// `[groups, groups]`: the same of all classes together.
  private var allProducts: [Double]

  private var classes: Int { counts.count / groups }

  /// - Parameters:
  ///   - gram: inner products of all images.
  ///   - labels: the class of each image.
  init(_ gram: ImagePairMatrix, labels: [Int], classes: Int, jackknife: GroupJackknife) {
    groups = jackknife.count
    counts = [Double](repeating: 0, count: classes * groups)
    squares = counts
    products = [Double](repeating: 0, count: classes * groups * groups)
    allProducts = [Double](repeating: 0, count: groups * groups)
    for first in labels.indices {
      let (label, group) = (labels[first], jackknife.groups[first])
      counts[label * groups + group] += 1
      squares[label * groups + group] += gram.diagonal[first]
      products[(label * groups + group) * groups + group] += gram.diagonal[first]
      allProducts[group * groups + group] += gram.diagonal[first]
      let pairs = gram.pairs.pointer + gram.layout.offset(set: 0, row: first)
      for second in first + 1..<max(first + 1, labels.count) {
        let (product, other) = (pairs[second - first - 1], jackknife.groups[second])
        allProducts[group * groups + other] += 2 * product
        if labels[second] == label { products[(label * groups + group) * groups + other] += 2 * product }
      }
    }
  }

  /// Figures of class means that come from sums of squares alone.
  struct Figures: Sendable {
    let separability: Double
    let adjusted: Double
    /// The standard deviation within classes over that of all images; of each class.
    let spread: Double
    let ofClass: [Double]

    func value(_ metric: PrototypeMetric) -> Double? {
      switch metric {
      case .separability: separability
      case .separabilityAdjusted: adjusted
      case .withinSpread: spread
      case .nearestAccuracy, .silhouette: nil
      }
    }
  }

  /// - Parameter left: the groups left out, none of which takes all but one image of a class.
  /// - Returns: nil where the images that remain have the same features.
  func figures(without left: [Int]) -> Figures? {
    let kept = (0..<groups).filter { !left.contains($0) }
    func norm(_ matrix: [Double], from start: Int) -> Double {
      kept.reduce(0) { total, row in kept.reduce(total) { $0 + matrix[start + row * groups + $1] } }
    }
    func sum(_ numbers: [Double], _ label: Int) -> Double { kept.reduce(0) { $0 + numbers[label * groups + $1] } }
    let sizes = (0..<classes).map { sum(counts, $0) }
    let within = (0..<classes).map {
      max(0, sum(squares, $0) - norm(products, from: $0 * groups * groups) / sizes[$0])
    }
    let images = sizes.reduce(0, +)
    let total = (0..<classes).reduce(0) { $0 + sum(squares, $1) } - norm(allProducts, from: 0) / images
    guard total > 0 else { return nil }
    let variance = total / (images - 1)
    let inside = within.reduce(0, +)
    let spreads = zip(within, sizes).map { $0 / ($1 - 1) / variance }
    return Figures(
      separability: 1 - inside / total,
      adjusted: 1 - inside / (images - Double(classes)) / variance,
      spread: (zip(spreads, sizes).reduce(0) { $0 + $1.0 * $1.1 } / images).squareRoot(),
      ofClass: spreads.map { $0.squareRoot() })
  }
}

/// Figures without each group of the jackknife, and without every two groups.
struct GroupReplicates: Sendable {
  private let whole: ClassGroups.Figures
  private let single: [ClassGroups.Figures]
  /// Of every two groups d > e, d after d.
  private let double: [ClassGroups.Figures]

  /// nil where all images that remain somewhere have the same features.
  init?(_ sums: ClassGroups, count: Int) {
    guard let whole = sums.figures(without: []) else { return nil }
    self.whole = whole
    single = (0..<count).compactMap { sums.figures(without: [$0]) }
    double = (0..<count).flatMap { d in (0..<d).compactMap { sums.figures(without: [d, $0]) } }
    guard single.count == count, double.count == count * (count - 1) / 2 else { return nil }
  }

  /// The error of a figure, see ``JackknifeError``: what two groups say only together is Q_de = D θ − (D − 1)(θ_d + θ_e) + (D − 2) θ_de,
  /// and J has Σ_{d>e} (Q_de − Q̄)² / (D(D − 1)) too much (Efron and Stein 1981).
  ///
  /// - Returns: nil where the figure has none, or no group changes it.
  func error(_ figure: (ClassGroups.Figures) -> Double?) -> JackknifeError? {
    guard let whole = figure(whole) else { return nil }
    let (single, double) = (single.compactMap(figure), double.compactMap(figure))
    let count = single.count
    let size = Double(count)
    var together: [Double] = []
    for d in 0..<count {
      for e in 0..<d {
        together.append(
          size * whole - (size - 1) * (single[d] + single[e]) + (size - 2) * double[d * (d - 1) / 2 + e])
      }
    }
    let mean = together.reduce(0, +) / Double(together.count)
    let excess = together.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (size * (size - 1))
    let changes = single.map { $0 - whole }
    guard changes.contains(where: { abs($0) > 1e-12 * max(abs(whole), 1e-300) }) else { return nil }
    let powers = (1...4).map { power in
      changes.reduce(0) { total, change in total + (0..<power).reduce(1) { product, _ in product * change } }
    }
    return JackknifeError(powers: powers, excess: excess, pairs: excess, images: count)
  }
}
