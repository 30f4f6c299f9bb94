/// The standard error of a figure that pairs of images make up, by the jackknife over images (Quenouille 1956; Tukey 1958), and
/// how well it is known. Formulas and how often its intervals hold the true value: docs/definitions.md, *Intervals of similarity*.
package struct JackknifeError: Sendable, Equatable {
  package let error: Double
  /// Of Student's t; need not be a whole number.
  package let degrees: Double
  /// Of what single images add to the figure, without its bias, as much of it as they make of the variance; 0 for fewer than three.
  let skewness: Double
  private let images: Int

  /// Of the variance of pairs alone, as a share: s² is at least that.
  static let leastPairs = 0.5
  /// What (s²/J)² counts at least.
  static let leastShare = 0.4

  /// With J = (n − 1)/n · Σ_i (T_i − T̄)², T_i the figure without image i,
  ///
  ///     s² = max(J − excess, ½ pairs)
  ///     ν  = (n − 1)/(1 + tail · g) · max(0.4, (s²/J)²),   at most (n − 1)/(1 + tail · g)
  ///
  /// g the excess kurtosis of the T_i, at least 0: heavy tails, or few directions, say that few of the T_i count.
  ///
  /// - Parameters:
  ///   - powers: Σ_i d_i, Σ d_i², Σ d_i³, Σ d_i⁴ with d_i = T_i − c, c any number near them.
  ///   - excess: what J holds too much of, because it counts what two images say only together more than once (Efron and Stein 1981).
  ///   - pairs: the variance of that part.
  ///   - images: n, at least 4.
  ///   - tail: how much the kurtosis counts: ½ is what it is for J itself, more where the figure follows its sums less closely.
  /// - Returns: nil where a number is not finite.
  package init?(powers: [Double], excess: Double, pairs: Double, images: Int, tail: Double = 0.5) {
    self.images = images
    let n = Double(images)
    guard images >= 4, excess.isFinite, pairs.isFinite, powers.allSatisfy(\.isFinite) else { return nil }
    let (mean, square, cube, fourth) = (powers[0] / n, powers[1] / n, powers[2] / n, powers[3] / n)
    let variance = max(0, square - mean * mean)
    let all = (n - 1) * variance
    let squared = max(all - excess, JackknifeError.leastPairs * pairs, 0)
    error = squared.squareRoot()
    guard variance > 0 else {
      (degrees, skewness) = (n - 1, 0)
      return
    }
    let moment = fourth - 4 * mean * cube + 6 * mean * mean * square - 3 * mean * mean * mean * mean
    let kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (moment / (variance * variance) - 3) + 6)
    let share = squared / all
    degrees = max(
      1, (n - 1) / (1 + tail * max(0, kurtosis)) * min(1, max(JackknifeError.leastShare, share * share)))
    // What an image adds is n T − (n − 1) T_i: its skewness is that of the T_i with the other sign.
    let cubes = cube - 3 * mean * square + 2 * mean * mean * mean
    let single = max(0, 1 - excess / all)
    skewness =
      -(n * (n - 1)).squareRoot() / (n - 2) * cubes / (variance * variance.squareRoot()) * single * single.squareRoot()
  }

  /// The interval on the scale on which the studentised figure has no skewness, as ``SkewedMeanInterval``, of a figure that is nearly a mean
  /// of what single images add to it.
  ///
  /// - Parameter limit: the most degrees of freedom.
  func skewedInterval(around value: Double, limit: Int) -> (low: Double, high: Double)? {
    StudentDistribution.quantile(central: 0.95, degrees: min(degrees, Double(max(1, limit)))).map {
      SkewedMeanInterval.interval(
        around: value, deviation: error * Double(images).squareRoot(), skewness: skewness, images: images, deviate: $0)
    }
  }

  /// value ± t · error, t of ``degrees``.
  func interval(around value: Double) -> (low: Double, high: Double)? {
    half.map { (value - $0, value + $0) }
  }

  /// t · error, t the 97.5th percentile of Student's t.
  package var half: Double? { StudentDistribution.quantile(central: 0.95, degrees: degrees).map { $0 * error } }
}
