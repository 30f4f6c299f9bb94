import Formats
import Torch

/// What class means have to do with images, from sums of the columns of a tap over classes: as ``ClassGram`` without inner products of all
/// pairs of images. Time grows with images × classes × columns.
///
/// With x_i the centred row of an image, M_c the sum over class c: S_ic = x_i·M_c and Q_c = ‖M_c‖². Whether a prototype lies farther with one or
/// the other of its images left out is bounded first, by the class's radius; products of two images are taken only where the bounds leave it open.
struct ClassSums: ClassDistances {
  /// Numbers in a block of products; and pairs of an image and a class that wait for their products.
  private static let blockNumbers = 4 << 20
  private static let mostOpen = 4 << 20

  let labels: [Int]
  let counts: [Int]
  let distances: [Double]
  let totalSquares: Double
  /// By image its product with the sum of its own class.
  let ownSums: [Double]
  /// By class the squared length of its sum.
  let totals: [Double]
  /// `[classes, columns]`
  let sums: Tensor
  private let columns: ClassColumns

  var squares: [Double] { columns.squares }

  /// - Parameter labels: the class of each image; every class has at least two of them.
  init(_ columns: ClassColumns, labels: [Int], classes: Int) throws {
    self.columns = columns
    self.labels = labels
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    sums = try columns.sums(labels, classes: classes)
    let totals: [Double] = try (sums * sums).sum([1]).values()
    let ownSums = try columns.products(with: sums) { labels[$0] }
    let squares = columns.squares
    distances = labels.indices.map { image in
      let (label, count) = (labels[image], Double(counts[labels[image]]))
      return max(0, squares[image] - 2 * ownSums[image] / count + totals[label] / (count * count))
    }
    let all = try sums.sum([0])
    totalSquares = max(0, squares.reduce(0, +) - (try (all * all).sum().item()) / Double(labels.count))
    (self.counts, self.totals, self.ownSums) = (counts, totals, ownSums)
  }

  // MARK: Nearest prototypes

  func placements(precision: Double) throws -> [ClassPlacement] {
    let terms = ClassTerms(self, ownSums: ownSums, totals: totals, precision: precision)
    let (bounds, classes) = (PlacementBounds(self, terms), self.classes)
    let byClass = try sums.transposed(0, 1).contiguous()
    let (others, hits) = (Buffer<Double>(labels.count), Buffer<Double>(labels.count))
    var open = OpenPlacements(columns, terms, labels: labels, counts: counts)
    for images in pieces(of: labels.indices, size: max(64, min(2048, ClassSums.blockNumbers / classes))) {
      let products = try columns.rows(images).matmul(byClass).contiguous()
      let isOpen = Buffer<Bool>(images.count * classes)
      try products.withUnsafeBytes { bytes in
        guard let base = bytes.bindMemory(to: Double.self).baseAddress else { return }
        let shared = SharedPointer(UnsafeMutablePointer(mutating: base))
        let groups = pieces(of: images, size: 64)
        inParallel(groups.count) { group in
          for image in groups[group] {
            let row = (image - images.lowerBound) * classes
            let found = bounds.place(image, shared.pointer + row, isOpen: isOpen.pointer + row)
            (others.pointer[image], hits.pointer[image]) = (found.other, found.isBeaten ? 0 : 1)
          }
        }
        for image in images where hits.pointer[image] > 0 {
          let row = (image - images.lowerBound) * classes
          for label in 0..<classes where isOpen.pointer[row + label] { open.add(image, label, sum: base[row + label]) }
        }
      }
      if open.count > ClassSums.mostOpen { try open.decide(hits) }
    }
    try open.decide(hits)
    return labels.indices.map {
      ClassPlacement(hit: hits.pointer[$0], silhouette: terms.silhouette($0, other: others.pointer[$0]))
    }
  }
}

/// Where images lie among prototypes, as far as that hangs on no single image of the other class.
private struct PlacementBounds: Sendable {
  /// Of a class: the greatest distance of an image from its mean, and the least and the greatest of the norms of ``ClassTerms``.
  private struct Bound {
    var radius = 0.0
    var (least, greatest) = (Double.infinity, -Double.infinity)
  }

  private let labels: [Int]
  private let counts: [Double]
  private let lengths: [Double]
  private let terms: ClassTerms
  private let bounds: [Bound]

  init(_ sums: ClassSums, _ terms: ClassTerms) {
    var bounds = [Bound](repeating: Bound(), count: sums.classes)
    for (image, label) in sums.labels.enumerated() {
      bounds[label].radius = max(bounds[label].radius, sums.distances[image].squareRoot())
      bounds[label].least = min(bounds[label].least, terms.norms[image])
      bounds[label].greatest = max(bounds[label].greatest, terms.norms[image])
    }
    (labels, counts, lengths) = (sums.labels, sums.counts.map(Double.init), sums.squares.map { $0.squareRoot() })
    (self.terms, self.bounds) = (terms, bounds)
  }

  /// - Parameters:
  ///   - sums: the image's products with the sums of all classes.
  ///   - isOpen: takes for each class whether its prototype may lie on either side of the image's own one.
  /// - Returns: the squared distance to the nearest other prototype, and whether some prototype is nearer than the own one, whichever image
  ///   it lacks.
  func place(
    _ image: Int, _ sums: UnsafePointer<Double>, isOpen: UnsafeMutablePointer<Bool>
  ) -> (other: Double, isBeaten: Bool) {
    // What is nearer than rounding to the tolerance is left open.
    let tolerance = terms.tolerances[image] * 1.1
    var (other, isBeaten) = (Double.infinity, false)
    for label in bounds.indices {
      isOpen[label] = false
      guard label != labels[image] else { continue }
      other = min(other, terms.distance(image, label, sum: sums[label]))
      // The product with the image left out is that with the mean of its class, and at most so much more or less.
      let middle =
        terms.excessOfAll(image, label, sum: sums[label]) + 2 * sums[label] / (counts[label] * terms.rest[label])
      let reach = 2 * lengths[image] * bounds[label].radius / terms.rest[label]
      if middle + bounds[label].greatest + reach < -tolerance {
        isBeaten = true
      } else if middle + bounds[label].least - reach <= tolerance {
        isOpen[label] = true
      }
    }
    return (other, isBeaten)
  }
}

/// Images and classes for which the products of two images have to tell how likely the class's prototype is the nearer one.
private struct OpenPlacements {
  private static let rowsAtATime = 2048

  private let columns: ClassColumns
  private let terms: ClassTerms
  private let counts: [Int]
  /// By class its images.
  private let members: [[Int]]
  /// By class images, with their products with the sum of the class.
  private var waiting: [[(image: Int, sum: Double)]]
  private(set) var count = 0

  init(_ columns: ClassColumns, _ terms: ClassTerms, labels: [Int], counts: [Int]) {
    self.columns = columns
    self.terms = terms
    self.counts = counts
    var members = [[Int]](repeating: [], count: counts.count)
    for (image, label) in labels.enumerated() { members[label].append(image) }
    self.members = members
    waiting = Array(repeating: [], count: counts.count)
  }

  mutating func add(_ image: Int, _ label: Int, sum: Double) {
    waiting[label].append((image, sum))
    count += 1
  }

  /// Decides all that wait, class after class.
  ///
  /// - Parameter hits: takes the chances of the images.
  mutating func decide(_ hits: Buffer<Double>) throws {
    var chances: [Int: HitChance] = [:]
    for label in waiting.indices where !waiting[label].isEmpty {
      let size = Double(counts[label])
      for group in waiting[label].pieces(of: OpenPlacements.rowsAtATime) {
        let found = try compare(group, members[label])
        for (place, one) in group.enumerated() {
          chances[one.image, default: HitChance()].add(
            farther: Double(found.farther[place]) / size, equal: Double(found.equal[place]) / size)
        }
      }
      waiting[label] = []
    }
    for (image, chance) in chances { hits.pointer[image] = chance.value }
    count = 0
  }

  /// For each image with how many of a class's images left out its prototype lies farther than the own one, and with how many equally far.
  private func compare(
    _ group: [(image: Int, sum: Double)], _ members: [Int]
  ) throws -> (farther: [Int], equal: [Int]) {
    var farther = [Int](repeating: 0, count: group.count)
    var equal = farther
    let rows = try columns.rows(group.map(\.image))
    for others in members.pieces(of: OpenPlacements.rowsAtATime) {
      let products: [Double] = try rows.matmul(columns.rows(others).transposed(0, 1)).values()
      for (place, one) in group.enumerated() {
        let tolerance = terms.tolerances[one.image]
        for (other, left) in others.enumerated() {
          let excess = terms.excess(
            one.image, sum: one.sum, without: left, product: products[place * others.count + other])
          if excess > tolerance {
            farther[place] += 1
          } else if excess >= -tolerance {
            equal[place] += 1
          }
        }
      }
    }
    return (farther, equal)
  }
}
