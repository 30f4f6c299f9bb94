import Foundation

/// The 95 % interval of a mean of figures that need not be symmetric: errors are skewed.
///
/// Student's interval on the scale on which the studentised mean has no skewness (Hall 1992). Formulas, why their constants
/// are what they are, and how often the interval holds the true mean: docs/definitions.md, *Intervals*.
package enum SkewedMeanInterval {
  /// Fewer figures have no skewness to speak of; their interval is Student's own.
  private static let fewest = 3
  /// Where half of the figures or more are the least or the greatest one, so many must differ from it.
  package static let fewestBesideOne = 5

  /// With U = (x̄ − μ)/s, γ the skewness of the sample and t Student's with n − 1 degrees of freedom,
  ///
  ///     U + γ U²/3 + γ² U³/27 + γ/(6n)   is distributed as   t/√n   up to terms of order 1/n
  ///
  /// and is solved for μ. At the end on the side of the long tail γ (1 + |γ|/√n) stands for γ, but γ itself where several figures
  /// are the least or the greatest one (no error at all, an empty mask): no sample makes the skewness of such figures too small.
  /// At the other end γ/2 stands for it.
  ///
  /// - Parameter sample: finite figures, in any order.
  /// - Returns: nil for fewer than two, and where nearly all are the least or the greatest one: what the others are like is not known then.
  package static func interval(_ sample: [Double]) -> (low: Double, high: Double)? {
    guard let deviate = StudentDistribution.quantile(central: 0.95, degrees: sample.count - 1), varies(sample) else {
      return nil
    }
    let same = atEnd(sample)
    let n = Double(sample.count)
    let mean = sample.reduce(0, +) / n
    let deviation = (sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
    guard deviation > 0 else { return nil }
    return interval(
      around: mean, deviation: deviation, skewness: skewness(sample, mean: mean, deviation: deviation),
      images: sample.count, deviate: deviate, growth: same > 1 ? 0 : 1)
  }

  /// Whether the figures say how far they scatter: not where half of them or more are the least or the greatest one, and fewer than
  /// ``fewestBesideOne`` are not.
  package static func varies(_ sample: [Double]) -> Bool {
    let same = atEnd(sample)
    return same <= 1 || 2 * same < sample.count || sample.count - same >= fewestBesideOne
  }

  /// How many figures are the least one, or the greatest one if those are more.
  private static func atEnd(_ sample: [Double]) -> Int {
    let (least, greatest) = (sample.min(), sample.max())
    return max(sample.count { $0 == least }, sample.count { $0 == greatest })
  }

  /// The same from what is known of the figures.
  ///
  /// - Parameters:
  ///   - deviation: of one figure; that of the mean times √n.
  ///   - deviate: of Student's t.
  ///   - growth: how much more the skewness counts at the end on the side of the long tail, as a multiple of |γ|/√n.
  static func interval(
    around mean: Double, deviation: Double, skewness: Double, images: Int, deviate: Double, growth: Double = 1
  ) -> (low: Double, high: Double) {
    let n = Double(images)
    let (short, long) = (skewness / 2, skewness * (1 + growth * abs(skewness) / n.squareRoot()))
    let reach = deviate / n.squareRoot()
    let (below, above) = skewness < 0 ? (long, short) : (short, long)
    return (
      mean - deviation * untransformed(reach, skewness: below, n),
      mean - deviation * untransformed(-reach, skewness: above, n)
    )
  }

  /// Of the sample, without its bias (Fisher's G₁).
  private static func skewness(_ sample: [Double], mean: Double, deviation: Double) -> Double {
    guard sample.count >= fewest else { return 0 }
    let n = Double(sample.count)
    let cubes = sample.reduce(0.0) { sum, value in
      let scaled = (value - mean) / deviation
      return sum + scaled * scaled * scaled
    }
    return cubes * n / ((n - 1) * (n - 2))
  }

  /// The U at which the transformed one is `value`: 3 ((1 + γ (value − γ/(6n)))^⅓ − 1)/γ, without a difference of nearly equal numbers.
  private static func untransformed(_ value: Double, skewness: Double, _ n: Double) -> Double {
    let shifted = value - skewness / (6 * n)
    let root = cbrt(1 + skewness * shifted)
    return 3 * shifted / (root * root + root + 1)
  }
}
