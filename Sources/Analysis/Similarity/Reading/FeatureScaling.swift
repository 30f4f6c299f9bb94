import Formats
import Foundation

/// What becomes of the columns of a tap before they are compared: large numbers clamped, columns brought to one variance.
struct FeatureScaling: Sendable {
  /// The quantile of ∣x∣ of an image above which numbers are clamped; nil for no clamping.
  let clip: Double?
  /// Whether every column is brought to mean 0 and variance 1.
  let standardizes: Bool

  /// Whether it changes nothing.
  var isNone: Bool { clip == nil && !standardizes }

  /// The quantile of ∣x∣ of one image, as `torch.quantile` interpolates it.
  func quantile(_ row: UnsafeBufferPointer<Double>) -> Double? {
    clip.flatMap { Quantile.linear(row.map(abs), $0) }
  }

  /// Changes some columns of all images in place.
  ///
  /// - Parameters:
  ///   - slab: `[images, columns]`, row-major.
  ///   - bound: numbers are clamped to −bound … bound; nil where they are not.
  ///   - subtracted: what was subtracted from each column before; nil where nothing was.
  /// - Returns: what is subtracted from each column now, and how many columns are the same for all images and stay 0.
  func apply(
    to slab: UnsafeMutablePointer<Float>, images: Int, columns: Int, bound: Double?, subtracted: [Double]?
  ) -> (subtracted: [Double]?, constant: Int) {
    let shared = SharedPointer(slab)
    if let bound {
      inParallel(images) { image in
        let row = shared.pointer + image * columns
        for column in 0..<columns {
          let offset = subtracted?[column] ?? 0
          row[column] = Float(min(bound, max(-bound, Double(row[column]) + offset)) - offset)
        }
      }
    }
    guard standardizes else { return (subtracted, 0) }
    let ranges = pieces(of: 0..<columns, size: 256)
    let constant = Buffer<Int>(ranges.count)
    inParallel(ranges.count) { piece in
      constant.pointer[piece] = FeatureScaling.standardize(shared.pointer, images, columns, ranges[piece])
    }
    return (nil, constant.values.reduce(0, +))
  }

  /// Columns to mean 0 and variance 1, those that are the same for all images to 0.
  ///
  /// - Returns: how many of them are the same for all images.
  private static func standardize(
    _ slab: UnsafeMutablePointer<Float>, _ images: Int, _ columns: Int, _ range: Range<Int>
  ) -> Int {
    var sums = [Double](repeating: 0, count: range.count)
    var squares = sums
    // Counted from the first image, so that a common offset costs no digits.
    for image in 0..<images {
      for column in range {
        sums[column - range.lowerBound] += Double(slab[image * columns + column]) - Double(slab[column])
      }
    }
    let means = range.map { Double(slab[$0]) + sums[$0 - range.lowerBound] / Double(images) }
    var isConstant = [Bool](repeating: true, count: range.count)
    for image in 0..<images {
      for column in range {
        let index = column - range.lowerBound
        let difference = Double(slab[image * columns + column]) - means[index]
        squares[index] += difference * difference
        if slab[image * columns + column] != slab[column] { isConstant[index] = false }
      }
    }
    let scales = squares.map { $0 > 0 ? 1 / ($0 / Double(images)).squareRoot() : 0 }
    for image in 0..<images {
      for column in range {
        let index = column - range.lowerBound
        let position = image * columns + column
        slab[position] = isConstant[index] ? 0 : Float((Double(slab[position]) - means[index]) * scales[index])
      }
    }
    return isConstant.count { $0 }
  }
}
