/// The metrics of `efficiency.csv`, what a training measured of itself: the raw values are their keys.
public enum EfficiencyMetric: String, CaseIterable, Sendable, MetricKey {
  case parameters
  case frozenOperationsPerImage = "frozen_operations_per_image"
  case trainingOperationsPerImage = "training_operations_per_image"
  case secondsPerStep = "seconds_per_step"
  case imagesPerSecond = "images_per_second"
  case peakResidentBytes = "peak_resident_bytes"
  case peakDeviceBytes = "peak_device_bytes"
  case steps
  case images
  case operations
  case trainingSeconds = "training_seconds"

  public var definition: MetricDefinition {
    switch self {
    case .parameters: cost("Parameters", definition: "Learned numbers.")
    case .frozenOperationsPerImage:
      cost("Frozen operations per image", definition: "Arithmetic operations of the frozen model for one image.")
    case .trainingOperationsPerImage:
      cost(
        "Training operations per image",
        definition: "Arithmetic operations for one image, forward and backward, as libtorch's dispatcher counts them.")
    case .secondsPerStep: cost("Seconds per step", unit: "s", definition: "Seconds of a step, mean over the steps.")
    case .imagesPerSecond:
      MetricDefinition(
        rawValue, title: "Images per second", unit: "images/s", better: .high,
        definition: "Images seen in a second of steps.")
    case .peakResidentBytes: cost("Peak resident bytes", unit: "bytes", definition: "Most memory of the process.")
    case .peakDeviceBytes: cost("Peak device bytes", unit: "bytes", definition: "Most memory of the device.")
    case .steps: cost("Steps", definition: "Steps of the whole training.")
    case .images: cost("Images", definition: "Images that the steps saw, repetitions counted.")
    case .operations: cost("Operations", definition: "Arithmetic operations of the whole training.")
    case .trainingSeconds:
      cost("Training seconds", unit: "s", definition: "Seconds of all steps, without validation and saving.")
    }
  }

  private func cost(_ title: String, unit: String? = nil, definition: String) -> MetricDefinition {
    MetricDefinition(rawValue, title: title, unit: unit, better: .low, definition: definition)
  }
}

/// What is held equal in `efficiency_equal.csv`.
public enum EfficiencyBudget: String, CaseIterable, Sendable {
  case time, images, operations

  /// Unit of what is spent.
  public var unit: String {
    switch self {
    case .time: "s"
    case .images: "images"
    case .operations: "operations"
    }
  }
}

extension AnalysisDefinition {
  /// `analyze efficiency`.
  public static let efficiency = AnalysisDefinition(
    name: "efficiency", title: "Efficiency of training",
    abstract: "Compare what trainings cost and what error they reach.",
    why: "what trainings cost, and the error they reach at equal cost", sources: [.inverses], grouping: .perModel,
    computes: false, options: [], tables: [.efficiency, .efficiencyCurves, .efficiencyEqual],
    figures: ["equal", "efficiency"],
    bench: .none(because: "it joins tables that trainings wrote, which takes milliseconds"),
    example: "modular/ end-to-end/")
}

extension TableDefinition {
  public static let efficiency = TableDefinition(
    "efficiency.csv", row: "training, module and metric",
    columns: [.run, .mode, .inverse, .module, .metric, .value, .unit], role: .main,
    metrics: EfficiencyMetric.definitions)

  public static let efficiencyCurves = TableDefinition(
    "efficiency_curves.csv", row: "training, epoch and cut: the error so far and what it took",
    columns: [
      .run, .mode, .inverse, .phase, .cut, .epoch, .step, .images, .operations, .seconds, .meanSquaredError,
      .peakSignalToNoise,
    ])

  public static let efficiencyEqual = TableDefinition(
    "efficiency_equal.csv", row: "budget, cut and training: the error reached within the budget",
    columns: [
      .budget, .limit, .unit, .cut, .run, .mode, .inverse, .spent, .epoch, .meanSquaredError, .peakSignalToNoise,
    ])
}
