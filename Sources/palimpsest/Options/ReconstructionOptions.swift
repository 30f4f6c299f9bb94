import ArgumentParser
import Imaging
import Inversion
import Pipelines
import Results

/// Where the activations come from: a model and images, or a store.
struct ReconstructionSource: ParsableArguments {
  @Option(help: ArgumentHelp(ModelOptions.accepted, valueName: "model"), completion: .directory)
  var model: String?

  @Option(help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(
    help: "The preprocessing of the training, where it shall be said again: native, exact or paper.")
  var preprocess: Preprocessing.Profile?

  @Option(
    help: ArgumentHelp(
      "The input size of the training, where it shall be said again, such as 224x224.", valueName: "WxH"))
  var size: String?

  @Option(
    help: ArgumentHelp("random-weights where the inverses were trained with it.", valueName: "control"))
  var control: ModelControl?

  @Option(
    help: ArgumentHelp("A folder of pictures: \(PictureFormat.listed("and")) files.", valueName: "dir"),
    completion: .directory)
  var images: String?

  @Option(
    help: ArgumentHelp(
      "A store with activations, of extract or written by h5py, instead of --model and --images.",
      valueName: "store.h5"), completion: .file(extensions: ["h5"]))
  var features: String?

  @OptionGroup var subset: SubsetOptions

  @Option(help: "Draws the images of --sample.")
  var seed = 0

  @OptionGroup var known: LabelOptions

  func validate() throws {
    guard features != nil else {
      for (flag, value) in [("--model", model), ("--images", images)] where value == nil {
        throw ValidationError("\(flag) is missing; give --model and --images, or --features STORE.h5")
      }
      return
    }
    let misplaced: [(flag: String, isGiven: Bool)] = [
      ("--images", images != nil), ("--limit", subset.limit != nil), ("--sample", subset.sample != nil),
      ("--labels", known.labels != nil), ("--classes", known.classes != nil),
      ("--annotations", known.annotations != nil), ("--preprocess", preprocess != nil), ("--size", size != nil),
    ]
    if let first = misplaced.first(where: \.isGiven) {
      throw ValidationError("\(first.flag) does not go with --features: a store has its own images, labels and sizes")
    }
  }

  /// As jobs take it.
  var source: ReconstructionJob.Source {
    get throws {
      let size = try Preprocessing.InputSize(option: size)
      let model = model.map {
        ModelSource($0, architecture: architecture, profile: preprocess ?? .native, size: size, control: control)
      }
      if let features { return .store(features, model) }
      return .images(known.files(images ?? "", subset, seed: seed), model ?? ModelSource(""))
    }
  }
}

/// What is reconstructed.
struct ReconstructionOptions: ParsableArguments {
  @Option(help: "Which weights of the inverses: the ones kept as the best, or the last.")
  var weights = InverseFolder.Kept.best

  @Flag(
    help: "Also push every layer inside a component through the inverses of the component's output and input.")
  var intermediate = false

  @Flag(
    help: "Also measure the error at every joint of chains started at every cut: what a module adds, what it inherits.")
  var teacherForced = false

  @OptionGroup var conditions: ConditionOptions
  @OptionGroup var rows: StorageOptions

  /// Sets what is reconstructed and how it is kept.
  func fill(_ job: inout ReconstructionJob) {
    job.weights = weights
    job.includesIntermediate = intermediate
    job.measuresJoints = teacherForced
    job.conditions = conditions.names
    job.region = conditions.region
    job.storage = rows.storage
    job.recheck = rows.recheck
  }
}
