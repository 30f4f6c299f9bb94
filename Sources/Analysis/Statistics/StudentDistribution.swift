import Foundation

/// Student's t distribution with a whole number of degrees of freedom.
public enum StudentDistribution {
  /// The t for which the share of the distribution between −t and t is `share`, to the rounding of double precision.
  ///
  /// - Parameter degrees: of freedom, at least 1.
  /// - Returns: nil where `share` is not between 0 and 1 or there are no degrees of freedom.
  public static func quantile(central share: Double, degrees: Int) -> Double? {
    guard share > 0, share < 1, degrees >= 1 else { return nil }
    // With t = √ν tan θ the share is a finite sum that rises with θ: halving finds it.
    var (low, high) = (0.0, Double.pi / 2)
    while true {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if self.share(within: middle, degrees: degrees) < share { low = middle } else { high = middle }
    }
    return Double(degrees).squareRoot() * tan(low)
  }

  /// The share of the distribution between −t and t, t = √ν tan θ (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
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
}
