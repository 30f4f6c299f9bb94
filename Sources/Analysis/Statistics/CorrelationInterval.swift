import Foundation

/// The 95 % interval of a value in −1 … 1 from its standard error.
enum CorrelationInterval {
  static let confidence = 0.95

  /// tanh(artanh(value) ± t · error / (1 − value²)), t of n − 1 degrees of freedom: symmetric on Fisher's scale (1915), so that no
  /// end lies beyond 1.
  ///
  /// - Parameter images: over which the value and its error are taken.
  /// - Returns: nil where there is no error; the value alone where it is 1.
  static func interval(_ value: Double, error: Double, images: Int) -> (low: Double, high: Double)? {
    guard error.isFinite, error >= 0 else { return nil }
    let room = 1 - value * value
    guard room > 1e-12 else { return (value, value) }
    guard let deviate = StudentDistribution.quantile(central: confidence, degrees: images - 1) else { return nil }
    let (middle, half) = (atanh(value), deviate * error / room)
    return (min(value, tanh(middle - half)), max(value, tanh(middle + half)))
  }
}
