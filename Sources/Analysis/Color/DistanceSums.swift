import Formats

/// Sums over the columns of a tap, an image each: what distance and cosine of two conditions are made of. In double precision.
final class DistanceSums: @unchecked Sendable {
  /// What is summed for each image.
  private enum Part: Int, CaseIterable {
    /// Squares of the original, of the changed image, and of their difference; products.
    case original, changed, difference, product
    /// The same with the changed version of the image's partner.
    case partnerDifference, partnerProduct
  }

  private let pairing: ShuffledPairing
  private let images: Int
  private var sums: [[Double]]

  init(_ pairing: ShuffledPairing) {
    self.pairing = pairing
    images = pairing.partners.count
    sums = Array(repeating: Array(repeating: 0, count: images), count: Part.allCases.count)
  }

  /// Adds `[images, columns]` numbers of the originals and of the changed images, row-major.
  func add(_ original: UnsafePointer<Float>, _ changed: UnsafePointer<Float>, columns: Int) {
    let parts = Part.allCases.count
    let added = Buffer<Double>(images * parts)
    let first = SharedPointer(UnsafeMutablePointer(mutating: original))
    let second = SharedPointer(UnsafeMutablePointer(mutating: changed))
    let groups = pieces(of: 0..<images, size: max(1, (images + 31) / 32))
    inParallel(groups.count) { [pairing] group in
      for image in groups[group] {
        let own = first.pointer + image * columns
        let target = added.pointer + image * parts
        let alone = DistanceSums.sums(own, second.pointer + image * columns, columns)
        let partner = DistanceSums.sums(own, second.pointer + pairing.partners[image] * columns, columns)
        (target[0], target[1], target[2], target[3]) = (
          alone.first, alone.second, alone.difference, alone.product
        )
        (target[4], target[5]) = (partner.difference, partner.product)
      }
    }
    for image in 0..<images {
      for part in 0..<parts { sums[part][image] += added.pointer[image * parts + part] }
    }
  }

  /// ‖g − f‖ / ‖f‖ of an image; nil where the original is all zeros.
  func relativeDistance(_ image: Int, shuffled: Bool) -> Double? {
    let norm = sums[Part.original.rawValue][image]
    guard norm > 0 else { return nil }
    let part: Part = shuffled ? .partnerDifference : .difference
    return (sums[part.rawValue][image] / norm).squareRoot()
  }

  /// ⟨f, g⟩ / (‖f‖ ‖g‖) of an image; nil where one is all zeros.
  func cosine(_ image: Int, shuffled: Bool) -> Double? {
    let own = sums[Part.original.rawValue][image]
    let other = sums[Part.changed.rawValue][shuffled ? pairing.partners[image] : image]
    guard own > 0, other > 0 else { return nil }
    let part: Part = shuffled ? .partnerProduct : .product
    return max(-1, min(1, sums[part.rawValue][image] / (own.squareRoot() * other.squareRoot())))
  }

  /// Sums over two rows in a fixed order, eight numbers at a time.
  private static func sums(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ count: Int
  ) -> (first: Double, second: Double, difference: Double, product: Double) {
    var (a, b, d, p) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    let (left, right) = (UnsafeRawPointer(first), UnsafeRawPointer(second))
    let whole = count & ~7
    for place in stride(from: 0, to: whole, by: 8) {
      let x = SIMD8<Double>(left.loadUnaligned(fromByteOffset: place * 4, as: SIMD8<Float>.self))
      let y = SIMD8<Double>(right.loadUnaligned(fromByteOffset: place * 4, as: SIMD8<Float>.self))
      let difference = y - x
      a += x * x
      b += y * y
      d += difference * difference
      p += x * y
    }
    var result = (first: a.sum(), second: b.sum(), difference: d.sum(), product: p.sum())
    for place in whole..<count {
      let (x, y) = (Double(first[place]), Double(second[place]))
      result.first += x * x
      result.second += y * y
      result.difference += (y - x) * (y - x)
      result.product += x * y
    }
    return result
  }
}
