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
  private let entries: [ImageFolder.Entry]
  private let region: ConditionRegion?

  init(
    job: ExtractionJob, model: LoadedModel, input: ModelInput, entries: [ImageFolder.Entry], region: ConditionRegion?,
    taps: [Tap], plan: StorePlan
  ) {
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
    plan.taps = plan.taps.filter { wanted.contains($0.name) }
  }

  /// Computes what the store lacks.
  ///
  /// - Throws: ``Interrupted`` where it was cancelled, with everything finished so far in the store.
  public func run(_ reporter: JobReporter = .silent) throws -> StoreRunSummary {
    let source = ImageSource(input, entries: entries, conditions: job.conditions, region: region)
    var run = StoreRun<PreparedImage>(
      plan: plan, out: job.out, threads: job.threads, recheck: job.recheck, label: label, reporter: reporter)
    run.announce(size: input.size, origin: "named as \(model.dialect)")
    note(to: reporter)
    run.prepare = {
      try model.backbone.prepare(batchSize: plan.blockSize, height: input.size.height, width: input.size.width)
    }
    return try run.run(
      decode: { row, conditions in
        let image = try source.prepare(row, conditions)
        return DecodedImage(pixels: image, height: image.fileSize.height, width: image.fileSize.width)
      }, compute: compute)
  }

  /// What a reader of the features should know before there are any.
  private func note(to reporter: JobReporter) {
    if let native = model.backbone.nativeSize, native != input.size {
      reporter.note(
        "the model is made for \(native.width)×\(native.height) and sees \(input.size.width)×\(input.size.height)"
          + (model.backbone.interpolatesPositions ? ": its position embeddings are interpolated" : ""))
    }
    guard let region else { return }
    let unknown = entries.count { region.annotations.image(at: $0.relativePath) == nil }
    if unknown > 0 {
      reporter.note(
        "\(StoreText.images(unknown)) of \(entries.count) are not in the annotations: no condition changes them")
    }
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
    let features = Dictionary(uniqueKeysWithValues: zip(taps.map(\.name), values))
    let reconstructed = try reconstruct?(features, bytes, validSizes)
    return try ComputedBlock(
      taps: values, inputs: bytes, reconstructions: reconstructed?.images ?? [], joints: reconstructed?.joints)
  }

  /// The model's activations for pixels `[B, H, W, 3]`, reduced to the tokens the store keeps, by tap in order of depth.
  private func features(of bytes: Tensor, validSizes: [ImageSize]?) throws -> [Tensor] {
    let batch = try input.batch(bytes, validSizes: validSizes, device: job.device)
    var values: [Tensor] = []
    values.reserveCapacity(taps.count)
    let byName = Dictionary(uniqueKeysWithValues: taps.map { ($0.name, $0) })
    try model.backbone.forward(batch, taps: Set(byName.keys)) { name, value in
      guard let tap = byName[name] else { return }
      values.append(try job.tokens.reduce(value, of: tap).to(.cpu).to(.float32).contiguous())
    }
    return values
  }
}
