import Activations
import Backbones
import Formats
import Imaging
import Torch

/// An extraction whose model is loaded and whose images are listed: everything that decides what it computes.
public struct PreparedExtraction {
  /// Reconstructs images from the activations of a batch by tap, the pixels `[B, H, W, 3]` the model saw and the valid sizes
  /// (nil where nothing is padded).
  typealias Reconstruct = (
    _ features: [String: Tensor], _ pixels: Tensor, _ validSizes: [ImageSize]?
  ) throws -> (images: [Tensor], joints: Tensor?)

  public let job: ExtractionJob
  public let model: LoadedModel
  public let input: ModelInput
  /// What the store will hold.
  public var plan: StorePlan
  /// Taps as the model gives them.
  private(set) var taps: [Tap]
  /// What the progress calls the work.
  var label = "extract"
  var reconstruct: Reconstruct?
  /// What a user should know before anything is computed, in sentences.
  private let notes: [String]
  private let entries: [ImageFolder.Entry]
  private let region: ConditionRegion?
  private let findings: ExtractionFindings

  init(
    job: ExtractionJob, model: LoadedModel, input: ModelInput, entries: [ImageFolder.Entry], region: ConditionRegion?,
    taps: [Tap], plan: StorePlan, notes: [String]
  ) {
    self.notes = notes
    findings = ExtractionFindings(input.preprocessing, isHalf: plan.precision == .float16)
    self.job = job
    self.model = model
    self.input = input
    self.entries = entries
    self.region = region
    self.taps = taps
    self.plan = plan
  }

  /// Keeps these of the taps alone, in order of depth.
  mutating func keep(taps wanted: [String]) {
    taps = taps.filter { wanted.contains($0.name) }
    plan.taps = StoreTap.tree(plan.taps.filter { wanted.contains($0.name) }, of: plan.taps)
  }

  /// Computes what the store lacks.
  ///
  /// - Throws: ``Interrupted`` where it was cancelled, with everything finished so far in the store.
  public func run(_ reporter: JobReporter = .silent) throws -> StoreRunSummary {
    let source = ImageSource(
      input, entries: entries, conditions: job.conditions, region: region, findings: findings)
    StoreRun<PreparedImage>.announce(plan, size: input.size, origin: "named as \(model.dialect)", reporter)
    let before = notes + sizeNotes
    for note in before { reporter.note(note) }
    var summary: StoreRunSummary
    do {
      summary = try job.division.run(plan, reporter) { try fill($0, from: source, reporter) }
    } catch {
      // Also of work that was interrupted: what was found then is not found again.
      for sentence in found { reporter.note(sentence) }
      throw error
    }
    let after = found
    for sentence in after { reporter.note(sentence) }
    summary.notes = before + after
    return summary
  }

  /// Computes what one file of the store lacks.
  private func fill(_ part: StorePart, from source: ImageSource, _ reporter: JobReporter) throws -> StoreRunSummary {
    var run = StoreRun<PreparedImage>(
      plan: part.plan, out: part.out, threads: job.threads, recheck: job.recheck, label: label, reporter: reporter)
    run.decoders = job.decoders
    run.needsReadableImages = !part.isShard
    run.requireSameImages = { try requireSameImages($0, part, source, reporter) }
    run.prepare = {
      try model.backbone.prepare(batchSize: plan.blockSize, height: input.size.height, width: input.size.width)
    }
    return try run.run(
      decode: { row, conditions in
        let image = try source.prepare(part.firstRow + row, conditions)
        return DecodedImage(
          pixels: image, height: image.fileSize.height, width: image.fileSize.width, content: image.content)
      }, compute: compute)
  }

  /// What showed while it ran.
  private var found: [String] {
    findings.sentences(taps: taps.map(\.name), model: job.model.path)
  }

  /// The finished rows of a store that is taken up again must be of these images.
  ///
  /// - Throws: ``BadInput`` that names the first image that is another.
  private func requireSameImages(
    _ writer: FeatureStoreWriter, _ part: StorePart, _ source: ImageSource, _ reporter: JobReporter
  ) throws {
    let owner = "the store \(part.out)"
    let repair = "give another --out, or the images of the store"
    let entries = Array(entries[part.firstRow..<part.firstRow + part.plan.images.count])
    if writer.plan.recordsContents {
      let contents = ImageContents(place: job.images.folder, entries: entries, threads: job.threads)
      return try contents.require(writer.imageContents, of: owner, repair: repair, reporter)
    }
    // A store of an earlier version knows its images by the pixels that the model saw.
    let store = try FeatureStore(path: part.out)
    guard let original = job.conditions.firstIndex(of: .original), try store.inputSize() != nil else {
      reporter.note("\(part.out) does not record what its images hold: they are taken for these because of their names")
      return
    }
    for row in ImageContents.sample(try store.completeRows()) {
      if reporter.isCancelled() { throw Interrupted() }
      guard let image = try? source.prepare(part.firstRow + row, [original]) else { continue }
      if try image.pixels[original] != store.readInput(row: row) {
        throw ImageContents.refusal(job.images.folder, owner, first: entries[row].relativePath, repair: repair)
      }
    }
  }

  /// What the sizes mean, before there is anything.
  private var sizeNotes: [String] {
    var notes: [String] = []
    if let native = model.backbone.nativeSize, native != input.size {
      notes.append(
        "the model is made for \(native.width)×\(native.height) and sees \(input.size.width)×\(input.size.height)"
          + (model.backbone.interpolatesPositions ? ": its position embeddings are interpolated" : ""))
    }
    if input.preprocessing.inputSize == nil {
      notes.append(
        "each image is computed at its own size; the store keeps all at \(input.size.width)×\(input.size.height), the largest, with "
          + "zeros on the right and below")
    }
    guard let region else { return notes }
    let unknown = entries.count { region.annotations.image(at: $0.relativePath) == nil }
    if unknown > 0 {
      notes.append(
        "\(StoreText.images(unknown)) of \(entries.count) are not in the annotations: no condition changes them")
    }
    return notes
  }

  /// One pass through the model.
  private func compute(_ request: ComputationRequest<PreparedImage>) throws -> ComputedBlock {
    let (height, width) = (input.size.height, input.size.width)
    let pixels = PixelBlock(count: request.images.count, bytesPerImage: height * width * 3)
    for (index, image) in request.images.enumerated() {
      pixels.fill(index, with: image.pixels[request.condition] ?? [])
    }
    let bytes = try Tensor(
      sharing: pixels.start, owner: pixels, shape: [request.images.count, height, width, 3], dtype: .uint8)
    let validSizes = input.padded(request.images.map(\.validSize))
    let values = try features(of: bytes, validSizes: validSizes)
    for (tap, value) in zip(taps, values) { try findings.check(value, tap: tap.name, rows: request.rows) }
    let features = Dictionary(uniqueKeysWithValues: zip(taps.map(\.name), values))
    let reconstructed = try reconstruct?(features, bytes, validSizes)
    return try ComputedBlock(
      taps: values, inputs: bytes, reconstructions: reconstructed?.images ?? [], joints: reconstructed?.joints)
  }

  /// The model's activations for pixels `[B, H, W, 3]`, reduced to the tokens the store keeps, by tap in order of depth.
  private func features(of bytes: Tensor, validSizes: [ImageSize]?) throws -> [Tensor] {
    let values = try input.features(
      of: bytes, validSizes: validSizes, by: model.backbone, taps: taps, tokens: job.tokens, device: job.device
    ) { try $0.to(.cpu).to(.float32).contiguous() }
    return taps.compactMap { values[$0.name] }
  }
}
