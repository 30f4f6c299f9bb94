/// The metrics of `detail.csv`: the raw values are their keys.
public enum DetailMetric: String, CaseIterable, Sendable, MetricKey {
  /// Where coherence, and where the power ratio, falls below one half: in cycles per image and per patch.
  case cutoffCoherence = "cutoff_coherence"
  case cutoffCoherencePerPatch = "cutoff_coherence_per_patch"
  case cutoffPower = "cutoff_power"
  case cutoffPowerPerPatch = "cutoff_power_per_patch"
  /// Where the Fourier ring correlation falls below 0.5, and below 1/7, in cycles per image.
  case cutoffCorrelationHalf = "cutoff_frc_half"
  case cutoffCorrelationSeventh = "cutoff_frc_seventh"
  /// Power on the patch lattice above the power beside it, in dB, mean over images.
  case latticeInput = "lattice_excess_input"
  case latticeReconstruction = "lattice_excess_reconstruction"

  public var definition: MetricDefinition {
    switch self {
    case .cutoffCoherence:
      MetricDefinition(
        rawValue, title: "Cut-off of coherence", unit: "cycles per image", axis: "Cut-off (cycles/image)",
        better: .high,
        digits: 1, definition: "First spatial frequency at which the coherence of reconstruction and input is below ½.")
    case .cutoffCoherencePerPatch:
      MetricDefinition(
        rawValue, title: "Cut-off of coherence", unit: "cycles per patch", axis: "Cut-off (cycles/patch)",
        better: .high,
        definition: "The same in cycles per patch, ½ being the highest frequency that one number a token can hold.")
    case .cutoffPower:
      MetricDefinition(
        rawValue, title: "Cut-off of power", unit: "cycles per image", axis: "Cut-off (cycles/image)", better: .high,
        digits: 1,
        definition: "First spatial frequency at which the reconstruction has less than half of the input's power.")
    case .cutoffPowerPerPatch:
      MetricDefinition(
        rawValue, title: "Cut-off of power", unit: "cycles per patch", axis: "Cut-off (cycles/patch)", better: .high,
        definition: "The same in cycles per patch.")
    case .cutoffCorrelationHalf:
      MetricDefinition(
        rawValue, title: "Resolution at FRC 0.5", unit: "cycles per image", axis: "FRC < 0.5 (cycles/image)",
        better: .high, digits: 1,
        definition:
          "First spatial frequency at which the Fourier ring correlation of reconstruction and input, with its "
          + "sign, is below 0.5.", reference: Self.ringCorrelation)
    case .cutoffCorrelationSeventh:
      MetricDefinition(
        rawValue, title: "Resolution at FRC 1/7", unit: "cycles per image", axis: "FRC < 1/7 (cycles/image)",
        better: .high, digits: 1, definition: "The same with 1/7 (0.143).", reference: Self.ringCorrelation)
    case .latticeInput:
      MetricDefinition(
        rawValue, title: "Patch lattice in the input", unit: "dB", axis: "Lattice (dB)", digits: 2,
        definition: "Energy of the input on the lattice of patches above that beside it; 0 where nothing repeats.",
        isOfInput: true)
    case .latticeReconstruction:
      MetricDefinition(
        rawValue, title: "Patch lattice in the reconstruction", unit: "dB", axis: "Lattice (dB)", better: .low,
        digits: 2,
        definition: "The same of the reconstruction.")
    }
  }

  private static let ringCorrelation =
    "Saxton and Baumeister 1982; van Heel and Schatz 2005; 1/7: Rosenthal and Henderson 2003"
}

/// The analysis in the registry, to which its command and its section are added by conformances.
public enum DetailAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .detail }
}

extension AnalysisDefinition {
  /// `analyze detail`.
  public static let detail = AnalysisDefinition(
    name: "detail", title: "Detail", abstract: "Compare the spectra of reconstructions and inputs by radial frequency.",
    why: "up to which spatial frequency every depth still shows the image", sources: [.reconstructions],
    options: [
      .conditions, .taps, OptionDefinition("patch", count: CountRange.side, "side of a patch in pixels"), .intervals,
      .seed,
      .limit, .sample,
    ], tables: [.detail, .detailSpectrum], figures: ["spectra", "depth"], bench: .command, example: "vit-back.h5")
}

extension TableDefinition {
  public static let detail = TableDefinition(
    "detail.csv", row: "store, condition, tap and metric, over all images",
    columns: [.store, .condition, .tap, .metric] + .estimate, role: .main, metrics: DetailMetric.definitions)

  public static let detailSpectrum = TableDefinition(
    "detail_spectrum.csv", row: "store, condition, tap and frequency",
    columns: [
      .store, .condition, .tap, .frequency, .frequencyPerPatch, .powerInput, .powerReconstruction, .powerRatio,
      .coherence, .ringCorrelation, .count,
    ])
}
