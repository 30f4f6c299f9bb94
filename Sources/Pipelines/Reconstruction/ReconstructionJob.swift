import Activations
import Foundation
import Imaging
import Inversion
import Torch

/// Images reconstructed from the activations of every cut by trained inverses, into a store. A run that was interrupted goes on
/// where it stopped.
public struct ReconstructionJob: Sendable {
  /// Where the activations come from.
  public enum Source: Sendable {
    /// Images through a model.
    case images(ImageFiles, ModelSource)
    /// A store, of ``ExtractionJob`` or written otherwise; the model is not run. Only inverses of an earlier Palimpsest, which
    /// do not record how the model is built, need it even so.
    case store(String, ModelSource?)
  }

  public var source: Source
  /// The folder that training wrote.
  public var inverse: String
  /// The store to write.
  public var out: String
  public var weights = InverseFolder.Kept.best
  /// Also reconstruct from every layer inside a component, through the inverses of the component's output and input.
  public var includesIntermediate = false
  /// Also measure the error at every joint of chains started at every cut.
  public var measuresJoints = false
  /// Names of conditions: of images those beside `original`, of a store the ones to take (nil: all).
  public var conditions: [String]?
  /// Whether the model's profile of preprocessing was asked for, and must be the plan's; size and profile are the plan's
  /// otherwise.
  public var givesProfile = false
  /// Where conditions act on images: `objects` or `class:NAME` of the annotations.
  public var region: String?
  public var storage = RowStorage()
  /// Of a store that exists, check every row again and redo what does not fit its checksum.
  public var recheck = false
  public var device = Device.cpu
  /// CPU threads that read, convert and write; those that compute are `Runtime.threads`.
  public var threads = Host.cores
  /// Of these, how many decode images; nil leaves it to the machine.
  public var decoders: Int?
  /// The shards to make of the store; nil makes one file.
  public var shards: ShardWork?
  /// Which task of a job this process is, so that two of them do not make one store; nil where nothing started it.
  public var task: LaunchedTask?

  public init(_ source: Source, inverse: String, out: String) {
    self.source = source
    self.inverse = inverse
    self.out = out
  }

  /// Runs the job to its end.
  ///
  /// - Throws: ``BadInput`` and the errors of models, images, inverses and stores; ``Interrupted`` where it was cancelled.
  public func run(_ reporter: JobReporter = .silent) throws -> StoreRunSummary {
    try division.requirePlace()
    let plan = try plan()
    try check(against: plan)
    var summary: StoreRunSummary
    let reconstructor: Reconstructor
    switch source {
    case .images(let images, let model): (summary, reconstructor) = try run(images, model, plan, reporter)
    case .store(let path, let model): (summary, reconstructor) = try run(path, model, plan, reporter)
    }
    summary.reconstructions = reconstructor.names
    summary.skipped = includesIntermediate ? reconstructor.unfitting + reconstructor.absent : nil
    // Of shards others may be missing.
    if measuresJoints, shards == nil { summary.joints = try JointSummary.all(of: FeatureStore(path: out)) }
    return summary
  }

  /// What of the store this process makes.
  var division: StoreDivision { StoreDivision(out: out, shards: shards, task: task) }

  var folder: InverseFolder { InverseFolder(URL(fileURLWithPath: inverse)) }

  /// The plan of the inverses.
  ///
  /// - Throws: ``BadInput`` where the folder holds none.
  public func plan() throws -> TrainingPlan {
    guard let plan = try folder.plan() else {
      throw BadInput(
        "--inverse \(inverse): no inverse networks are here (no plan.json); give what palimpsest train wrote")
    }
    return plan
  }

  /// Checks what the plan alone forbids.
  ///
  /// - Throws: ``BadInput``.
  public func check(against plan: TrainingPlan) throws {
    guard measuresJoints else { return }
    guard !plan.mode.trainsChains else {
      throw BadInput(
        "--teacher-forced needs inverses of --mode modular: of --mode \(plan.mode.rawValue) each depth has a chain of its "
          + "own, trained on the image error alone, whose joints stand for no activation; leave --teacher-forced out")
    }
    guard !plan.inverse.leadsDirectly else {
      throw BadInput(
        "--teacher-forced: --inverse \(plan.inverse.rawValue) leads from every depth straight to the image, without joints; "
          + "leave --teacher-forced out")
    }
  }

  /// The extraction below a reconstruction from images: whole activations.
  ///
  /// - Parameters:
  ///   - taps: as ``ExtractionJob/taps``.
  ///   - seed: of the inverses' plan.
  /// - Throws: `ImagingError` where a condition is unknown.
  public func extraction(_ images: ImageFiles, _ model: ModelSource, taps: String = "all", seed: Int) throws
    -> ExtractionJob
  {
    var job = ExtractionJob(model: model, images: images, out: out)
    job.conditions = try ColorCondition.beside(original: conditions ?? [])
    job.region = region
    job.taps = taps
    job.storage = storage
    job.seed = seed
    job.recheck = recheck
    job.device = device
    job.threads = threads
    job.decoders = decoders
    job.shards = shards
    job.task = task
    return job
  }

  /// Runs the model, and reconstructs from what it gives.
  private func run(_ images: ImageFiles, _ model: ModelSource, _ plan: TrainingPlan, _ reporter: JobReporter) throws
    -> (StoreRunSummary, Reconstructor)
  {
    // All taps first: which are needed is known once the model is.
    var job = try extraction(images, model, seed: plan.seed)
    try images.requireFolder()
    let loaded = try model.load(device: device, seed: plan.seed, reporter)
    job.settledInput = try StoreCompatibility(inverse: inverse, plan: plan)
      .input(of: model, givesProfile: givesProfile, loaded)
    var extraction = try job.prepare(loaded)
    let inverses = try TrainedInverses(
      folder, for: extraction.model.backbone, sha256: extraction.model.checkpointSHA256, control: model.controlName,
      kept: weights, device: device)
    let reconstructor = try Reconstructor(
      inverses, backbone: extraction.model.backbone, available: Set(extraction.taps.map(\.name)), hasPixels: true,
      job: self)
    reconstructor.note(to: reporter)
    extraction.keep(taps: reconstructor.taps)
    extraction.plan.reconstructions = reconstructor.names
    extraction.plan.joints = reconstructor.joints
    extraction.plan.header.settings += try inverseSettings(plan)
    extraction.label = "reconstruct"
    extraction.reconstruct = { try reconstructor($0, pixels: $1, validSizes: $2) }
    return (try extraction.run(reporter), reconstructor)
  }

  /// What the store records of the inverses.
  func inverseSettings(_ plan: TrainingPlan) throws -> [StoreSetting] {
    [
      StoreSetting("inverse", "\(plan.mode.rawValue), \(weights.rawValue)"),
      StoreSetting("inverse_sha256", try folder.digest(plan, weights)),
    ]
  }
}
