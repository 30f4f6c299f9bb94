/// The analysis in the registry, to which its command and its section are added by conformances.
public enum QualityAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .quality }
}

extension AnalysisDefinition {
  /// `analyze quality`.
  public static let quality = AnalysisDefinition(
    name: "quality", title: "Quality of reconstructions",
    abstract: "Measure reconstructions against the inputs that they are of.",
    why: "how much of each image is left at every depth, and what the model makes of it", sources: [.reconstructions],
    takesModels: true, takesJoints: true,
    options: [
      OptionDefinition(
        "metrics", .choices(QualityMetric.allCases.map { ValueForm($0.rawValue) }, orAll: true), "which metrics"),
      .conditions, .taps,
      OptionDefinition("lpips", .file, "weights of LPIPS, as scripts/lpips_weights.py writes them"),
      OptionDefinition("confidence", .number, "the probability above which a detector's query counts as an object"),
      .bootstrap,
      OptionDefinition(
        "interval", .choice(IntervalMethod.allCases.map(\.rawValue)),
        "method of the intervals of means; always hall's of up to \(IntervalMethod.fewImages) images"),
      OptionDefinition(
        "permutations", count: 1...CountRange.permutations.upperBound,
        "random sign flips for the p-values of differences between stores"),
      OptionDefinition(
        "correction", .choice(MultipleComparisons.allCases.map(\.rawValue)),
        "correction of p-values for the number of comparisons of one metric"),
      .seed, .limit, .sample,
    ], tables: [.quality, .qualityImages, .qualityDifferences, .joints, .jointSpectra],
    figures: [
      "depth", "differences", "forest", "distribution", "joints", "joint-spectra", "scatter", "reconstructions",
      "errors", "conditions",
    ], bench: .command,
    example: "vit-back.h5")
}

extension TableDefinition {
  public static let quality = TableDefinition(
    "quality.csv", row: "store, condition, tap and metric: the mean over images",
    columns: [.store, .condition, .tap, .metric] + .estimate, role: .main,
    metrics: QualityMetric.definitions + PeakSignalSummary.definitions)

  public static let qualityImages = TableDefinition(
    "quality_images.csv", row: "reconstruction and metric",
    columns: [.store, .condition, .tap, .path, .metric, .value],
    isPerImage: true, metrics: QualityMetric.definitions)

  public static let qualityDifferences = TableDefinition(
    "quality_differences.csv", row: "pair of stores, condition, pair of taps and metric: the paired difference",
    columns: [
      .storeA, .storeB, .condition, .match, .tap, .tapB, .metric, .count, .difference, .low, .high, .pValue,
      .adjustedPValue, .effectSize, .rankBiserial,
    ], metrics: QualityMetric.definitions)
}
