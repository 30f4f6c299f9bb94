/// Sums over the pixels of a region of four images: the original and the changed input, and what came back of each.
///
/// Colours are CIELAB; chroma vectors are (a*, b*). Definitions: docs/definitions.md, "The colour that comes back".
package struct RecoverySums: Sendable {
  /// What is summed over pixels.
  package enum Part: Int, CaseIterable {
    // Of the inputs alone.
    /// ΔE₀₀ of the two; chroma of the changed one.
    case inputChange, shownChroma
    /// Inner products of chroma vectors less their means: shown with shown, original with original, shown with original, and
    /// the change with itself.
    case shownSquare, originalSquare, shownOriginal, changeSquare

    // Of what came back.
    /// ΔE₀₀: of the two reconstructions, and of the changed one's to the changed input, to the original, and to itself
    /// without chroma.
    case returnedChange, toShown, toOriginal, toGray
    /// Of the changed image's reconstruction and input: metric hue difference, hue angle and its weight, chroma of the
    /// reconstruction, lightness difference.
    case hue, angle, angleWeight, returnedChroma, lightness
    /// Inner products of chroma vectors less their means: returned with itself, with shown and with original, the
    /// reconstruction's change with the input's.
    case returnedSquare, returnedShown, returnedOriginal, changeProduct
  }

  package private(set) var pixels = 0
  private var sums = [Double](repeating: 0, count: Part.allCases.count)

  package subscript(part: Part) -> Double { sums[part.rawValue] }

  mutating func add(_ other: RecoverySums) {
    pixels += other.pixels
    for index in sums.indices { sums[index] += other.sums[index] }
  }

  /// What is to be known of the inputs, the same whatever came back. Parts that compare with the original are 0 without one.
  ///
  /// - Parameter labels: the region of each pixel, below `regions`.
  package static func ofInputs(_ inputs: ColorPair, labels: [UInt8], regions: Int) -> [RecoverySums] {
    var totals = RegionTotals(regions: regions)
    let shown = inputs.shown
    if let original = inputs.original {
      totals.add(labels) { pixel, values in
        measure(shown: shown.colors(at: pixel), into: values)
        set(
          values, .inputChange,
          ColorDifference.squared(shown.colors(at: pixel), original.colors(at: pixel)).squareRoot())
        measure(ownShown: inputs.ownShown(at: pixel), ownOriginal: inputs.ownOriginal(at: pixel), into: values)
      }
    } else {
      totals.add(labels) { pixel, values in
        measure(shown: shown.colors(at: pixel), into: values)
        measure(ownShown: inputs.ownShown(at: pixel), ownOriginal: nil, into: values)
      }
    }
    return totals.sums(labels)
  }

  /// The sums of the inputs, and beside them those of what came back.
  ///
  /// - Parameters:
  ///   - inputs: with their sums of ``ofInputs(_:labels:regions:)``.
  ///   - returned: what came back of each; with an original where the inputs have one.
  package static func adding(
    _ returned: ColorPair, to sums: [RecoverySums], of inputs: ColorPair, labels: [UInt8]
  ) -> [RecoverySums] {
    var totals = RegionTotals(regions: sums.count)
    let (shown, back) = (inputs.shown, returned.shown)
    if let original = inputs.original, let backOfOriginal = returned.original {
      totals.add(labels) { pixel, values in
        let (shown, back) = (shown.colors(at: pixel), back.colors(at: pixel))
        measure(returned: back, shown: shown, into: values)
        set(values, .returnedChange, ColorDifference.squared(back, backOfOriginal.colors(at: pixel)).squareRoot())
        set(values, .toOriginal, ColorDifference.squared(back, original.colors(at: pixel)).squareRoot())
        measureOwn(returned, inputs, at: pixel, into: values)
      }
    } else {
      totals.add(labels) { pixel, values in
        measure(returned: back.colors(at: pixel), shown: shown.colors(at: pixel), into: values)
        measureOwn(returned, inputs, at: pixel, into: values)
      }
    }
    return zip(sums, totals.sums(labels)).map { known, found in
      var result = known
      for index in result.sums.indices { result.sums[index] += found.sums[index] }
      return result
    }
  }

  // MARK: Pixels

  /// Sums of every part over the pixels of each region, in double precision and in a fixed order.
  private struct RegionTotals {
    private static let parts = Part.allCases.count
    private let regions: Int
    /// By region and part the sums of each lane.
    private var totals: [SIMD4<Double>]

    init(regions: Int) {
      self.regions = regions
      totals = Array(repeating: .zero, count: regions * RegionTotals.parts)
    }

    /// - Parameter measure: writes the parts of as many pixels as there are lanes from one on; those it leaves alone are 0.
    @inline(__always)
    mutating func add(_ labels: [UInt8], _ measure: (Int, UnsafeMutableBufferPointer<Lanes>) -> Void) {
      let parts = RegionTotals.parts
      totals.withUnsafeMutableBufferPointer { totals in
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: parts) { values in
          values.initialize(repeating: .zero)
          for pixel in stride(from: 0, to: labels.count, by: VectorMath.width) {
            measure(pixel, values)
            let lanes = min(VectorMath.width, labels.count - pixel)
            let first = Int(labels[pixel])
            if lanes == VectorMath.width, (1..<lanes).allSatisfy({ labels[pixel + $0] == UInt8(first) }) {
              for part in 0..<parts { totals[first * parts + part] += SIMD4<Double>(values[part]) }
            } else {
              for lane in 0..<lanes {
                let region = Int(labels[pixel + lane])
                for part in 0..<parts { totals[region * parts + part][lane] += Double(values[part][lane]) }
              }
            }
          }
        }
      }
    }

    func sums(_ labels: [UInt8]) -> [RecoverySums] {
      var pixels = [Int](repeating: 0, count: regions)
      for label in labels { pixels[Int(label)] += 1 }
      return (0..<regions).map { region in
        var result = RecoverySums()
        result.pixels = pixels[region]
        result.sums = (0..<RegionTotals.parts).map { totals[region * RegionTotals.parts + $0].sum() }
        return result
      }
    }
  }

  @inline(__always)
  private static func inner(_ first: CIELab, _ second: CIELab) -> Lanes { first.a * second.a + first.b * second.b }

  @inline(__always)
  private static func set(_ values: UnsafeMutableBufferPointer<Lanes>, _ part: Part, _ value: Lanes) {
    values[part.rawValue] = value
  }

  @inline(__always)
  private static func measure(shown: CIELab, into values: UnsafeMutableBufferPointer<Lanes>) {
    set(values, .shownChroma, inner(shown, shown).squareRoot())
  }

  /// What of the inputs shares of colour are made of.
  @inline(__always)
  private static func measure(
    ownShown: CIELab, ownOriginal: CIELab?, into values: UnsafeMutableBufferPointer<Lanes>
  ) {
    set(values, .shownSquare, inner(ownShown, ownShown))
    guard let ownOriginal else { return }
    set(values, .originalSquare, inner(ownOriginal, ownOriginal))
    set(values, .shownOriginal, inner(ownShown, ownOriginal))
    let (changeA, changeB) = (ownShown.a - ownOriginal.a, ownShown.b - ownOriginal.b)
    set(values, .changeSquare, changeA * changeA + changeB * changeB)
  }

  @inline(__always)
  private static func measure(returned: CIELab, shown: CIELab, into values: UnsafeMutableBufferPointer<Lanes>) {
    set(values, .toShown, ColorDifference.squared(returned, shown).squareRoot())
    set(values, .toGray, ColorDifference.toGray(returned))
    let product = inner(returned, shown)
    let returnedChroma = inner(returned, returned).squareRoot()
    let chromas = returnedChroma * inner(shown, shown).squareRoot()
    let weight = chromas.squareRoot()
    let cross = returned.a * shown.b - returned.b * shown.a
    set(values, .hue, hueDifference(chromas, product, cross))
    set(values, .angle, weight * VectorMath.angle(product, cross))
    set(values, .angleWeight, weight)
    set(values, .returnedChroma, returnedChroma)
    set(values, .lightness, returned.lightness - shown.lightness)
  }

  /// What of the reconstructions shares of colour are made of.
  @inline(__always)
  private static func measureOwn(
    _ returned: ColorPair, _ inputs: ColorPair, at pixel: Int, into values: UnsafeMutableBufferPointer<Lanes>
  ) {
    let (back, shown) = (returned.ownShown(at: pixel), inputs.ownShown(at: pixel))
    set(values, .returnedSquare, inner(back, back))
    set(values, .returnedShown, inner(back, shown))
    guard let original = inputs.ownOriginal(at: pixel), let backOfOriginal = returned.ownOriginal(at: pixel) else {
      return
    }
    set(values, .returnedOriginal, inner(back, original))
    set(
      values, .changeProduct,
      (back.a - backOfOriginal.a) * (shown.a - original.a) + (back.b - backOfOriginal.b) * (shown.b - original.b))
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
