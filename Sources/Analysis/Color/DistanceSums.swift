import Formats

/// Sums over the columns of a tap, an image each: what distance and cosine of two conditions are made of. In double precision.
///
/// `@unchecked Sendable`: a tap is added by one thread at a time; the threads within an addition write to memory of its own.
final class DistanceSums: @unchecked Sendable {
  /// What is summed for each image: squares of the original, of the changed image, and of their difference; products.
  private enum Part: Int, CaseIterable { case original, changed, difference, product }

  private let pairings: [ShuffledPairing]
  private let images: Int
  private var sums: [[Double]]
  /// By pairing the products with the changed version of each image's partner.
  private var partnerProducts: [[Double]]

  init(_ pairings: [ShuffledPairing], images: Int) {
    self.pairings = pairings
    self.images = images
    sums = Array(repeating: Array(repeating: 0, count: images), count: Part.allCases.count)
    partnerProducts = Array(repeating: Array(repeating: 0, count: images), count: pairings.count)
  }

  /// Adds `[images, columns]` numbers of the originals and of the changed images, row-major.
  func add(_ original: UnsafePointer<Float>, _ changed: UnsafePointer<Float>, columns: Int) {
    let own = Part.allCases.count
    let parts = own + pairings.count
    let added = Buffer<Double>(images * parts)
    let first = SharedPointer(UnsafeMutablePointer(mutating: original))
    let second = SharedPointer(UnsafeMutablePointer(mutating: changed))
    let groups = pieces(of: 0..<images, size: max(1, (images + 31) / 32))
    inParallel(groups.count) { [pairings] group in
      for image in groups[group] {
        let row = first.pointer + image * columns
        let target = added.pointer + image * parts
        let alone = DistanceSums.sums(row, second.pointer + image * columns, columns)
        (target[0], target[1], target[2], target[3]) = (
          alone.first, alone.second, alone.difference, alone.product
        )
        for (index, pairing) in pairings.enumerated() {
          target[own + index] = DistanceSums.product(
            row, second.pointer + pairing.partners[image] * columns, columns)
        }
      }
    }
    for image in 0..<images {
      for part in 0..<own { sums[part][image] += added.pointer[image * parts + part] }
      for index in pairings.indices {
        partnerProducts[index][image] += added.pointer[image * parts + own + index]
      }
    }
  }

  private func sum(_ part: Part, _ image: Int) -> Double { sums[part.rawValue][image] }

  /// Whether all numbers of an image were finite, original and changed.
  func isFinite(_ image: Int) -> Bool { sum(.original, image).isFinite && sum(.changed, image).isFinite }

  /// ‖g − f‖ / ‖f‖ of an image; nil where the original is all zeros.
  func relativeDistance(_ image: Int) -> Double? {
    let norm = sum(.original, image)
    return norm > 0 ? (sum(.difference, image) / norm).squareRoot() : nil
  }

  /// ⟨f, g⟩ / (‖f‖ ‖g‖) of an image; nil where one is all zeros.
  func cosine(_ image: Int) -> Double? {
    DistanceSums.cosine(sum(.product, image), sum(.original, image), sum(.changed, image))
  }

  /// The same with the changed version of another image, for every pairing.
  func shuffled() -> (distance: PairSeries, cosine: PairSeries) {
    var (distance, cosine) = (PairSeries(pairings), PairSeries(pairings))
    guard images > 1 else { return (distance, cosine) }
    for (index, pairing) in pairings.enumerated() {
      for image in 0..<images {
        let (own, other) = (sum(.original, image), sum(.changed, pairing.partners[image]))
        let product = partnerProducts[index][image]
        if own > 0 { distance[index, image] = (max(0, own + other - 2 * product) / own).squareRoot() }
        cosine[index, image] = DistanceSums.cosine(product, own, other)
      }
    }
    return (distance, cosine)
  }

  private static func cosine(_ product: Double, _ own: Double, _ other: Double) -> Double? {
    own > 0 && other > 0 ? Swift.max(-1, min(1, product / (own.squareRoot() * other.squareRoot()))) : nil
  }

  /// The inner product of two rows in a fixed order, eight numbers at a time.
  private static func product(_ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ count: Int) -> Double {
    var sum = SIMD8<Double>.zero
    let (left, right) = (UnsafeRawPointer(first), UnsafeRawPointer(second))
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let x = SIMD8<Double>(left.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self))
      let y = SIMD8<Double>(right.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self))
      sum += x * y
    }
    var result = sum.sum()
    for index in whole..<count { result += Double(first[index]) * Double(second[index]) }
    return result
  }

  /// Sums over two rows in a fixed order, eight numbers at a time.
  private static func sums(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ count: Int
  ) -> (first: Double, second: Double, difference: Double, product: Double) {
    var (a, b, d, p) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    let (left, right) = (UnsafeRawPointer(first), UnsafeRawPointer(second))
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let x = SIMD8<Double>(left.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self))
      let y = SIMD8<Double>(right.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self))
      let difference = y - x
      a += x * x
      b += y * y
      d += difference * difference
      p += x * y
    }
    var result = (first: a.sum(), second: b.sum(), difference: d.sum(), product: p.sum())
    for index in whole..<count {
      let (x, y) = (Double(first[index]), Double(second[index]))
      result.first += x * x
      result.second += y * y
      result.difference += (y - x) * (y - x)
      result.product += x * y
    }
    return result
  }
}
