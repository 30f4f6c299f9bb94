/// The analysis in the registry, to which its command and its section are added by conformances.
public enum ColorAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .color }
}

extension AnalysisDefinition {
  /// `analyze color`.
  public static let color = AnalysisDefinition(
    name: "color", title: "Colour",
    abstract: "Compare features and reconstructions under colour conditions with the original's.",
    why: "what a change of colour does to every layer, and what of it comes back",
    sources: [.features, .reconstructions], needsConditions: true, annotations: .optional,
    options: [.conditions, .taps, .bootstrap, .seed, .limit, .sample],
    tables: [.color, .colorImages, .hue, .recovery, .recoveryImages], figures: ["hue", "shares", "depth"],
    bench: .command, example: "vit-back.h5")
}

extension TableDefinition {
  public static let color = TableDefinition(
    "color.csv", row: "store, condition, tap and metric: the mean over images",
    columns: [.store, .condition, .tap, .metric] + .estimate, role: .main, metrics: ColorMetric.definitions,
    hasShuffled: true)

  public static let colorImages = TableDefinition(
    "color_images.csv", row: "image, condition, tap and metric",
    columns: [.store, .condition, .tap, .path, .metric, .value], isPerImage: true, exportReason: perImage(color),
    metrics: [ColorMetric.relativeL2, .cosine].map(\.definition), hasShuffled: true)

  public static let hue = TableDefinition(
    "hue.csv", row: "store, tap, metric of `color.csv` and statistic of its hue curve",
    columns: [.store, .tap, .metric, .statistic] + .estimate, metrics: HueStatistic.definitions)

  public static let recovery = TableDefinition(
    "recovery.csv", row: "store, condition, tap, region and metric: the mean over images",
    columns: [.store, .condition, .tap, .region, .metric] + .estimate, metrics: RecoveryMetric.definitions,
    hasShuffled: true)

  public static let recoveryImages = TableDefinition(
    "recovery_images.csv", row: "reconstruction, region and metric",
    columns: [.store, .condition, .tap, .path, .region, .metric, .value], isPerImage: true,
    exportReason: perImage(recovery), metrics: RecoveryMetric.definitions)
}
