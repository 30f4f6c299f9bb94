import Formats

/// Tick marks at round values.
public struct Ticks: Sendable, Equatable {
  public let values: [Double]
  /// From one to the next; 0 where there is one only.
  public let step: Double
  /// Decimals that tell the values apart.
  public let digits: Int

  /// There are never more, whatever the arithmetic on very large numbers gives.
  static let most = 1000

  /// About `count` ticks at multiples of 1, 2, 2.5 or 5 times a power of ten inside `range`; one tick where the range
  /// is a single value.
  public init(in range: ClosedRange<Double>, count: Int) {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite, count > 0 else {
      values = [range.lowerBound]
      step = 0
      digits = 2
      return
    }
    var power = 1.0
    var exponent = 0
    while power * 10 <= span / Double(count) {
      power *= 10
      exponent += 1
    }
    while power > span / Double(count) {
      power /= 10
      exponent -= 1
    }
    var best = (step: power, extraDigit: 0, miss: Double.infinity)
    for (factor, extraDigit) in [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0), (10.0, -1)] {
      let miss = (span / (power * factor) - Double(count)).magnitude
      if miss < best.miss - 1e-9 { best = (power * factor, extraDigit, miss) }
    }
    let first = (range.lowerBound / best.step - 1e-9).rounded(.up)
    let last = (range.upperBound / best.step + 1e-9).rounded(.down)
    values =
      last < first
      ? [range.lowerBound]
      : (0...min(Ticks.most, Int(saturating: last - first))).map { (first + Double($0)) * best.step }
    step = values.count > 1 ? best.step : 0
    digits = max(0, min(9, -exponent + best.extraDigit))
  }

  /// The labels of the ticks, all with the same decimals.
  public var labels: [String] { values.map { Numbers.fixed($0, digits: digits) } }
}
