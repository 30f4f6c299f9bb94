import Torch

/// The spectra of all images at one tap, and what they come to in the sample and in each replicate of a bootstrap.
struct SpectrumSums {
  let rings: Int
  let images: Int
  /// `[images, rings]`, zero where an image has no such ring.
  private var input: [Double]
  private var output: [Double]
  private var cross: [Double]
  private var latticeInput: ImageSeries
  private var latticeOutput: ImageSeries
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

  /// Images that have a level on the lattice.
  var withLattice: (inputs: Int, outputs: Int) { (latticeInput.present.count, latticeOutput.present.count) }

  /// Sums over images drawn so often; one curve.
  struct Curve {
    /// By ring from 1 on; nil where there is no power.
    let powerRatio: [Double?]
    /// The Fourier ring correlation, of which the coherence is the square.
    let correlation: [Double?]
    let latticeInput: Double?
    let latticeOutput: Double?
    /// Mean power of an image.
    let input: [Double]
    let output: [Double]

    var coherence: [Double?] { correlation.map { $0.map { $0 * $0 } } }
  }

  /// - Parameter weights: how often each image is drawn, a row for each curve.
  func curves(_ weights: [[Int]]) throws -> [Curve] {
    guard !weights.isEmpty else { return [] }
    let drawn = try Tensor(weights.flatMap { $0.map(Double.init) }, shape: [weights.count, images])
    func sums(_ values: [Double], _ columns: Int) throws -> [Double] {
      try drawn.matmul(Tensor(values, shape: [images, columns])).values()
    }
    let (a, b, c) = (try sums(input, rings), try sums(output, rings), try sums(cross, rings))
    return weights.indices.map { row in
      let indices = row * rings..<(row + 1) * rings
      let present = (0..<rings).map { ring in
        zip(weights[row], ringsOfImage).reduce(0) { $0 + ($1.1 > ring ? $1.0 : 0) }
      }
      func ratio(_ above: Double, _ below: Double) -> Double? { below > 0 ? above / below : nil }
      return Curve(
        powerRatio: indices.map { ratio(b[$0], a[$0]) },
        correlation: indices.map { index in
          ratio(c[index], (a[index] * b[index]).squareRoot()).map { max(-1, min(1, $0)) }
        },
        latticeInput: latticeInput.mean(weights: weights[row]),
        latticeOutput: latticeOutput.mean(weights: weights[row]),
        input: zip(indices, present).map { a[$0] / Double(max(1, $1)) },
        output: zip(indices, present).map { b[$0] / Double(max(1, $1)) })
    }
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
