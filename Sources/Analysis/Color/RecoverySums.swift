import Foundation

/// Sums over the pixels of a region of four images: the original and the changed input, and what came back of each.
///
/// Colours are CIELAB; chroma vectors are (a*, b*). Definitions: docs/definitions.md, "The colour that comes back".
package struct RecoverySums: Sendable {
  /// What is summed over pixels.
  package enum Part: Int, CaseIterable {
    /// ΔE₀₀: of the two inputs, of the two reconstructions, and of the changed one's reconstruction to the changed input, to
    /// the original, and to itself without chroma.
    case inputChange, returnedChange, toShown, toOriginal, toGray
    /// Of the changed image's reconstruction and input: metric hue difference, hue angle and its weight, chroma of both,
    /// lightness difference.
    case hue, angle, angleWeight, returnedChroma, shownChroma, lightness
    /// Inner products of chroma vectors: the reconstruction's change with the input's, the input's change with itself.
    case changeProduct, changeSquare
    /// Of shown with shown, original with original, shown with original; returned with shown, returned with original.
    case shownSquare, originalSquare, shownOriginal, returnedShown, returnedOriginal
  }

  package private(set) var pixels = 0
  private var sums = [Double](repeating: 0, count: Part.allCases.count)

  package subscript(part: Part) -> Double { sums[part.rawValue] }

  mutating func add(_ other: RecoverySums) {
    pixels += other.pixels
    for place in sums.indices { sums[place] += other.sums[place] }
  }

  /// - Parameters:
  ///   - labels: the region of each pixel, below `regions`.
  ///   - original, shown: the original and the changed input.
  ///   - returnedOriginal, returned: what came back of each.
  package static func sums(
    _ labels: [UInt8], regions: Int, original: LabImage, shown: LabImage, returnedOriginal: LabImage, returned: LabImage
  ) -> [RecoverySums] {
    let parts = Part.allCases.count
    var totals = [Double](repeating: 0, count: regions * parts)
    var pixels = [Int](repeating: 0, count: regions)
    totals.withUnsafeMutableBufferPointer { totals in
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: parts) { values in
        for pixel in stride(from: 0, to: labels.count, by: VectorMath.width) {
          measure(
            original.colors(at: pixel), shown.colors(at: pixel), returnedOriginal.colors(at: pixel),
            returned.colors(at: pixel), into: values)
          for lane in 0..<min(VectorMath.width, labels.count - pixel) {
            let region = Int(labels[pixel + lane])
            pixels[region] += 1
            for part in 0..<parts { totals[region * parts + part] += Double(values[part][lane]) }
          }
        }
      }
    }
    return (0..<regions).map { region in
      var result = RecoverySums()
      result.pixels = pixels[region]
      result.sums = Array(totals[region * parts..<(region + 1) * parts])
      return result
    }
  }

  @inline(__always)
  private static func measure(
    _ original: CIELab, _ shown: CIELab, _ returnedOriginal: CIELab, _ returned: CIELab,
    into values: UnsafeMutableBufferPointer<Lanes>
  ) {
    let none = Lanes(repeating: 0)
    func set(_ part: Part, _ value: Lanes) { values[part.rawValue] = value }
    func difference(_ first: CIELab, _ second: CIELab) -> Lanes {
      ColorDifference.squared(first, second).squareRoot()
    }
    func inner(_ first: CIELab, _ second: CIELab) -> Lanes { first.a * second.a + first.b * second.b }
    set(.inputChange, difference(shown, original))
    set(.returnedChange, difference(returned, returnedOriginal))
    set(.toShown, difference(returned, shown))
    set(.toOriginal, difference(returned, original))
    set(.toGray, difference(returned, CIELab(lightness: returned.lightness, a: none, b: none)))

    let returnedSquare = inner(returned, returned)
    let (shownSquare, product) = (inner(shown, shown), inner(returned, shown))
    let (returnedChroma, shownChroma) = (returnedSquare.squareRoot(), shownSquare.squareRoot())
    let weight = (returnedChroma * shownChroma).squareRoot()
    let cross = returned.a * shown.b - returned.b * shown.a
    set(.hue, hueDifference(returnedChroma * shownChroma, product, cross))
    var angle = none
    for lane in 0..<VectorMath.width { angle[lane] = abs(atan2(cross[lane], product[lane])) }
    set(.angle, weight * angle)
    set(.angleWeight, weight)
    set(.returnedChroma, returnedChroma)
    set(.shownChroma, shownChroma)
    set(.lightness, returned.lightness - shown.lightness)

    let (changeA, changeB) = (shown.a - original.a, shown.b - original.b)
    set(
      .changeProduct,
      (returned.a - returnedOriginal.a) * changeA + (returned.b - returnedOriginal.b) * changeB)
    set(.changeSquare, changeA * changeA + changeB * changeB)
    set(.shownSquare, shownSquare)
    set(.originalSquare, inner(original, original))
    set(.shownOriginal, inner(shown, original))
    set(.returnedShown, product)
    set(.returnedOriginal, inner(returned, original))
  }

  /// √(Δa² + Δb² − ΔC²) = √(2 (C₁C₂ − ⟨c₁, c₂⟩)), for close hues in the form that cancels no digits.
  @inline(__always)
  private static func hueDifference(_ chromas: Lanes, _ product: Lanes, _ cross: Lanes) -> Lanes {
    let none = Lanes(repeating: 0)
    let close = VectorMath.larger(cross, -cross) * Float(2).squareRoot()
    let near = close / VectorMath.larger(chromas + product, Lanes(repeating: 1e-30)).squareRoot()
    let far = (VectorMath.larger(chromas - product, none) * Float(2)).squareRoot()
    return VectorMath.choose(product .>= Float(0), near, far)
  }
}
