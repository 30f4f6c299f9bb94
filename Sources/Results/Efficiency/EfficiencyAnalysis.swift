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

  /// The unit of its values, as the tables have it.
  public var unit: String {
    switch self {
    case .parameters, .steps, .images: "count"
    case .frozenOperationsPerImage, .trainingOperationsPerImage, .operations: "operations"
    case .secondsPerStep, .trainingSeconds: "s"
    case .imagesPerSecond: "images/s"
    case .peakResidentBytes, .peakDeviceBytes: "bytes"
    }
  }

  public var definition: MetricDefinition {
    switch self {
    case .parameters: cost("Parameters", "Learned numbers.")
    case .frozenOperationsPerImage:
      cost("Frozen operations per image", "Arithmetic operations of the frozen model for one image.")
    case .trainingOperationsPerImage:
      cost(
        "Training operations per image",
        "Arithmetic operations for one image, forward and backward, as libtorch's dispatcher counts them.")
    case .secondsPerStep: cost("Seconds per step", "Seconds of a step, mean over the steps.")
    case .imagesPerSecond: cost("Images per second", better: .high, "Images seen in a second of steps.")
    case .peakResidentBytes: cost("Peak resident bytes", "Most memory of the process.")
    case .peakDeviceBytes: cost("Peak device bytes", "Most memory of the device.")
    case .steps: cost("Steps", "Steps of the whole training.")
    case .images: cost("Images", "Images that the steps saw, repetitions counted.")
    case .operations: cost("Operations", "Arithmetic operations of the whole training.")
    case .trainingSeconds: cost("Training seconds", "Seconds of all steps, without validation and saving.")
    }
  }

  private func cost(_ title: String, better: MetricDefinition.Better = .low, _ definition: String) -> MetricDefinition {
    MetricDefinition(rawValue, title: title, unit: unit, better: better, definition: definition)
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

/// The analysis in the registry, to which its command and its section are added by conformances.
public enum EfficiencyAnalysis: RegisteredAnalysis {
  public static var definition: AnalysisDefinition { .efficiency }
}

extension AnalysisDefinition {
  /// `analyze efficiency`.
  public static let efficiency = AnalysisDefinition(
    name: "efficiency", title: "Efficiency of training",
    abstract: "Compare what trainings cost and what error they reach.",
    why: "what trainings cost, and the error they reach at equal cost", sources: [.inverses], grouping: .perModel,
    computes: false, options: [],
    tables: [.efficiency, .efficiencyCurves, .efficiencyHistory, .efficiencyEqual, .efficiencyTest],
    figures: ["equal", "training", "efficiency"],
    bench: .none(because: "it joins tables that trainings wrote, which takes milliseconds"),
    example: "modular/ end-to-end/")
}

extension TableDefinition {
  public static let efficiency = TableDefinition(
    "efficiency.csv", row: "training, module and metric",
    columns: [
      .run, .mode, .inverse, .module, .metric, .value, .unit, .device, .threads, .checkpoint, .heldOut,
    ], role: .main,
    metrics: EfficiencyMetric.definitions)

  public static let efficiencyCurves = TableDefinition(
    "efficiency_curves.csv", row: "training, epoch and cut: the error so far and what it took",
    columns: [
      .run, .mode, .inverse, .phase, .cut, .epoch, .step, .images, .operations, .seconds, .meanSquaredError,
      .peakSignalToNoise,
    ])

  public static let efficiencyHistory = TableDefinition(
    "efficiency_history.csv", row: "training, finished epoch, module and split: the loss",
    columns: [.run, .mode, .inverse, .phase, .module, .split, .epoch, .step, .seconds, .loss])

  public static let efficiencyEqual = TableDefinition(
    "efficiency_equal.csv", row: "budget, cut and training: the error reached within the budget",
    columns: [
      .budget, .limit, .unit, .cut, .run, .mode, .inverse, .spent, .epoch, .meanSquaredError, .peakSignalToNoise,
    ])

  public static let efficiencyTest = TableDefinition(
    "efficiency_test.csv",
    row: "training and cut: the error of images that neither trained nor chose; `low` and `high` of `psnr`",
    columns: [
      .run, .mode, .inverse, .cut, .count, .meanSquaredError, .peakSignalToNoise, .low, .high, .heldOut, .tested,
    ])
}
