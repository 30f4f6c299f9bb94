import Activations
import Formats
import Foundation
import Synchronization

/// What filling a store came to, for people and for `--json`.
public struct StoreRunSummary: Encodable, Sendable {
  public let store: String
  public let model: String
  public let images: Int
  /// Path and reason of every image that could not be read, in this run or in an earlier one.
  public let failures: [String]
  public let conditions: [String]
  public let taps: Int
  /// Rows that this run computed, over all conditions.
  public let rowsComputed: Int
  /// Bytes of pixels and features that this run took in, before compression.
  public let bytesWritten: Int
  public let seconds: Double
  public let imagesPerSecond: Double
  public let bytesPerSecond: Double
  public let peakResidentBytes: Int
  /// What a reader of the store should know, in sentences.
  public var notes: [String] = []
  /// Of a reconstruction: what images were reconstructed from, what was left out, and the mean errors at the joints.
  public var reconstructions: [String]?
  public var skipped: [String]?
  public var joints: [JointSummary]?
  /// Of a store that is made in shards, those that this run made or found complete.
  public var shards: [Int]?
}

/// Fills a store to its end, whatever its rows come from, and reports how it goes.
package struct StoreRun<Pixels: Sendable> {
  package let plan: StorePlan
  package let out: String
  /// Threads that convert, compress and write.
  package let threads: Int
  /// Threads that decode; nil leaves it to ``decodingThreads(of:)``.
  package var decoders: Int?
  package let recheck: Bool
  /// Whether it is a fault if none of the images can be read.
  package var needsReadableImages = true
  /// What the progress calls the work.
  package let label: String
  package let reporter: JobReporter
  /// Called once the store is open where some of its rows are done: throws where they are of other images.
  package var requireSameImages: (FeatureStoreWriter) throws -> Void = { _ in }
  /// Called once the store is open and there is something left to do.
  package var prepare: () throws -> Void = {}

  package init(plan: StorePlan, out: String, threads: Int, recheck: Bool, label: String, reporter: JobReporter) {
    self.plan = plan
    self.out = out
    self.threads = threads
    self.recheck = recheck
    self.label = label
    self.reporter = reporter
  }

  /// - Parameters:
  ///   - decode: makes what the computation takes of the image of a row.
  ///   - compute: runs the model, on the calling thread.
  /// - Throws: ``Interrupted`` where it was cancelled, with everything finished so far in the store.
  package func run(
    decode: @escaping ExtractionPipeline<Pixels>.Decode, compute: (ComputationRequest<Pixels>) throws -> ComputedBlock
  ) throws -> StoreRunSummary {
    let writer = try FeatureStoreWriter.open(at: out, plan: plan, threads: threads, recheck: recheck)
    let done = writer.rowsDone
    let total = plan.images.count * plan.conditions.count
    if done > 0 {
      do { try requireSameImages(writer) } catch {
        writer.abandon()
        throw error
      }
    }
    if done == total {
      reporter.say("\(out): complete already; nothing to do")
    } else if done > 0 {
      reporter.say("going on where it stopped: \(done) of \(total) rows are there")
    }
    let failures = Mutex<[(row: Int, text: String)]>([])
    let clock = Stopwatch()
    var pipeline = ExtractionPipeline<Pixels>(writer: writer, decode: decode)
    pipeline.decodingThreads = decoders ?? StoreRun.decodingThreads(of: threads)
    pipeline.isCancelled = reporter.isCancelled
    pipeline.leavesJournal = reporter.endsSoon
    pipeline.onUnreadable = { [images = plan.images] row, reason in
      failures.withLock { $0.append((row, "\(images[row].path): \(reason)")) }
    }
    pipeline.onProgress = { [label, reporter] progress in
      reporter.show(
        JobProgress(
          label, progress.rowsDone, of: total, unit: "rows",
          detail: "\(NumberText.bytes(progress.bytesWritten)) written",
          alreadyDone: done))
    }
    if done < total { try prepare() }
    let outcome = try pipeline.run(compute: compute)
    let seconds = clock.seconds
    let texts = try unreadable(fresh: failures.withLock { $0 })
    for text in texts.prefix(20) { reporter.note("skipped \(text)") }
    if texts.count > 20 { reporter.note("… and \(texts.count - 20) more, recorded in the store under /images/error") }
    if outcome == .interrupted { throw Interrupted() }
    if needsReadableImages, texts.count == plan.images.count, let first = texts.first {
      throw BadInput("none of the \(StoreText.images(texts.count)) could be read, the first: \(first)")
    }
    return summary(of: writer, computed: total - done, seconds: seconds, failures: texts)
  }

  /// How many of so many threads decode where nobody says: half of them, because computation and writing need the others, but two at
  /// least.
  static func decodingThreads(of threads: Int) -> Int { min(threads, max(2, threads / 2)) }

  private func summary(of writer: FeatureStoreWriter, computed: Int, seconds: Double, failures: [String])
    -> StoreRunSummary
  {
    let summary = StoreRunSummary(
      store: out, model: plan.header.model, images: plan.images.count, failures: failures, conditions: plan.conditions,
      taps: plan.taps.count, rowsComputed: computed, bytesWritten: writer.bytesWritten, seconds: seconds,
      imagesPerSecond: Double(computed) / max(seconds, 1e-9),
      bytesPerSecond: Double(writer.bytesWritten) / max(seconds, 1e-9), peakResidentBytes: Host.peakResidentBytes)
    if computed > 0 {
      reporter.say(
        "\(out): \(StoreText.images(plan.images.count - failures.count)), \(plan.taps.count) taps, "
          + "\(NumberText.bytes(summary.bytesWritten)) in \(NumberText.fixed(seconds, 1)) s "
          + "(\(NumberText.fixed(summary.imagesPerSecond, 1)) rows/s)"
          + (failures.isEmpty ? "" : "; \(StoreText.images(failures.count)) could not be read"))
    }
    return summary
  }

  /// What could not be read: in this run, and, as the store records it, in earlier ones.
  private func unreadable(fresh: [(row: Int, text: String)]) throws -> [String] {
    let texts = Dictionary(fresh.map { ($0.row, $0.text) }, uniquingKeysWith: { first, _ in first })
    let store = try FeatureStore(path: out)
    return store.errors.indices.compactMap { row in
      let (path, reason) = (store.imagePaths[row], store.errors[row])
      // A store of ours has the reason alone, one of others perhaps with the name before it.
      return texts[row] ?? (reason.isEmpty ? nil : reason.hasPrefix("\(path):") ? reason : "\(path): \(reason)")
    }
  }

  /// Says what will be computed, and how many bytes the whole store will take.
  ///
  /// - Parameter origin: `named as timm`, `from vit.h5`.
  static func announce(_ plan: StorePlan, size: ImageSize, origin: String, _ reporter: JobReporter) {
    reporter.say(
      "\(plan.header.model) (\(plan.header.family), \(origin)): \(StoreText.images(plan.images.count)) at "
        + "\(size.width)×\(size.height), \(StoreText.counted(plan.conditions.count, "condition")), "
        + "\(StoreText.counted(plan.taps.count, "tap")); the store takes \(plan.compression == .none ? "" : "at most ")"
        + "\(NumberText.bytes(plan.estimatedBytes)) (\(plan.estimatedBytes) bytes)")
  }
}

/// Counts inside messages.
enum StoreText {
  static func images(_ count: Int) -> String { counted(count, "image") }

  static func counted(_ count: Int, _ noun: String) -> String { counted(count, noun, noun + "s") }

  static func counted(_ count: Int, _ noun: String, _ plural: String) -> String {
    "\(count) \(count == 1 ? noun : plural)"
  }
}
