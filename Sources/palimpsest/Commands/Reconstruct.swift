import Activations
import ArgumentParser
import Backbones
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
      the activations and the pixels the model saw. With --features the activations \
      come from a store, also one of your own, and the model is not needed. \
      Interrupted at any instant, the same command goes on where it stopped.

        palimpsest reconstruct --model vit-base/ --inverse vit-inverse/ \\
            --images photos/ --out vit-back.h5
        palimpsest reconstruct --model vit-base/ --inverse vit-inverse/ \\
            --images photos/ --conditions red,gray --out vit-colors.h5
        palimpsest reconstruct --features vit.h5 --inverse vit-inverse/ \\
            --intermediate --teacher-forced --out vit-inside.h5
      """)

  @OptionGroup var source: ReconstructionSource
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
    _ = try options.keptWeights
    try LeadingBack.check(options, against: plan)
    var result: FillingResult
    let leading: LeadingBack
    if let features = source.features {
      (result, leading) = try StoreReconstruction(
        features: features, inverse: inverse, folder: folder, plan: plan, source: source, options: options,
        device: device, out: out, output: output
      ).run()
    } else {
      (result, leading) = try fromImages(folder, plan, device)
    }
    result.reconstructions = leading.names
    result.skipped = options.intermediate ? leading.unfitting + leading.absent : nil
    if options.teacherForced { result.joints = try JointSummary.all(of: FeatureStore(path: out)) }
    for summary in result.joints ?? [] { output.say("\n" + summary.table) }
    try output.summarize(result)
  }

  /// Runs the model, and leads back what it gives.
  private func fromImages(_ folder: InverseFolder, _ plan: TrainingPlan, _ device: Device) throws -> (
    FillingResult, LeadingBack
  ) {
    let model = try source.modelOptions()
    let kept = try options.keptWeights
    // All taps first: which are needed is known once the model is.
    let request = ExtractionRequest(
      model: model, images: try source.imageOptions(), store: try options.storeOptions(taps: ["all"], seed: plan.seed),
      device: device, out: out, command: CommandLine.arguments)
    var setup = try request.settle()
    try check(setup, against: plan)
    let inverses = try TrainedInverses(
      folder, for: setup.model.backbone, sha256: setup.model.checkpointSHA256, control: model.control ?? "none",
      kept: kept, device: device)
    let leading = try LeadingBack(
      inverses, backbone: setup.model.backbone, available: Set(setup.taps.map(\.name)), hasPixels: true,
      options: options, device: device)
    leading.report(to: output)
    setup.keep(taps: leading.taps)
    setup.plan.reconstructions = leading.names
    setup.plan.joints = leading.joints
    setup.plan.header.settings += try Reconstruct.settings(folder, plan, kept)
    var runner = ExtractionRunner(setup: setup, out: out, output: output, recheck: options.recheck)
    runner.label = "reconstruct"
    runner.reconstruct = { try leading($0, pixels: $1, validSizes: $2) }
    return (try runner.run(), leading)
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

  /// What the store records of the inverses.
  static func settings(_ folder: InverseFolder, _ plan: TrainingPlan, _ kept: InverseFolder.Kept) throws
    -> [StoreSetting]
  {
    [
      StoreSetting("inverse", "\(plan.mode.rawValue), \(kept.rawValue)"),
      StoreSetting("inverse_sha256", try folder.digest(plan, kept)),
    ]
  }
}

extension LeadingBack {
  /// Says once which layers are left out.
  func report(to output: OutputOptions) {
    if !unfitting.isEmpty {
      output.note("left out, because no inverse fits them: \(unfitting.joined(separator: ", "))")
    }
    if !absent.isEmpty {
      output.note("left out, because the store has them not: \(absent.joined(separator: ", "))")
    }
  }
}

extension ExtractionSetup {
  /// Keeps these of the taps alone, in order of depth.
  mutating func keep(taps wanted: [String]) {
    taps = taps.filter { wanted.contains($0.name) }
    plan.taps = plan.taps.filter { wanted.contains($0.name) }
  }
}
