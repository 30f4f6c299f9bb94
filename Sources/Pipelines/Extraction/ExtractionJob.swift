import Activations
import Backbones
import Foundation
import Imaging
import Torch

/// How the rows of a store are kept.
public struct RowStorage: Sendable, Equatable {
  public var precision: StorePrecision
  public var compression: StoreCompression
  /// How many images are computed, and how many rows are written, at once.
  public var batchSize: Int

  public init(precision: StorePrecision = .float32, compression: StoreCompression = .none, batchSize: Int = 8) {
    self.precision = precision
    self.compression = compression
    self.batchSize = batchSize
  }
}

/// Images through a model, activations into a feature store. A run that was interrupted goes on where it stopped and ends with
/// the same features.
public struct ExtractionJob: Sendable {
  public var model: ModelSource
  public var images: ImageFiles
  /// The feature store to write.
  public var out: String
  public var conditions = [ColorCondition.original]
  /// Where conditions act: `objects` or `class:NAME` of the annotations; nil for whole images.
  public var region: String?
  /// `all`, `stages`, or names separated by commas.
  public var taps = "all"
  public var tokens = TokenSelection.all
  public var storage = RowStorage()
  /// Recorded in the store; draws the weights of ``ModelControl/randomWeights``.
  public var seed = 0
  /// Of a store that exists, check every row again and redo what does not fit its checksum.
  public var recheck = false
  public var device = Device.cpu
  /// CPU threads that read, convert and write; those that compute are `Runtime.threads`.
  public var threads = Host.cores

  public init(model: ModelSource, images: ImageFiles, out: String) {
    self.model = model
    self.images = images
    self.out = out
  }

  /// Runs the job to its end.
  ///
  /// - Throws: ``BadInput`` and the errors of models, images and stores; ``Interrupted`` where it was cancelled.
  public func run(_ reporter: JobReporter = .silent) throws -> StoreRunSummary {
    try OutputPath.requireFile(out)
    return try prepare().run(reporter)
  }

  /// Checks the job, cheap things first, loads the model and lists the images.
  ///
  /// - Parameter known: the model, where it is loaded already.
  public func prepare(_ known: LoadedModel? = nil) throws -> PreparedExtraction {
    guard !model.path.isEmpty else { throw BadInput("--model is empty; give a folder or a .safetensors file") }
    try images.requireFolder()
    if region == nil, let masked = conditions.first(where: \.needsMask) {
      throw BadInput(
        "--conditions \(masked.name) acts on objects alone, so it needs masks; give --region objects with a COCO instances"
          + " JSON as --annotations")
    }
    var conditionRegion: ConditionRegion?
    var labels: Labels?
    if images.expected == nil {
      conditionRegion = try self.conditionRegion()
      labels = try images.labels.map { try Labels(contentsOf: URL(fileURLWithPath: $0)) }
    }
    let entries = try images.entries()
    let loaded = try known ?? model.load(device: device, seed: seed)
    let input = try images.input(model.preprocessing(of: loaded), entries)
    let available = try loaded.backbone.taps(height: input.size.height, width: input.size.width)
    let selected = try TapSelection.select(taps, from: available, components: loaded.backbone.components)
      .filter { tokens.reduce($0) != nil }
    guard !selected.isEmpty else {
      throw BadInput("--tokens prefix: none of the taps has class or distillation tokens; use all or mean")
    }
    let plan = StorePlan(
      header: try header(loaded, input.preprocessing),
      images: entries.map { StoreImage(path: $0.relativePath, label: labels?.label(of: $0.relativePath) ?? -1) },
      classes: labels?.classes ?? [], conditions: conditions.map(\.name),
      taps: selected.compactMap(tokens.reduce).map(StoreTap.init), precision: storage.precision,
      compression: storage.compression, inputSize: input.size, blockSize: storage.batchSize)
    return PreparedExtraction(
      job: self, model: loaded, input: input, entries: entries, region: conditionRegion, taps: selected, plan: plan)
  }

  private func header(_ loaded: LoadedModel, _ preprocessing: Preprocessing) throws -> StoreHeader {
    StoreHeader(
      model: loaded.name, family: loaded.backbone.family.rawValue, checkpointSHA256: loaded.checkpointSHA256,
      configuration: loaded.configurationText, preprocessing: try preprocessing.recorded(), createdBy: Version.text,
      createdAt: Host.timestamp, seed: seed,
      settings: [
        StoreSetting("tokens", tokens.rawValue), StoreSetting("control", model.controlName),
        StoreSetting("region", region ?? "image"), StoreSetting("device", device.kind.rawValue),
      ])
  }

  private func conditionRegion() throws -> ConditionRegion? {
    let annotations = try images.annotations.map { try COCOAnnotations(contentsOf: URL(fileURLWithPath: $0)) }
    guard let region else { return nil }
    guard conditions.count > 1 else {
      throw BadInput(
        "--region \(region) restricts colour conditions, but there is none; give --conditions, such as red")
    }
    guard let annotations else {
      throw BadInput("--region \(region) needs masks; give a COCO instances JSON with --annotations")
    }
    return try ConditionRegion(region, annotations: annotations)
  }
}

extension StoreTap {
  /// A model's tap as a store keeps it.
  init(_ tap: Tap) {
    self.init(
      name: tap.name, tokens: tap.tokens, channels: tap.channels, grid: tap.grid, prefixTokens: tap.prefixTokens)
  }
}
