import ArgumentParser
import Inversion

/// Where the activations come from: a model and images, or a store.
struct ReconstructionSource: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A folder with config.json and model.safetensors (timm or transformers), or a bare .safetensors file.",
      valueName: "model"))
  var model: String?

  @Option(name: .long, help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(name: .long, help: "native follows the checkpoint's own preprocessing, paper stretches without a crop.")
  var preprocess: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Another input size, such as 640x480; native keeps DETR's rule (shorter side 800).", valueName: "WxH"))
  var size: String?

  @Option(
    name: .long,
    help: ArgumentHelp("random-weights where the inverses were trained with it.", valueName: "control"))
  var control: String?

  @Option(name: .long, help: ArgumentHelp("A folder of JPEG and PNG files.", valueName: "dir"))
  var images: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A store with activations, of extract or written by h5py, instead of --model and --images.",
      valueName: "store.h5"))
  var features: String?

  @Option(name: .long, help: ArgumentHelp("Take the first so many images only.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("A CSV with the columns path,label.", valueName: "file"))
  var labels: String?

  @Option(name: .long, help: ArgumentHelp("A COCO instances JSON: classes, boxes, masks.", valueName: "file"))
  var annotations: String?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give at least 1") }
    guard features != nil else {
      if model == nil { throw ValidationError("--model is missing; give --model and --images, or --features STORE.h5") }
      if images == nil {
        throw ValidationError("--images is missing; give --model and --images, or --features STORE.h5")
      }
      return
    }
    let misplaced = [
      ("--images", images), ("--limit", limit.map { "\($0)" }), ("--labels", labels), ("--annotations", annotations),
      ("--preprocess", preprocess), ("--size", size),
    ]
    if let first = misplaced.first(where: { $0.1 != nil }) {
      throw ValidationError("\(first.0) does not go with --features: a store has its own images, labels and sizes")
    }
  }

  /// The model's options as `extract` takes them.
  func modelOptions() throws -> ModelOptions {
    var options = try ModelOptions.parse(["--model", model ?? ""])
    options.architecture = architecture
    options.preprocess = preprocess ?? options.preprocess
    options.size = size
    options.control = control
    return options
  }

  /// The images' options as `extract` takes them.
  func imageOptions() throws -> ImageOptions {
    var options = try ImageOptions.parse(["--images", images ?? ""])
    options.limit = limit
    options.labels = labels
    options.annotations = annotations
    return options
  }
}

/// What is led back, and how it is kept.
struct ReconstructionOptions: ParsableArguments {
  @Option(name: .long, help: "best (by validation loss) or last.")
  var weights = InverseFolder.Kept.best.rawValue

  @Flag(
    name: .long,
    help: "Also push every layer inside a component through the inverses of the component's output and input.")
  var intermediate = false

  @Flag(
    name: .long,
    help: "Also measure the error at every joint of chains started at every cut: what a module adds, what it inherits.")
  var teacherForced = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Colour conditions beside original, as extract takes them; with --features, of the conditions in the store.",
      valueName: "list"))
  var conditions: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Where conditions act: objects or class:NAME of the annotations.", valueName: "region"))
  var region: String?

  @Option(name: .long, help: "float32 or float16, for the activations in the store.")
  var dtype = "float32"

  @Option(name: .long, help: "none, deflate or deflate:LEVEL (shuffle and deflate, which every HDF5 reads).")
  var compression = "none"

  @Option(name: .long, help: "How many images go through model and inverses at once.")
  var batchSize = 8

  @Flag(name: .long, help: "Of a store that exists, check every row again and redo what does not fit its checksum.")
  var recheck = false

  func validate() throws {
    if batchSize < 1 || batchSize > 65_536 {
      throw ValidationError("--batch-size is \(batchSize); give 1 to 65536")
    }
  }

  var keptWeights: InverseFolder.Kept {
    get throws {
      guard let kept = InverseFolder.Kept(rawValue: weights) else {
        throw BadInput("--weights is '\(weights)'; give best or last")
      }
      return kept
    }
  }

  /// As the extraction takes them: whole activations.
  func storeOptions(taps: [String], seed: Int) throws -> StoreOptions {
    var store = try StoreOptions.parse([])
    store.taps = taps.joined(separator: ",")
    store.dtype = dtype
    store.conditions = conditions
    store.region = region
    store.compression = compression
    store.batchSize = batchSize
    store.seed = seed
    return store
  }
}
