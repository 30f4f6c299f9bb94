/// The spectra of all images at one tap, and what they come to.
struct SpectrumSums {
  let rings: Int
  let images: Int
  /// `[images, rings]`, zero where an image has no such ring.
  private var input: [Double]
  private var output: [Double]
  private var cross: [Double]
  /// By image its level on the lattice, in dB; gaps where there is no power.
  private(set) var latticeInput: ImageSeries
  private(set) var latticeOutput: ImageSeries
  /// How many rings each image has.
  private(set) var ringsOfImage: [Int]

  init(images: Int, rings: Int) {
    (self.images, self.rings) = (images, rings)
    input = [Double](repeating: 0, count: images * rings)
    output = input
    cross = input
    latticeInput = ImageSeries(count: images)
    latticeOutput = latticeInput
    ringsOfImage = [Int](repeating: 0, count: images)
  }

  mutating func set(_ image: Int, _ spectrum: PairSpectrum) {
    ringsOfImage[image] = spectrum.input.count
    for ring in 0..<min(rings, spectrum.input.count) {
      input[image * rings + ring] = spectrum.input[ring]
      output[image * rings + ring] = spectrum.output[ring]
      cross[image * rings + ring] = spectrum.cross[ring]
    }
    latticeInput[image] = spectrum.latticeInput
    latticeOutput[image] = spectrum.latticeOutput
  }

  /// Images whose input, and whose reconstruction, has no power at any frequency: pictures of one colour.
  var flat: (inputs: Int, outputs: Int) {
    func count(_ values: [Double]) -> Int {
      (0..<images).count { image in
        ringsOfImage[image] > 0 && values[image * rings..<(image + 1) * rings].allSatisfy { $0 == 0 }
      }
    }
    return (count(input), count(output))
  }

  /// What the images that have a ring have in it.
  func powers(_ ring: Int) -> [(input: Double, output: Double, cross: Double)] {
    (0..<images).filter { ringsOfImage[$0] > ring }.map { image in
      let place = image * rings + ring
      return (input[place], output[place], cross[place])
    }
  }

  /// What all images come to.
  struct Curve {
    /// By ring from 1 on; nil where there is no power.
    var powerRatio: [Double?] = []
    /// The Fourier ring correlation, of which the coherence is the square.
    var correlation: [Double?] = []
    /// Mean power of an image.
    var input: [Double] = []
    var output: [Double] = []

    var coherence: [Double?] { correlation.map { $0.map { $0 * $0 } } }
  }

  var curve: Curve {
    var curve = Curve()
    for ring in 0..<rings {
      let powers = powers(ring)
      let (a, b) = (powers.reduce(0) { $0 + $1.input }, powers.reduce(0) { $0 + $1.output })
      func ratio(_ above: Double, _ below: Double) -> Double? { below > 0 ? above / below : nil }
      curve.powerRatio.append(ratio(b, a))
      let correlation = ratio(powers.reduce(0) { $0 + $1.cross }, (a * b).squareRoot())
      curve.correlation.append(correlation.map { max(-1, min(1, $0)) })
      curve.input.append(a / Double(max(1, powers.count)))
      curve.output.append(b / Double(max(1, powers.count)))
    }
    return curve
  }
}

/// Where a curve over frequencies is lost.
package enum CutOff {
  /// What a coherence, power ratio or ring correlation falls below, and the lower level that is usual for the last.
  package static let (half, seventh) = (0.5, 1.0 / 7)

  /// The first frequency at which a curve falls below a threshold, linear between rings.
  ///
  /// - Parameter curve: values at 1, 2, 3, … cycles.
  /// - Returns: 0 where it is below from the first on; the last frequency where it never falls below, `isReached` then
  ///   being false; nil where the curve ends, for want of power, before it does.
  package static func frequency(
    _ curve: [Double?], below threshold: Double = half
  ) -> (value: Double, isReached: Bool)? {
    var previous = Double.infinity
    for (index, value) in curve.enumerated() {
      guard let value else { return nil }
      if value < threshold {
        if index == 0 { return (0, true) }
        return (Double(index) + (previous - threshold) / (previous - value), true)
      }
      previous = value
    }
    return curve.isEmpty ? nil : (Double(curve.count), false)
  }
}
