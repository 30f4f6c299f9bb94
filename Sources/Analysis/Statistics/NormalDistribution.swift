import Foundation

/// The standard normal distribution.
public enum NormalDistribution {
  /// The share of it below `x`.
  public static func share(below x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// The number below which a share of it lies: Acklam's rational approximation and one step of Halley's method, which
  /// leaves the rounding of double precision.
  ///
  /// - Returns: nil where `share` is not between 0 and 1.
  public static func quantile(_ share: Double) -> Double? {
    guard share > 0, share < 1 else { return nil }
    let guess = share > 0.5 ? -lower(1 - share) : lower(share)
    let error = self.share(below: guess) - share
    let step = error * (2 * Double.pi).squareRoot() * exp(guess * guess / 2)
    return guess - step / (1 + guess * step / 2)
  }

  /// Acklam's approximation of the quantile, relative error 1.15e-9, for shares up to one half.
  private static func lower(_ share: Double) -> Double {
    func polynomial(_ coefficients: [Double], _ x: Double) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
    if share < 0.02425 {
      let root = (-2 * log(share)).squareRoot()
      let upper = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968,
        2.938163982698783,
      ]
      let under = [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1]
      return polynomial(upper, root) / polynomial(under, root)
    }
    let offset = share - 0.5
    let square = offset * offset
    let upper = [
      -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
      -3.066479806614716e+01, 2.506628277459239,
    ]
    let under = [
      -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
      -1.328068155288572e+01, 1,
    ]
    return polynomial(upper, square) * offset / polynomial(under, square)
  }
}
