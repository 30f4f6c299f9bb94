import Figures
import Results

/// A metric's values in sentences and tables.
extension MetricDefinition {
  func number(_ value: Double) -> String { Numbers.fixed(value, digits: digits) }

  /// "24.13 [23.80, 24.46]", without the brackets where there is no interval.
  func text(_ row: EstimateTable.Row) -> String {
    guard let value = row.value else { return "no value" }
    return text(value, low: row.low, high: row.high)
  }

  func text(_ value: Double, low: Double?, high: Double?) -> String {
    guard let low, let high else { return number(value) }
    return "\(number(value)) [\(number(low)), \(number(high))]"
  }
}
