import Activations
import ArgumentParser
import Backbones
import Crypto
import Foundation
import Imaging
import Inversion
import Torch

/// `palimpsest reconstruct`: images back from every depth.
struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lead the activations of every cut back to images.",
    discussion: """
      Each image goes through the model; from each cut that train made, the chain of \
      inverses leads its activations back to pixels, which the store keeps beside \
      the activations and the pixels the model saw. Interrupted at any instant, the \
      same command goes on where it stopped.

        palimpsest reconstruct --model vit-base/ --inverse vit-inverse/ \\
            --images photos/ --out vit-back.h5
        palimpsest reconstruct --model vit-base/ --inverse vit-inverse/ \\
            --images photos/ --conditions red,gray --out vit-colors.h5
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var images: ImageOptions
  @OptionGroup var options: ReconstructionOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("What train wrote for this model.", valueName: "dir"))
  var inverse: String

  @Option(name: .long, help: ArgumentHelp("The store to write.", valueName: "store.h5"))
  var out: String

  func run() throws {
    let device = try compute.prepare()
    try OutputPath.requireFile(out)
    let folder = InverseFolder(URL(fileURLWithPath: inverse))
    guard let plan = try folder.plan() else {
      throw BadInput(
        "--inverse \(inverse): no inverse networks are here (no plan.json); give what palimpsest train wrote")
    }
    let kept = try options.keptWeights
    let store = try options.storeOptions(taps: plan.cuts.flatMap(InversionChain.taps(of:)), seed: plan.seed)
    var setup = try ExtractionRequest(
      model: model, images: images, store: store, device: device, out: out, command: CommandLine.arguments
    ).settle()
    try check(setup, against: plan)
    let inverses = try TrainedInverses(
      folder, for: setup.model.backbone, sha256: setup.model.checkpointSHA256, control: model.control ?? "none",
      kept: kept, device: device)
    setup.plan.reconstructions = plan.cuts
    setup.plan.header.settings += [
      StoreSetting("inverse", "\(plan.mode.rawValue), \(kept.rawValue)"),
      StoreSetting("inverse_sha256", try folder.digest(plan, kept)),
    ]
    var runner = ExtractionRunner(setup: setup, out: out, output: output, recheck: options.recheck)
    runner.label = "reconstruct"
    let size = setup.inputSize
    runner.reconstruct = { features, validSizes in
      let isPadded = validSizes.contains { $0 != size }
      return try withoutGradients {
        try plan.cuts.map { cut in
          let chain = try inverses.chain(from: cut)
          let context = try chain.context(
            height: size.height, width: size.width, validSizes: isPadded ? validSizes : nil, scale: plan.scale,
            isTraining: false)
          let activation = try InversionChain.activation(at: cut, from: features).to(device)
          return try plan.scale.bytes(chain.invert(activation, from: cut, context: context)).to(.cpu).contiguous()
        }
      }
    }
    try output.summarize(runner.run())
  }

  /// The inverses know pixels of one size and one normalisation.
  private func check(_ setup: ExtractionSetup, against plan: TrainingPlan) throws {
    guard setup.inputSize == (plan.height, plan.width) else {
      throw BadInput(
        "--inverse \(inverse) was trained for inputs of \(plan.width)x\(plan.height), but these are "
          + "\(setup.inputSize.width)x\(setup.inputSize.height); give --size \(plan.width)x\(plan.height)")
    }
    guard try ModelOptions.text(of: setup.preprocessing) == plan.preprocessing else {
      throw BadInput(
        "--inverse \(inverse) was trained with another preprocessing; give the --preprocess and the --size of that command"
      )
    }
  }
}

/// What is led back, and how it is kept.
struct ReconstructionOptions: ParsableArguments {
  @Option(name: .long, help: "best (by validation loss) or last.")
  var weights = InverseFolder.Kept.best.rawValue

  @Option(
    name: .long,
    help: ArgumentHelp("Colour conditions beside original, as extract takes them.", valueName: "list"))
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

  /// As the extraction takes them: whole activations at the cuts.
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
