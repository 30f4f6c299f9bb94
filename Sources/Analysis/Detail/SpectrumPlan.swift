import Formats
import Foundation

/// How the spectrum of images of one size is taken: window, rings of equal radial frequency, and the patch lattice.
///
/// Spectra are those of real images, `[height, width / 2 + 1]`: the other half is its mirror, and counts by weights.
package final class SpectrumPlan: Sendable {
  let height: Int
  let width: Int
  /// Numbers in a row of a spectrum.
  let columns: Int
  /// Highest ring: half of the shorter side, in cycles per image along it.
  package let rings: Int
  /// Σ w² of the window over all pixels.
  let windowPower: Double
  private let down: [Float]
  private let across: [Float]
  /// For each place of a spectrum its ring 1 ... rings, 0 where it has none, and how often it counts.
  private let ringOfPlace: [Int32]
  /// By ring, how many places of the whole spectrum lie in it.
  private let placesInRing: [Double]
  private let lattice: [LatticePoint]

  /// A frequency of the patch lattice, its weight and its eight neighbours.
  private struct LatticePoint {
    let index: Int
    let weight: Double
    let neighbors: [Int]
  }

  /// Power below this share of full scale (luminance 1, squared) is none: rounding, where there is nothing. The steps of 8 bits
  /// alone have ten thousand times as much.
  package static let leastPower = 1e-10

  /// The fewest cells along a side for which neighbours lie between lattice points.
  package static let leastCells = 4

  /// - Parameter cells: how many cells of the lattice an image has, down and across; nil for no lattice.
  package init(height: Int, width: Int, cells: ImageSize?) {
    (self.height, self.width) = (height, width)
    columns = width / 2 + 1
    let shorter = min(height, width)
    rings = shorter / 2
    func hann(_ count: Int) -> [Double] { (0..<count).map { 0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(count)) } }
    let (windowDown, windowAcross) = (hann(height), hann(width))
    down = windowDown.map { Float($0) }
    across = windowAcross.map { Float($0) }
    windowPower = windowDown.reduce(0) { $0 + $1 * $1 } * windowAcross.reduce(0) { $0 + $1 * $1 }
    var ringOfPlace = [Int32](repeating: 0, count: height * columns)
    var placesInRing = [Double](repeating: 0, count: rings + 1)
    for v in 0..<height {
      let y = Double(v <= height / 2 ? v : v - height) / Double(height)
      for u in 0..<columns {
        let x = Double(u) / Double(width)
        let ring = Int(((y * y + x * x).squareRoot() * Double(shorter) + 0.5).rounded(.down))
        guard (1...max(1, rings)).contains(ring) else { continue }
        ringOfPlace[v * columns + u] = Int32(ring)
        placesInRing[ring] += SpectrumPlan.weight(u, width)
      }
    }
    self.ringOfPlace = ringOfPlace
    self.placesInRing = placesInRing
    lattice = SpectrumPlan.lattice(height, width, cells)
  }

  /// Whether an image has a lattice whose points can be told from their neighbours.
  package var hasLattice: Bool { !lattice.isEmpty }

  /// Whether an image of this size has such a lattice.
  static func hasLattice(height: Int, width: Int, cells: ImageSize) -> Bool {
    cells.height >= leastCells && cells.width >= leastCells && height % cells.height == 0 && width % cells.width == 0
  }

  /// Places that stand for two, for the mirrored half is left out.
  private static func weight(_ u: Int, _ width: Int) -> Double { u == 0 || 2 * u == width ? 1 : 2 }

  /// Multiples of one cycle per cell, down and across, but the constant.
  private static func lattice(_ height: Int, _ width: Int, _ cells: ImageSize?) -> [LatticePoint] {
    guard let cells, hasLattice(height: height, width: width, cells: cells) else { return [] }
    let columns = width / 2 + 1
    func index(_ v: Int, _ u: Int) -> Int {
      let (row, column) = ((v + height) % height, (u + width) % width)
      return column < columns ? row * columns + column : (height - row) % height * columns + width - column
    }
    var points: [LatticePoint] = []
    for v in stride(from: 0, to: height, by: cells.height) {
      for u in stride(from: 0, to: columns, by: cells.width) where v != 0 || u != 0 {
        let neighbors = [-2, 0, 2].flatMap { y in
          [-2, 0, 2].compactMap { x in x == 0 && y == 0 ? nil : index(v + y, u + x) }
        }
        points.append(LatticePoint(index: index(v, u), weight: weight(u, width), neighbors: neighbors))
      }
    }
    return points
  }

  // MARK: Into and out of the transform

  /// Luminance 0.299 R + 0.587 G + 0.114 B in 0 ... 1, less its mean under the window, times the window.
  ///
  /// - Parameter target: room for `height × width` numbers.
  func fill(_ target: UnsafeMutablePointer<Float>, with image: RGBPixels) {
    precondition(image.height == height && image.width == width, "an image of the plan's size")
    image.bytes.withUnsafeBufferPointer { bytes in
      var (sum, total) = (0.0, 0.0)
      for row in 0..<height {
        var (rowSum, rowTotal) = (Float(0), Float(0))
        for column in 0..<width {
          let index = row * width + column
          let luminance =
            (Float(bytes[3 * index]) * 0.299 + Float(bytes[3 * index + 1]) * 0.587 + Float(bytes[3 * index + 2]) * 0.114)
            * (1 / 255)
          target[index] = luminance
          rowSum += luminance * across[column]
          rowTotal += across[column]
        }
        sum += Double(rowSum * down[row])
        total += Double(rowTotal * down[row])
      }
      let mean = Float(total > 0 ? sum / total : 0)
      for row in 0..<height {
        for column in 0..<width {
          let index = row * width + column
          target[index] = (target[index] - mean) * (down[row] * across[column])
        }
      }
    }
  }

  /// Powers by ring and on the lattice of two spectra, complex numbers as real and imaginary part by turns.
  func measure(_ input: UnsafePointer<Float>, _ output: UnsafePointer<Float>) -> PairSpectrum {
    var result = PairSpectrum(rings: rings)
    var sums = [SIMD3<Double>](repeating: .zero, count: rings + 1)
    sums.withUnsafeMutableBufferPointer { sums in
      for v in 0..<height {
        for u in 0..<columns {
          let index = v * columns + u
          let ring = Int(ringOfPlace[index])
          guard ring > 0 else { continue }
          let (a, b) = (input[2 * index], input[2 * index + 1])
          let (c, d) = (output[2 * index], output[2 * index + 1])
          let powers = SIMD3(a * a + b * b, c * c + d * d, a * c + b * d)
          sums[ring] += SIMD3<Double>(powers) * SpectrumPlan.weight(u, width)
        }
      }
    }
    for ring in 1..<max(1, rings + 1) where placesInRing[ring] > 0 {
      let mean = sums[ring] / (placesInRing[ring] * windowPower)
      let (hasInput, hasOutput) = (mean.x >= SpectrumPlan.leastPower, mean.y >= SpectrumPlan.leastPower)
      result.input[ring - 1] = hasInput ? mean.x : 0
      result.output[ring - 1] = hasOutput ? mean.y : 0
      result.cross[ring - 1] = hasInput && hasOutput ? mean.z : 0
    }
    result.latticeInput = excess(input)
    result.latticeOutput = excess(output)
    return result
  }

  /// How far the power on the lattice lies above that beside it, in dB: the mean over lattice points of the logarithm's
  /// difference, in which a spectrum that falls evenly cancels. Powers count as ``leastPower`` at least; points are left out
  /// that have no more, nor any of their neighbours. nil without a lattice, or where all points are left out.
  private func excess(_ spectrum: UnsafePointer<Float>) -> Double? {
    func power(_ index: Int) -> Double {
      let (real, imaginary) = (Double(spectrum[2 * index]), Double(spectrum[2 * index + 1]))
      return max(SpectrumPlan.leastPower, (real * real + imaginary * imaginary) / windowPower)
    }
    var (sum, weights) = (0.0, 0.0)
    for point in lattice {
      let (own, beside) = (power(point.index), point.neighbors.map(power))
      guard own > SpectrumPlan.leastPower || beside.contains(where: { $0 > SpectrumPlan.leastPower }) else { continue }
      let difference = 10 * log10(own) - beside.reduce(0) { $0 + 10 * log10($1) } / 8
      sum += point.weight * difference
      weights += point.weight
    }
    return weights > 0 ? sum / weights : nil
  }
}

/// What is summed of an image's spectrum and its reconstruction's.
struct PairSpectrum: Sendable {
  /// By ring from 1 on: mean power of the two, and the real part of the mean of X R*, whose imaginary part vanishes over a
  /// whole ring.
  var input: [Double]
  var output: [Double]
  var cross: [Double]
  /// Power on the lattice above that beside it, in dB; nil where there is no lattice or no power.
  var latticeInput: Double?
  var latticeOutput: Double?

  init(rings: Int) {
    input = [Double](repeating: 0, count: rings)
    output = input
    cross = input
  }
}
