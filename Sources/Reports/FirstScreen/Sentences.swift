import Figures
import Results

/// Parts that sentences have in common.
enum Sentences {
  /// "a, b and c".
  static func list(_ parts: [String], _ conjunction: String = "and") -> String {
    guard parts.count > 1, let last = parts.last else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }

  static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  /// "one", "two" … "ten", and digits from there on.
  static func count(_ number: Int) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return words.indices.contains(number) ? words[number] : Numbers.grouped(number)
  }

  /// "96 images", "8 to 96 images"; nil where none is known.
  static func images(_ counts: [Int]) -> String? {
    guard let low = counts.min(), let high = counts.max() else { return nil }
    let text = low == high ? Numbers.grouped(high) : "\(Numbers.grouped(low)) to \(Numbers.grouped(high))"
    return "\(text) \(high == 1 ? "image" : "images")"
  }

  /// A value as a metric prints it, with its unit where that is short: "25.9 dB", "0.83", "86 %".
  static func value(_ value: Double, of metric: MetricDefinition) -> String {
    if isPercent(metric) { return percent(value) }
    let digits = metric.digits > 2 ? 2 : metric.unit == "dB" ? 1 : metric.digits
    let unit = metric.unit.map { $0.count <= 2 ? "\u{00A0}\($0)" : " \($0)" } ?? ""
    return Numbers.fixed(value, digits: digits) + unit
  }

  /// Whether a metric is a share of images, which people read in percent.
  private static func isPercent(_ metric: MetricDefinition) -> Bool {
    metric.key == QualityMetric.top1Agreement.rawValue
  }

  static func percent(_ share: Double) -> String { Numbers.fixed(share * 100, digits: 0) + "\u{00A0}%" }

  /// How far the 95 % intervals of some rows reach from their values, and over how many images:
  /// "The 95 % intervals reach at most 0.4 dB from these values, over 96 images."
  static func intervals(_ rows: [EstimateTable.Row], of metric: MetricDefinition) -> String {
    let counts = images(rows.compactMap(\.count)).map { ", over \($0)" } ?? ""
    let reaches = rows.compactMap { row -> Double? in
      guard let value = row.value, let low = row.low, let high = row.high else { return nil }
      return max(value - low, high - value)
    }
    guard let widest = reaches.max() else {
      return "No intervals were computed\(counts): how far these values would move with other images is not known."
    }
    let isPercent = isPercent(metric)
    let distance = isPercent ? "\(Numbers.fixed(widest * 100, digits: 0)) points" : value(widest, of: metric)
    let reach = widest == 0 ? "have no width" : "reach at most \(distance) from these values"
    let some = reaches.count < rows.count ? " (\(count(rows.count - reaches.count)) of the values have none)" : ""
    let fewest = rows.compactMap(\.count).min() ?? IntervalMethod.fewImages
    let rare =
      fewest < IntervalMethod.fewImages
      ? " They know nothing of what happens to one image in \(IntervalMethod.unseen(amongImages: fewest)) or fewer."
      : ""
    return "The 95\u{00A0}% intervals \(reach)\(some)\(counts).\(rare)"
  }
}
