import Foundation

/// The 95 % interval of a value in −1 … 1 from its standard error.
enum CorrelationInterval {
  /// tanh(artanh(value) ± t · error / (1 − value²)), t of the error's degrees of freedom: symmetric on Fisher's scale (1915), so
  /// that no end lies beyond 1.
  ///
  /// - Returns: the value alone where it is 1; nil where there is no interval.
  static func interval(_ value: Double, error: JackknifeError) -> (low: Double, high: Double)? {
    let room = 1 - value * value
    guard room > 1e-12 else { return (value, value) }
    guard let half = error.half else { return nil }
    let (middle, width) = (atanh(value), half / room)
    return (min(value, tanh(middle - width)), max(value, tanh(middle + width)))
  }
}
