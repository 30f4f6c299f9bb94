import Activations
import ArgumentParser
import Backbones
import Experiments
import Imaging
import Pipelines

/// How the rows of a store are kept.
struct StorageOptions: ParsableArguments {
  @Option(help: "The precision of the activations in the store.")
  var dtype = StorePrecision.float32

  @Option(
    help: ArgumentHelp("deflate:LEVEL is shuffle and deflate, which every HDF5 reads.", valueName: "compression"))
  var compression = StoreCompression.none

  @Option(help: "How many images are computed at once.")
  var batchSize = 8

  @Flag(help: "Of a store that exists, check every row again and redo what does not fit its checksum.")
  var recheck = false

  func validate() throws {
    try CountOptions.require([("batch-size", batchSize)], of: StepSettings.features)
  }

  /// As jobs take it.
  var storage: RowStorage { RowStorage(precision: dtype, compression: compression, batchSize: batchSize) }
}

/// What images are shown as.
struct ConditionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Colour conditions beside original, separated by commas: "
        + ColorCondition.forms.filter { $0 != ColorCondition.original.name }.joined(separator: ", ")
        + ".", valueName: "list"),
    completion: .list(ColorCondition.forms))
  var conditions: String?

  @Option(
    help: ArgumentHelp("Where conditions act: objects or class:NAME of the annotations.", valueName: "region"))
  var region: String?

  /// nil where none are named.
  var names: [String]? {
    conditions.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
  }
}

/// What the store keeps and how.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "all, stages, or names separated by commas; by name also inside blocks, such as block.3.attention.weights (inspect MODEL lists "
        + "them).", valueName: "taps"),
    completion: .list(["all", "stages"]))
  var taps = "all"

  @Option(help: "mean: of the tokens that are not prefix tokens; prefix: class and distillation.")
  var tokens = TokenSelection.all

  @OptionGroup var conditions: ConditionOptions
  @OptionGroup var rows: StorageOptions

  @Option(help: "Recorded in the store; draws --sample and the weights of --control random-weights.")
  var seed = 0

  /// Sets what the store keeps and how.
  func fill(_ job: inout ExtractionJob) throws {
    job.conditions = try ColorCondition.beside(original: conditions.names ?? [])
    job.region = conditions.region
    job.taps = taps
    job.tokens = tokens
    job.storage = rows.storage
    job.recheck = rows.recheck
    job.seed = seed
  }
}
