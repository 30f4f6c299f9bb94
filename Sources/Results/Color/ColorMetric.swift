/// The metrics of `color.csv`: the raw values are their keys. Each is also measured on shuffled pairs.
public enum ColorMetric: String, CaseIterable, Sendable, MetricKey {
  case relativeL2 = "relative_l2"
  case cosine
  case conditionCKA = "cka_debiased"

  public var definition: MetricDefinition {
    switch self {
    case .relativeL2:
      MetricDefinition(
        rawValue, title: "Relative L2 distance", range: 0...1,
        definition: "Distance of the features under the condition to the original's, over the norm of the original's.")
    case .cosine:
      MetricDefinition(
        rawValue, title: "Cosine", range: 0...1,
        definition: "Cosine of the features under the condition and the original's.")
    case .conditionCKA:
      MetricDefinition(
        rawValue, title: "CKA (debiased)", range: 0...1,
        definition: "Linear CKA, debiased, of the features of all images under the condition and the original's.",
        reference: "Kornblith, Norouzi, Lee and Hinton, ICML 2019; Song et al., JMLR 2012")
    }
  }
}

/// The statistics of `hue.csv`: the raw values are their keys in its column `statistic`.
public enum HueStatistic: String, CaseIterable, Sendable, MetricKey {
  /// The mean of the curve over the circle.
  case mean
  /// Of the first harmonic.
  case amplitude
  case phase
  /// Of the curve, cut off below 0, taken as a density on the circle.
  case circularMean = "circular_mean"
  case resultantLength = "resultant_length"
  /// Where the curve first falls below one half, turning forward, backward, and the mean of the two.
  case halfAngleForward = "half_angle_forward"
  case halfAngleBackward = "half_angle_backward"
  case halfAngle = "half_angle"

  /// What the identifiers of the statistics begin with, which as metrics of their own need a name that says of what.
  public static let identifierPrefix = "hue_"

  /// Unique among all metrics.
  public var identifier: String { Self.identifierPrefix + rawValue }

  public var definition: MetricDefinition {
    switch self {
    case .mean:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Mean similarity over the hue circle", axis: "Mean over hues",
        range: 0...1, definition: "Mean of the hue curve: 1 as similar as the original to itself, 0 as another image.")
    case .amplitude:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Amplitude of the first harmonic", axis: "First harmonic",
        definition: "Modulus of the first harmonic of the hue curve.")
    case .phase:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Phase of the first harmonic", unit: "degrees", axis: "Phase (°)",
        digits: 1, definition: "Argument of the first harmonic of the hue curve.")
    case .circularMean:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Circular mean", unit: "degrees", axis: "Circular mean (°)", digits: 1,
        definition: "Direction of the hue curve taken as a density on the circle.", reference: Self.directional)
    case .resultantLength:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Resultant length", range: 0...1,
        definition: "Concentration of the hue curve taken as a density: 0 where hue does not matter, 1 where only the "
          + "original hue is like it.", reference: Self.directional)
    case .halfAngleForward:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Turn that loses half, upwards", unit: "degrees",
        axis: "Half turn (°)",
        digits: 1, definition: "First turn of hue, upwards from 0°, at which half of the similarity is lost.")
    case .halfAngleBackward:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Turn that loses half, downwards", unit: "degrees",
        axis: "Half turn (°)", digits: 1,
        definition: "First turn of hue, downwards from 360°, at which half of the similarity is lost.")
    case .halfAngle:
      MetricDefinition(
        rawValue, identifier: identifier, title: "Turn that loses half", unit: "degrees", axis: "Half turn (°)",
        range: 0...180, digits: 1, definition: "Mean of the two turns of hue at which half of the similarity is lost.")
    }
  }

  private static let directional = "Mardia and Jupp, Directional Statistics, 2000"
}
