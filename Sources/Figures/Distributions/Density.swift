/// The density of a sample by Epanechnikov's kernel (1969): a polynomial, so that it has the same bytes on every system.
package struct Density {
  private let values: [Double]
  /// Half the width of the kernel.
  package let bandwidth: Double

  /// The width is Silverman's rule (1986, 3.31), 0.9 min(s, IQR / 1.34) n^(-1/5), times 2.214 for this kernel.
  package init(_ sample: DistributionFigure.Sample) {
    values = sample.values
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
    let spread = (sample.quantile(0.75) - sample.quantile(0.25)) / 1.34
    let deviation = variance.squareRoot()
    let width = spread > 0 ? min(deviation, spread) : deviation
    bandwidth = 0.9 * 2.214 * width / Self.fifthRoot(Double(max(1, sample.count)))
  }

  /// By Newton's method; error below 1e-12 of the root.
  static func fifthRoot(_ value: Double) -> Double {
    var root = max(1, value.squareRoot().squareRoot())
    for _ in 0..<40 {
      let fourth = root * root * root * root
      root -= (fourth * root - value) / (5 * fourth)
    }
    return root
  }

  /// At evenly spaced places from the least to the greatest value, over the greatest of them.
  func outline(_ steps: Int) -> [Double] {
    guard let low = values.first, let high = values.last, high > low else { return [] }
    let heights = (0...steps).map { at(low + (high - low) * Double($0) / Double(steps)) }
    let most = heights.max() ?? 1
    return heights.map { most > 0 ? $0 / most : 0 }
  }

  /// Not below 0; 1 everywhere where all values are one.
  package func at(_ value: Double) -> Double {
    guard bandwidth > 0 else { return 1 }
    return values.reduce(0) { sum, other in
      let u = (value - other) / bandwidth
      return sum + (u.magnitude < 1 ? 0.75 * (1 - u * u) : 0)
    } / (Double(values.count) * bandwidth)
  }
}
