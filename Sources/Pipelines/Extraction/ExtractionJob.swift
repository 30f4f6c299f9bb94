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
  /// `all`, `stages`, or names separated by commas; those inside blocks, such as `block.3.attention.q`, by their names alone.
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
  /// Of these, how many decode images; nil leaves it to the machine.
  public var decoders: Int?
  /// The shards to make of the store; nil makes one file.
  public var shards: ShardWork?
  /// Which task of a job this process is, so that two of them do not make one store; nil where nothing started it.
  public var task: LaunchedTask?

  /// How images become input where inverses say it; nil asks the model's checkpoint.
  var settledInput: ModelInput?

  public init(model: ModelSource, images: ImageFiles, out: String) {
    self.model = model
    self.images = images
    self.out = out
  }

  /// Runs the job to its end.
  ///
  /// - Throws: ``BadInput`` and the errors of models, images and stores; ``Interrupted`` where it was cancelled.
  public func run(_ reporter: JobReporter = .silent) throws -> StoreRunSummary {
    try division.requirePlace()
    return try prepare(reporter: reporter).run(reporter)
  }

  /// What of the store this process makes.
  var division: StoreDivision { StoreDivision(out: out, shards: shards, task: task) }

  /// Checks the job, cheap things first, loads the model and lists the images.
  ///
  /// - Parameter known: the model, where it is loaded already.
  public func prepare(_ known: LoadedModel? = nil, reporter: JobReporter = .silent) throws -> PreparedExtraction {
    guard !model.path.isEmpty else { throw BadInput("--model is empty; give a folder or a .safetensors file") }
    try images.requireFolder()
    if region == nil, let masked = conditions.first(where: \.needsMask) {
      throw BadInput(
        "--conditions \(masked.name) acts on objects alone, so it needs masks; give --region objects with a COCO instances"
          + " JSON as --annotations")
    }
    let listing = try images.listing()
    let entries = listing.entries
    var conditionRegion: ConditionRegion?
    var labels = ImageLabels(none: entries.count)
    var notes = listing.sentences
    if images.expected == nil {
      let annotations = try images.annotations.map { try COCOAnnotations(contentsOf: URL(fileURLWithPath: $0)) }
      conditionRegion = try self.conditionRegion(annotations, entries)
      switch images.labels {
      case .folders: labels = try ImageLabels(listing, of: images.folder)
      case .file(let file): labels = try ImageLabels(file, entries)
      case nil:
        if let annotations, let file = images.annotations {
          labels = ImageLabels(annotations, file: file, entries)
        } else {
          labels = ImageLabels(index: listing)
        }
      }
      if let file = images.classNames { try labels.name(by: file) }
      try requirePictures(of: labels, annotations, entries, reporter)
      for sentence in annotations?.notes ?? [] { notes.append("\(images.annotations ?? ""): \(sentence)") }
      notes += labels.notes
    }
    let loaded = try known ?? model.load(device: device, seed: seed, reporter)
    let input =
      try settledInput.map { try images.fitting($0, entries) }
      ?? images.input(model.preprocessing(of: loaded), entries)
    let available = try loaded.taps(height: input.size.height, width: input.size.width)
    let inside = try loaded.insideTaps(height: input.size.height, width: input.size.width)
    let wanted = try TapSelection.select(
      taps, from: available, inside: inside, components: loaded.backbone.components)
    try requireWeights(wanted, input)
    let selected = wanted.filter { tokens.reduce($0) != nil }
    guard !selected.isEmpty else {
      throw BadInput("--tokens prefix: none of the taps has class or distillation tokens; use all or mean")
    }
    notes += loaded.notes.map { "\(loaded.name): \($0)" }
    if settledInput == nil, let note = loaded.preprocessingNote { notes.append(note) }
    let plan = StorePlan(
      header: try header(loaded, input.preprocessing, index: listing.index, notes: notes),
      images: zip(entries, labels.labels).map { StoreImage(path: $0.relativePath, label: $1) },
      classes: labels.classes, conditions: conditions.map(\.name),
      taps: StoreTap.tree(
        selected.compactMap(tokens.reduce).map(StoreTap.init),
        of: TapSelection.merged(available, inside).map(StoreTap.init)),
      precision: storage.precision,
      compression: storage.compression, inputSize: input.size, blockSize: storage.batchSize)
    try ExtractionMemory(taps: selected, tokens: tokens, batchSize: storage.batchSize).require(
      of: Host.grantedMemoryBytes)
    return PreparedExtraction(
      job: self, model: loaded, input: input, entries: entries, region: conditionRegion, taps: selected, plan: plan,
      notes: notes)
  }

  /// Attention weights are kept for each query and key: there are no tokens to be averaged, nor to be laid on a larger input.
  private func requireWeights(_ wanted: [Tap], _ input: ModelInput) throws {
    guard let weights = wanted.first(where: { $0.role == .weights }) else { return }
    guard tokens != .mean else {
      throw BadInput(
        "--tokens mean: \(weights.name) is attention weights (\(weights.axes.text)), which have no tokens to be averaged; give "
          + "--tokens all, or prefix for the class token's alone")
    }
    guard input.preprocessing.inputSize != nil else {
      throw BadInput(
        "--taps \(weights.name): attention weights have another shape for each size of an image; give all images one with --size WxH"
      )
    }
  }

  private func header(
    _ loaded: LoadedModel, _ preprocessing: Preprocessing, index: String?, notes: [String]
  ) throws -> StoreHeader {
    var header = StoreHeader(
      model: loaded.name, family: loaded.backbone.family.rawValue, checkpointSHA256: loaded.checkpointSHA256,
      configuration: loaded.configurationText, preprocessing: try preprocessing.recorded(), createdBy: Version.text,
      createdAt: Host.timestamp, seed: seed,
      settings: [
        StoreSetting("tokens", tokens.rawValue), StoreSetting("control", model.controlName),
        StoreSetting("region", region ?? "image"), StoreSetting("device", device.kind.rawValue),
      ])
    header.remarks = loaded.origin.map { [StoreSetting(StoreHeader.modelSource, $0)] } ?? []
    header.remarks += index.map { [StoreSetting("images_index", $0)] } ?? []
    header.remarks += [
      StoreSetting("at_input_size", preprocessing.profile == .native ? "as they are" : "by the recipe"),
      StoreSetting("notes", notes.joined(separator: "\n")),
    ]
    return header
  }

  /// Labels and annotations that say what the pictures' files hold must be of these pictures, but for damaged ones.
  ///
  /// - Throws: ``BadInput`` that names the first picture that is another.
  private func requirePictures(
    of labels: ImageLabels, _ annotations: COCOAnnotations?, _ entries: [ImageFolder.Entry], _ reporter: JobReporter
  ) throws {
    let contents = ImageContents(place: images.folder, entries: entries, threads: threads)
    if case .file(let file) = images.labels {
      let repair = "give the labels of these images, or leave out the column sha256"
      try contents.require(labels.contents, of: "the labels \(file)", repair: repair, exceptDamaged: true, reporter)
    }
    if let annotations, let file = images.annotations {
      let known = annotations.matches(entries.map(\.relativePath)).keys.map {
        $0.flatMap { annotations.image(at: $0)?.content }
      }
      try contents.require(
        known, of: "the annotations \(file)", repair: COCOAnnotations.repairOfContents, exceptDamaged: true, reporter)
    }
  }

  private func conditionRegion(_ annotations: COCOAnnotations?, _ entries: [ImageFolder.Entry]) throws
    -> ConditionRegion?
  {
    guard let region else { return nil }
    guard conditions.count > 1 else {
      throw BadInput(
        "--region \(region) restricts colour conditions, but there is none; give --conditions, such as red")
    }
    guard let annotations else {
      throw BadInput("--region \(region) needs masks; give a COCO instances JSON with --annotations")
    }
    let shared = annotations.matches(entries.map(\.relativePath)).shared
    if let first = shared.first {
      throw BadInput(
        "--annotations \(images.annotations ?? ""): \(StoreText.images(shared.count)) of the folder would share an image there by their "
          + "file names alone, the first: \(first); write paths from the folder of --images into file_name")
    }
    return try ConditionRegion(region, annotations: annotations)
  }
}

extension StoreTap {
  /// A model's tap as a store keeps it.
  init(_ tap: Tap) {
    self.init(
      name: tap.name, tokens: tap.tokens, channels: tap.channels, grid: tap.grid,
      prefixTokens: tap.role == .weights ? 0 : tap.prefixTokens, parent: tap.parent, role: tap.role, axes: tap.axes)
  }

  /// Taps that a store keeps, with the nearest one above each that it keeps too as its parent.
  ///
  /// - Parameter all: every tap of the model.
  static func tree(_ kept: [StoreTap], of all: [StoreTap]) -> [StoreTap] {
    let parents = Dictionary(all.map { ($0.name, $0.parent) }, uniquingKeysWith: { first, _ in first })
    let names = Set(kept.map(\.name))
    return kept.map { tap in
      var found = tap
      while let parent = found.parent, !names.contains(parent) { found.parent = parents[parent] ?? nil }
      // Another name of a value that is not kept stands for it.
      if tap.role == .alias, found.parent != tap.parent { found.role = .trunk }
      return found
    }
  }
}
