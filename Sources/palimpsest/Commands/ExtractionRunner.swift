import Activations
import Foundation
import Imaging
import Synchronization
import Torch

/// Runs a settled extraction to its end.
struct ExtractionRunner {
  let setup: ExtractionSetup
  let out: String
  let output: OutputOptions
  let recheck: Bool
  /// What the progress calls the work.
  var label = "extract"
  /// Leads the activations of a batch, by tap, back to pixels: [B, H, W, 3] bytes for each reconstruction of the plan.
  var reconstruct: ((_ features: [String: Tensor], _ validSizes: [(height: Int, width: Int)]) throws -> [Tensor])?

  /// What was done, for people and for --json.
  struct Result: Encodable {
    let store: String
    let model: String
    let images: Int
    let failures: [String]
    let conditions: [String]
    let taps: Int
    let rowsComputed: Int
    let bytesWritten: Int
    let seconds: Double
    let imagesPerSecond: Double
    let bytesPerSecond: Double
    let peakResidentBytes: Int
  }

  /// - Throws: ``Interrupted`` after a signal, with everything finished so far in the store.
  func run() throws -> Result {
    let plan = setup.plan
    announce(plan)
    let writer = try FeatureStoreWriter.open(at: out, plan: plan, threads: Host.cores, recheck: recheck)
    let done = writer.rowsDone
    let total = plan.images.count * plan.conditions.count
    if done == total {
      output.say("\(out): complete already; nothing to do")
    } else if done > 0 {
      output.say("going on where it stopped: \(done) of \(total) rows are there")
    }
    if let regions = setup.regions {
      let unknown = setup.entries.count { regions.annotations.image(at: $0.relativePath) == nil }
      if unknown > 0 {
        output.note(
          "\(counted(unknown)) of \(setup.entries.count) are not in the annotations: no condition changes them")
      }
    }
    let progress = Progress(label, total: total, unit: "rows", alreadyDone: done, isShown: !output.quiet)
    let failures = Mutex<[(row: Int, text: String)]>([])
    let entries = setup.entries
    let source = PixelSource(setup: setup)
    var pipeline = ExtractionPipeline<PreparedImage>(writer: writer) { row, conditions in
      let image = try source.prepare(entries[row], conditions)
      return DecodedImage(pixels: image, height: image.fileSize.height, width: image.fileSize.width)
    }
    pipeline.isCancelled = { Interruption.isRequested }
    pipeline.onUnreadable = { row, reason in
      failures.withLock { $0.append((row, "\(entries[row].relativePath): \(reason)")) }
    }
    pipeline.onProgress = { progress.update($0.rowsDone, note: "\(Numbers.bytes($0.bytesWritten)) written") }

    if done < total {
      try setup.model.backbone.prepare(
        batchSize: plan.blockSize, height: setup.inputSize.height, width: setup.inputSize.width)
    }
    let outcome = try pipeline.run(compute: compute)
    progress.finish()
    let texts = try unreadable(fresh: failures.withLock { $0 })
    for text in texts.prefix(20) { output.note("skipped \(text)") }
    if texts.count > 20 { output.note("… and \(texts.count - 20) more, recorded in the store under /images/error") }
    if outcome == .interrupted { throw Interrupted() }
    if texts.count == plan.images.count, let first = texts.first {
      throw BadInput("none of the \(counted(texts.count)) could be read, the first: \(first)")
    }
    let seconds = progress.seconds
    let computed = total - done
    let result = Result(
      store: out, model: plan.header.model, images: plan.images.count, failures: texts, conditions: plan.conditions,
      taps: plan.taps.count, rowsComputed: computed, bytesWritten: writer.bytesWritten, seconds: seconds,
      imagesPerSecond: Double(computed) / max(seconds, 1e-9),
      bytesPerSecond: Double(writer.bytesWritten) / max(seconds, 1e-9), peakResidentBytes: Host.peakResidentBytes)
    if computed > 0 {
      output.say(
        "\(out): \(counted(plan.images.count - texts.count)), \(plan.taps.count) taps, "
          + "\(Numbers.bytes(result.bytesWritten)) in \(Numbers.fixed(seconds, 1)) s "
          + "(\(Numbers.fixed(result.imagesPerSecond, 1)) rows/s)"
          + (texts.isEmpty ? "" : "; \(counted(texts.count)) could not be read"))
    }
    return result
  }

  /// What could not be read: in this run, and, as the store records it, in earlier ones.
  private func unreadable(fresh: [(row: Int, text: String)]) throws -> [String] {
    let texts = Dictionary(fresh.map { ($0.row, $0.text) }, uniquingKeysWith: { first, _ in first })
    let store = try FeatureStore(path: out)
    return store.errors.indices.compactMap { row in
      texts[row] ?? (store.errors[row].isEmpty ? nil : "\(store.imagePaths[row]): \(store.errors[row])")
    }
  }

  private func announce(_ plan: StorePlan) {
    let size = setup.inputSize
    output.say(
      "\(plan.header.model) (\(plan.header.family), named as \(setup.model.dialect)): \(counted(plan.images.count)) at "
        + "\(size.width)×\(size.height), \(plan.conditions.count) \(plan.conditions.count == 1 ? "condition" : "conditions"), "
        + "\(plan.taps.count) \(plan.taps.count == 1 ? "tap" : "taps"); the store takes \(plan.compression == .none ? "" : "at most ")"
        + "\(Numbers.bytes(plan.estimatedBytes)) (\(plan.estimatedBytes) bytes)")
  }

  private func counted(_ images: Int) -> String { "\(images) \(images == 1 ? "image" : "images")" }

  /// One pass through the model.
  private func compute(_ request: ComputationRequest<PreparedImage>) throws -> ComputedBlock {
    let (height, width) = setup.inputSize
    let pixels = PixelBlock(count: request.images.count, bytesPerImage: height * width * 3)
    for (index, image) in request.images.enumerated() {
      pixels.fill(index, with: image.pixels[request.condition] ?? [])
    }
    let bytes = try Tensor(
      sharing: pixels.start, owner: pixels, shape: [request.images.count, height, width, 3], dtype: .uint8)
    let validSizes = request.images.map(\.validSize)
    let values = try setup.features(of: bytes, validSizes: validSizes)
    let features = Dictionary(uniqueKeysWithValues: zip(setup.taps.map(\.name), values))
    let images = try reconstruct?(features, validSizes) ?? []
    return ComputedBlock(
      taps: try values.map { try $0.withUnsafeBytes { $0 } }, inputs: pixels.bytes,
      reconstructions: try images.map { try $0.withUnsafeBytes { $0 } },
      owner: BlockOwner(pixels: pixels, values: values + images))
  }
}

/// Keeps what a computed block points to.
private final class BlockOwner {
  let pixels: PixelBlock
  let values: [Tensor]

  init(pixels: PixelBlock, values: [Tensor]) {
    self.pixels = pixels
    self.values = values
  }
}

/// The pixels of a batch, one image after the other.
private final class PixelBlock {
  let start: UnsafeMutableRawPointer
  private let count: Int
  private let bytesPerImage: Int

  init(count: Int, bytesPerImage: Int) {
    self.count = count
    self.bytesPerImage = bytesPerImage
    start = .allocate(byteCount: count * bytesPerImage, alignment: 64)
  }

  deinit { start.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count * bytesPerImage) }

  func fill(_ index: Int, with bytes: [UInt8]) {
    precondition(bytes.count == bytesPerImage, "every image of a batch has the input's size")
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress {
        (start + index * bytesPerImage).copyMemory(from: base, byteCount: bytesPerImage)
      }
    }
  }
}
