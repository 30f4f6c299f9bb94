import Foundation

/// A metric of a results table: what it is called, how it is read, and what it means.
///
/// The formulas are in docs/definitions.md; the keys themselves are the raw values of the metric enumerations of each analysis.
public struct MetricDefinition: Sendable, Equatable {
  /// Which values are the better ones.
  public enum Better: String, Sendable { case high, low, none }

  /// As in the table.
  public let key: String
  /// Unique among all metrics: the key, with the analysis' prefix where two tables use the same word for different things.
  public let identifier: String
  /// As in headings and sentences, without the unit.
  public let title: String
  /// As written behind the title; nil for numbers without one.
  public let unit: String?
  /// Short enough for the axis of a small panel.
  public let axisTitle: String
  public let better: Better
  /// What an axis shows at least; nil for what the values span.
  public let range: ClosedRange<Double>?
  /// Digits behind the decimal point in tables and sentences.
  public let digits: Int
  /// What it is, in one or two sentences.
  public let definition: String
  /// Whether it says something of the inputs alone, whatever came back of them: it is the same at every tap, and drawn over depth
  /// only where it is not (patches of other sizes).
  public let isOfInput: Bool
  /// Who defined it; nil where it is Palimpsest's own or needs no source.
  public let reference: String?

  public init(
    _ key: String, identifier: String? = nil, title: String, unit: String? = nil, axis: String? = nil,
    better: Better = .none, range: ClosedRange<Double>? = nil, digits: Int = 3, definition: String,
    isOfInput: Bool = false, reference: String? = nil
  ) {
    self.key = key
    self.identifier = identifier ?? key
    self.title = title
    self.unit = unit
    axisTitle = axis ?? unit.map { "\(title) (\($0))" } ?? title
    self.better = better
    self.range = range
    self.digits = digits
    self.definition = definition
    self.isOfInput = isOfInput
    self.reference = reference
  }

  /// The title with its unit, "PSNR (dB)".
  public var label: String { unit.map { "\(title) (\($0))" } ?? title }

  /// Whether `first` is better than `second`; false where neither high nor low is better.
  public func isBetter(_ first: Double, than second: Double) -> Bool {
    switch better {
    case .high: first > second
    case .low: first < second
    case .none: false
    }
  }

  // MARK: Baselines

  /// What the name of a metric ends with that was measured on shuffled pairs or labels.
  public static let shuffledSuffix = "_shuffled"

  /// The metric without ``shuffledSuffix``; nil for a name without it.
  public static func unshuffled(_ name: String) -> String? {
    name.hasSuffix(shuffledSuffix) ? String(name.dropLast(shuffledSuffix.count)) : nil
  }

  /// The baseline of the metric, which has no better or worse.
  public var shuffled: MetricDefinition {
    MetricDefinition(
      key + Self.shuffledSuffix, identifier: identifier + Self.shuffledSuffix, title: title + ", shuffled",
      range: range,
      digits: digits, definition: "The same of shuffled pairs or labels: what it is worth where nothing is kept.",
      reference: reference)
  }

  // MARK: By name

  /// A metric by its identifier; one that is not known goes by that name and has no better or worse.
  ///
  /// - Parameter definitions: the analyses whose metrics are known.
  public static func named(_ name: String, among definitions: [AnalysisDefinition] = AnalysisDefinition.all)
    -> MetricDefinition
  {
    for definition in definitions {
      for table in definition.tables { for metric in table.metrics where metric.identifier == name { return metric } }
    }
    if let base = unshuffled(name) { return named(base, among: definitions).shuffled }
    let words = name.replacing("_", with: " ")
    return MetricDefinition(name, title: words.prefix(1).uppercased() + words.dropFirst(), definition: "")
  }
}

/// The metrics of one table as an enumeration: its raw values are the keys in the table.
public protocol MetricKey: RawRepresentable, CaseIterable, Sendable where RawValue == String {
  var definition: MetricDefinition { get }
}

extension MetricKey {
  /// Of every case, in order.
  public static var definitions: [MetricDefinition] { allCases.map(\.definition) }
}
