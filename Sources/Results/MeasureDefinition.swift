/// A measure of similarity between two representations: its names, its estimators, and how the methods text describes it.
public struct MeasureDefinition: Sendable, Equatable {
  /// As in the tables and on the command line.
  public let key: String
  /// Within a sentence: "linear CKA".
  public let name: String
  /// Short name of the quantity, for sentences with numbers: "CKA".
  public let quantity: String
  /// What can estimate it, the default first.
  public let estimators: [SimilarityEstimator]
  /// One or two sentences for a methods section.
  public let method: String
  public let reference: String
  /// The values that a scale shows.
  public let range: ClosedRange<Double>
  /// The value of two representations that agree: one end of the range.
  public let agreement: Double

  public init(
    _ key: String, name: String, quantity: String, estimators: [SimilarityEstimator], method: String, reference: String,
    range: ClosedRange<Double> = 0...1, agreement: Double = 1
  ) {
    self.key = key
    self.name = name
    self.quantity = quantity
    self.estimators = estimators
    self.method = method
    self.reference = reference
    self.range = range
    self.agreement = agreement
  }

  /// Whether two representations are the more alike the lower its value is.
  public var isDistance: Bool { agreement < range.upperBound }

  /// A value, or its negative, so that more is more alike; applied twice it is the value again.
  public func likeness(_ value: Double) -> Double { isDistance ? -value : value }

  /// As a heading: "Linear CKA".
  public var title: String { name.prefix(1).uppercased() + name.dropFirst() }

  /// A measure by its key; nil for one that is not known.
  public static func named(_ key: String) -> MeasureDefinition? { SimilarityMeasure(rawValue: key)?.definition }
}

/// An estimator of a measure: its name and how the methods text describes it.
public struct EstimatorDefinition: Sendable, Equatable {
  /// As in the tables and on the command line.
  public let key: String
  /// As a heading: "Debiased".
  public let title: String
  /// One or two sentences for a methods section.
  public let method: String
  public let reference: String
  /// Why it has no interval, as what follows a colon; nil where it has one.
  public let withoutInterval: String?

  public init(_ key: String, title: String, method: String, reference: String, withoutInterval: String? = nil) {
    self.key = key
    self.title = title
    self.method = method
    self.reference = reference
    self.withoutInterval = withoutInterval
  }

  /// An estimator by its key; nil for one that is not known.
  public static func named(_ key: String) -> EstimatorDefinition? { SimilarityEstimator(rawValue: key)?.definition }
}
