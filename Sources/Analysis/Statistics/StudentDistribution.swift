import Foundation

/// Student's t distribution.
public enum StudentDistribution {
  /// The t for which the share of the distribution between −t and t is `share`, to the rounding of double precision.
  ///
  /// - Parameter degrees: of freedom, at least 1.
  /// - Returns: nil where `share` is not between 0 and 1 or there are no degrees of freedom.
  public static func quantile(central share: Double, degrees: Int) -> Double? {
    guard degrees >= 1 else { return nil }
    return quantile(central: share, degrees: Double(degrees)) { self.share(within: $0, degrees: degrees) }
  }

  /// The same for degrees of freedom that need not be a whole number, as estimates of them are (Satterthwaite 1946); within 1e-10.
  public static func quantile(central share: Double, degrees: Double) -> Double? {
    guard degrees.isFinite, degrees >= 1 else { return nil }
    if let whole = Int(exactly: degrees) { return quantile(central: share, degrees: whole) }
    return quantile(central: share, degrees: degrees) { self.share(within: $0, degrees: degrees) }
  }

  /// With t = √ν tan θ the share rises with θ: halving finds it.
  private static func quantile(central share: Double, degrees: Double, _ within: (Double) -> Double) -> Double? {
    guard share > 0, share < 1 else { return nil }
    var (low, high) = (0.0, Double.pi / 2)
    while true {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if within(middle) < share { low = middle } else { high = middle }
    }
    return degrees.squareRoot() * tan(low)
  }

  /// The share of the distribution between −t and t, t = √ν tan θ, a finite sum (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
  private static func share(within angle: Double, degrees: Int) -> Double {
    let square = cos(angle) * cos(angle)
    let isOdd = degrees % 2 == 1
    guard degrees > 1 else { return 2 / Double.pi * angle }
    // Σ of cos^k θ with the products (1·3·5…)/(2·4·6…), or of odd over even where ν is odd.
    var term = isOdd ? cos(angle) : 1
    var sum = term
    var power = isOdd ? 3 : 2
    while power <= degrees - 2 {
      term *= square * Double(power - 1) / Double(power)
      sum += term
      power += 2
    }
    return isOdd ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
  }

  /// The same for any ν: the regularised incomplete beta function of sin² θ with ½ and ν/2 (26.7.1 there).
  private static func share(within angle: Double, degrees: Double) -> Double {
    let (inside, outside) = (sin(angle) * sin(angle), cos(angle) * cos(angle))
    let (a, b) = (0.5, degrees / 2)
    let logarithm = lgamma(a + b).0 - lgamma(a).0 - lgamma(b).0 + a * log(inside) + b * log(outside)
    // The fraction converges fast on one side of the mean; the other side is the rest.
    return inside < (a + 1) / (a + b + 2)
      ? exp(logarithm) * betaFraction(inside, a, b) / a : 1 - exp(logarithm) * betaFraction(outside, b, a) / b
  }

  /// The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method.
  private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    func numerator(_ index: Int) -> Double {
      let m = Double(index / 2)
      return index % 2 == 0
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    }
    func away(_ number: Double) -> Double { abs(number) < 1e-300 ? 1e-300 : number }
    var (above, below) = (1.0, 0.0)
    var fraction = 1.0
    for index in 1...1000 {
      below = 1 / away(1 + numerator(index) * below)
      above = away(1 + numerator(index) / above)
      fraction *= above * below
      if abs(above * below - 1) < 1e-15 { break }
    }
    return 1 / fraction
  }
}
