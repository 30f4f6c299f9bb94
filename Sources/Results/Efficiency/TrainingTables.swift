/// What `train` writes into its folder beside the weights; `analyze efficiency` joins it.
extension TableDefinition {
  public static let trainingHistory = TableDefinition(
    "history.csv", row: "finished epoch, module and split: the loss",
    columns: [.epoch, .step, .module, .split, .loss, .seconds],
    exportReason: "\(efficiencyHistory.file) has those of all trainings")

  public static let trainingCurves = TableDefinition(
    "curves.csv", row: "finished epoch and cut: the error so far and what it took",
    columns: [.epoch, .step, .images, .operations, .seconds, .cut, .meanSquaredError, .peakSignalToNoise],
    exportReason: "\(efficiencyCurves.file) has those of all trainings")

  public static let trainingEfficiency = TableDefinition(
    efficiency.file, row: "module and metric: what the training measured of itself",
    columns: [.module, .metric, .value, .unit],
    exportReason: "\(efficiency.file) of the analysis has those of all trainings",
    metrics: EfficiencyMetric.definitions)

  public static let trainingImages = TableDefinition(
    "images.csv", row: "image that the training was given", columns: [.split, .path, .sha256],
    exportReason: "it tells whether a command that goes on has the same images")

  public static let trainingTest = TableDefinition(
    "test.csv",
    row: "cut: the error of images that neither trained nor chose, with the best weights; `low` and `high` of `psnr`",
    columns: [.cut, .count, .meanSquaredError, .peakSignalToNoise, .low, .high],
    exportReason: "\(efficiencyTest.file) has those of all trainings")

  public static let trainingTestImages = TableDefinition(
    "test_images.csv", row: "test image and cut",
    columns: [.path, .sha256, .cut, .meanSquaredError, .peakSignalToNoise],
    isPerImage: true, exportReason: perImage(trainingTest))

  /// All of them, in the folder of one training.
  public static let ofTraining = [
    trainingHistory, trainingCurves, trainingEfficiency, trainingImages, trainingTest, trainingTestImages,
  ]
}

extension EfficiencyMetric {
  /// What stands for the whole run in the column of modules.
  public static let wholeRun = "all"
}
