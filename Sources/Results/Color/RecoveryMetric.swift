/// The metrics of `recovery.csv`, of the colour of reconstructions: the raw values are their keys.
public enum RecoveryMetric: String, CaseIterable, Sendable, MetricKey {
  /// Mean ΔE₀₀ of the changed input to the original one, and of the reconstructions of the two.
  case changeInput = "change_input"
  case changeReconstruction = "change_reconstruction"
  /// Mean ΔE₀₀ of the changed image's reconstruction to the changed input, to the original input, and to its own grey.
  case toShown = "ciede2000_to_shown"
  case toOriginal = "ciede2000_to_original"
  case toGray = "ciede2000_to_gray"
  /// Of the changed image's reconstruction to the changed input: mean metric hue difference ΔH*, mean hue angle in degrees
  /// weighted by chroma, mean difference of chroma and of lightness, and the ratio of the mean chromas.
  case hueDifference = "hue_difference"
  case hueAngle = "hue_angle"
  case chromaDifference = "chroma_difference"
  case lightnessDifference = "lightness_difference"
  case chromaRatio = "chroma_ratio"
  /// The share of the input's change of colour that the reconstruction changes by.
  case carried
  /// The reconstruction's colour as a sum of the shown and of the usual (original) one, what is neither, and how well the sum
  /// describes it.
  case shown, usual, other, fit

  /// Whether all images have one value together, see docs/definitions.md: a figure of one image is what it adds to it.
  public var isShared: Bool { isShare || self == .fit }

  /// Whether the metric is a share, beside which stands what other images' reconstructions score, with
  /// ``MetricDefinition/shuffledSuffix``.
  public var isShare: Bool {
    switch self {
    case .carried, .shown, .usual, .other: true
    default: false
    }
  }

  public var definition: MetricDefinition {
    switch self {
    case .changeInput:
      MetricDefinition(
        rawValue, title: "Change input",
        definition: "Mean ΔE₀₀ of the input under the condition to the original: how much changed.",
        reference: Self.ciede)
    case .changeReconstruction:
      MetricDefinition(
        rawValue, title: "Change reconstruction",
        definition: "Mean ΔE₀₀ of the two reconstructions: how much of the change shows.", reference: Self.ciede)
    case .toShown:
      MetricDefinition(
        rawValue, title: "CIEDE2000 to what was shown", axis: "ΔE₀₀ to shown", better: .low, digits: 2,
        definition: "Mean ΔE₀₀ of the reconstruction to the input under the condition.", reference: Self.ciede)
    case .toOriginal:
      MetricDefinition(
        rawValue, title: "CIEDE2000 to the original", axis: "ΔE₀₀ to original", digits: 2,
        definition: "Mean ΔE₀₀ of the reconstruction to the original input.", reference: Self.ciede)
    case .toGray:
      MetricDefinition(
        rawValue, title: "CIEDE2000 to grey", axis: "ΔE₀₀ to grey", digits: 2,
        definition: "Mean ΔE₀₀ of the reconstruction to its own grey.", reference: Self.ciede)
    case .hueDifference:
      MetricDefinition(
        rawValue, title: "Hue difference", definition: "Mean ΔH* of the reconstruction and what was shown, in CIELAB.")
    case .hueAngle:
      MetricDefinition(
        rawValue, title: "Hue angle",
        definition: "Mean angle in degrees between the hues of the two, weighted by chroma.")
    case .chromaDifference:
      MetricDefinition(
        rawValue, title: "Chroma difference", definition: "Mean C* of the reconstruction less that of what was shown.")
    case .lightnessDifference:
      MetricDefinition(
        rawValue, title: "Lightness difference",
        definition: "Mean L* of the reconstruction less that of what was shown.")
    case .chromaRatio:
      MetricDefinition(
        rawValue, title: "Chroma ratio",
        definition: "Chroma of the reconstruction over that of what was shown, of sums.")
    case .carried:
      MetricDefinition(
        rawValue, title: "Share of the change of colour that comes back", axis: "Share carried", digits: 2,
        definition:
          "The share of the input's change of colour by which the reconstruction changes, each less its mean over the "
          + "images: 1 carried through, 0 nothing of it.")
    case .shown:
      MetricDefinition(
        rawValue, title: "Share of the shown colour", axis: "Share as shown", digits: 2,
        definition:
          "Weight of the shown colour in the reconstruction's, by least squares over the pixels of all images, "
          + "each colour less its mean over the images.")
    case .usual:
      MetricDefinition(
        rawValue, title: "Share of the original colour", axis: "Share as original", digits: 2,
        definition: "Weight of the original colour in the reconstruction's, by the same least squares.")
    case .other:
      MetricDefinition(
        rawValue, title: "Share of other colour", axis: "Share other", digits: 2,
        definition:
          "What is left: 1 less the shares of the shown and of the original colour. 1 for a reconstruction that "
          + "is grey, or has colour that is not the image's.")
    case .fit:
      MetricDefinition(
        rawValue, title: "Fit of the shares of colour", axis: "R² of the shares", range: 0...1, digits: 2,
        definition: "R² of the least squares: how much of the reconstruction's colour the shown and the original one "
          + "describe.")
    }
  }

  private static let ciede = "Luo, Cui and Rigg, Color Research & Application 2001"
}

/// Which pixels the metrics of `recovery.csv` are of.
public enum RecoveryRegion: String, CaseIterable, Sendable {
  /// All that is picture.
  case image
  /// The pixels of all objects together, a ring around them, and what is neither.
  case object, ring, background
}
