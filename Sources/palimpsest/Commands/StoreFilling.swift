import Activations
import Foundation
import Synchronization

/// What filling a store came to, for people and for --json.
struct FillingResult: Encodable {
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
  /// Of `reconstruct`: what was led back, what was not, and the mean errors at the joints.
  var reconstructions: [String]?
  var skipped: [String]?
  var joints: [JointSummary]?
}

/// Fills a store to its end, whatever its rows come from, and tells how it goes.
struct StoreFilling<Pixels: Sendable> {
  let plan: StorePlan
  let out: String
  let output: OutputOptions
  let recheck: Bool
  /// What the progress calls the work.
  let label: String
  /// Makes what the computation takes of the image of a row.
  let decode: ExtractionPipeline<Pixels>.Decode
  /// Told once the store is open and there is something left to do.
  var prepare: () throws -> Void = {}

  /// - Throws: ``Interrupted`` after a signal, with everything finished so far in the store.
  func run(compute: (ComputationRequest<Pixels>) throws -> ComputedBlock) throws -> FillingResult {
    let writer = try FeatureStoreWriter.open(at: out, plan: plan, threads: Host.cores, recheck: recheck)
    let done = writer.rowsDone
    let total = plan.images.count * plan.conditions.count
    if done == total {
      output.say("\(out): complete already; nothing to do")
    } else if done > 0 {
      output.say("going on where it stopped: \(done) of \(total) rows are there")
    }
    let progress = Progress(label, total: total, unit: "rows", alreadyDone: done, isShown: !output.quiet)
    let failures = Mutex<[(row: Int, text: String)]>([])
    let images = plan.images
    var pipeline = ExtractionPipeline<Pixels>(writer: writer, decode: decode)
    pipeline.isCancelled = { Interruption.isRequested }
    pipeline.onUnreadable = { row, reason in
      failures.withLock { $0.append((row, "\(images[row].path): \(reason)")) }
    }
    pipeline.onProgress = { progress.update($0.rowsDone, note: "\(Numbers.bytes($0.bytesWritten)) written") }
    if done < total { try prepare() }
    let outcome = try pipeline.run(compute: compute)
    progress.finish()
    let texts = try unreadable(fresh: failures.withLock { $0 })
    for text in texts.prefix(20) { output.note("skipped \(text)") }
    if texts.count > 20 { output.note("… and \(texts.count - 20) more, recorded in the store under /images/error") }
    if outcome == .interrupted { throw Interrupted() }
    if texts.count == plan.images.count, let first = texts.first {
      throw BadInput("none of the \(StoreFilling.counted(texts.count)) could be read, the first: \(first)")
    }
    return result(of: writer, computed: total - done, seconds: progress.seconds, failures: texts)
  }

  private func result(of writer: FeatureStoreWriter, computed: Int, seconds: Double, failures: [String])
    -> FillingResult
  {
    let result = FillingResult(
      store: out, model: plan.header.model, images: plan.images.count, failures: failures, conditions: plan.conditions,
      taps: plan.taps.count, rowsComputed: computed, bytesWritten: writer.bytesWritten, seconds: seconds,
      imagesPerSecond: Double(computed) / max(seconds, 1e-9),
      bytesPerSecond: Double(writer.bytesWritten) / max(seconds, 1e-9), peakResidentBytes: Host.peakResidentBytes)
    if computed > 0 {
      output.say(
        "\(out): \(StoreFilling.counted(plan.images.count - failures.count)), \(plan.taps.count) taps, "
          + "\(Numbers.bytes(result.bytesWritten)) in \(Numbers.fixed(seconds, 1)) s "
          + "(\(Numbers.fixed(result.imagesPerSecond, 1)) rows/s)"
          + (failures.isEmpty ? "" : "; \(StoreFilling.counted(failures.count)) could not be read"))
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

  /// Says what will be computed, and how many bytes the store will take.
  ///
  /// - Parameter origin: `timm's names`, `from vit.h5`.
  func announce(size: (height: Int, width: Int), origin: String) {
    output.say(
      "\(plan.header.model) (\(plan.header.family), \(origin)): \(StoreFilling.counted(plan.images.count)) at "
        + "\(size.width)×\(size.height), \(plan.conditions.count) \(plan.conditions.count == 1 ? "condition" : "conditions"), "
        + "\(plan.taps.count) \(plan.taps.count == 1 ? "tap" : "taps"); the store takes \(plan.compression == .none ? "" : "at most ")"
        + "\(Numbers.bytes(plan.estimatedBytes)) (\(plan.estimatedBytes) bytes)")
  }

  static func counted(_ images: Int) -> String { "\(images) \(images == 1 ? "image" : "images")" }
}
