import Formats

/// Logarithm and angles without a mathematics library, so that a figure has the same bytes on every system.
enum Elementary {
  /// The decimal logarithm of a positive, finite number; error below 1e-14.
  static func log10(_ value: Double) -> Double {
    precondition(value > 0 && value.isFinite, "logarithms are of positive numbers")
    var significand = value.significand
    var exponent = Double(value.exponent)
    if significand > 1.414_213_562_373_095_1 {
      significand /= 2
      exponent += 1
    }
    // ln m = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1), |s| ≤ 0.172.
    let s = (significand - 1) / (significand + 1)
    var power = s
    var sum = 0.0
    for odd in stride(from: 1.0, through: 21, by: 2) {
      sum += power / odd
      power *= s * s
    }
    return (2 * sum + exponent * 0.693_147_180_559_945_3) / 2.302_585_092_994_045_9
  }

  /// Ten to a whole power.
  static func powerOfTen(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<exponent.magnitude { power *= 10 }
    return exponent < 0 ? 1 / power : power
  }

  /// Sine and cosine of an angle in degrees; error below 1e-12.
  static func direction(degrees: Double) -> (sine: Double, cosine: Double) {
    // To the nearest eighth of a turn, where the series are short.
    let turned = (degrees / 45).rounded()
    let rest = (degrees - turned * 45) * Double.pi / 180
    let square = rest * rest
    var sine = 0.0
    var cosine = 0.0
    for term in stride(from: 14.0, through: 2, by: -2) {
      sine = (1 + sine) * -square / (term * (term + 1))
      cosine = (1 + cosine) * -square / (term * (term - 1))
    }
    sine = (1 + sine) * rest
    cosine += 1
    var eighth = Int(saturating: turned.truncatingRemainder(dividingBy: 8))
    if eighth < 0 { eighth += 8 }
    let half = 0.5.squareRoot()
    for _ in 0..<eighth { (sine, cosine) = (half * (sine + cosine), half * (cosine - sine)) }
    return (sine, cosine)
  }
}
