import Foundation

/// The few functions of the C library that drawing needs, in one place.
enum SceneMath {
  static func sin(_ value: Double) -> Double { Foundation.sin(value) }
  static func cos(_ value: Double) -> Double { Foundation.cos(value) }
  static func atan2(_ y: Float, _ x: Float) -> Float { Foundation.atan2(y, x) }
  static func acos(_ value: Float) -> Float { Foundation.acos(max(-1, min(1, value))) }
  static func sin(_ value: Float) -> Float { Foundation.sin(value) }

  /// 0 below `low`, 1 above `high`, smooth between.
  static func smoothStep(_ low: Float, _ high: Float, _ value: Float) -> Float {
    let place = max(0, min(1, (value - low) / (high - low)))
    return place * place * (3 - 2 * place)
  }
}
