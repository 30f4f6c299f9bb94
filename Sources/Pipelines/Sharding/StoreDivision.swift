import Activations
import Formats
import Foundation

/// What one process makes of a store: all of it, or some of its rows in a file of their own.
package struct StorePart: Sendable {
  package let plan: StorePlan
  package let out: String
  /// Of the whole store's rows, the first that this part has.
  package let firstRow: Int
  /// Whether it is a shard. Of a few images it is no fault if none can be read.
  package let isShard: Bool
}

/// The parts of a store that this process makes, one after the other.
package struct StoreDivision: Sendable {
  /// The store to write.
  package let out: String
  /// nil of a store that is one file.
  package let shards: ShardWork?
  /// What started this process among others; nil where nothing did.
  package let task: LaunchedTask?

  /// The file, or the folder of the shards.
  package var path: String { shards == nil ? out : ShardFolder(out).path }

  /// Checks the place before any work is done.
  ///
  /// - Throws: ``BadInput``, also where several tasks of a job would write one store.
  package func requirePlace() throws {
    guard shards != nil else {
      if let task, task.isOneOfManyRanks, !task.isNamed(in: out) { throw StoreDivision.oneOfMany(task, out) }
      return try OutputPath.requireFile(out)
    }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
      throw BadInput("--out \(out): the shards go into the folder \(path), but that is a file; give another --out")
    }
    let store = ShardFolder.store(of: out)
    // A folder of shards by another name needs no place of its own.
    if ShardFolder.isOne(store) { return }
    try OutputPath.requireFile(store)
  }

  private static func oneOfMany(_ task: LaunchedTask, _ out: String) -> BadInput {
    BadInput(
      "this is one of several tasks of a job (\(task.text)), and all of them would write \(out); add --shards N --shard auto, "
        + "so that each makes its own shards, or start one task")
  }

  /// Makes the parts and puts together what they came to.
  package func run(
    _ plan: StorePlan, _ reporter: JobReporter, _ fill: (StorePart) throws -> StoreRunSummary
  ) throws -> StoreRunSummary {
    guard let shards else { return try fillWhole(plan, fill) }
    try OutputPath.makeFolder(path)
    let folder = ShardFolder(out)
    let manifest = try folder.plan(
      plan, shards: shards.count, array: shards.choice == .automatic ? task?.array : nil)
    let (own, origin) = try chosen(shards, manifest)
    reporter.say(StoreDivision.sentence(own, shards.count, origin, folder))
    var made: [StoreRunSummary] = []
    var busy: [Int] = []
    for shard in own {
      let rows = manifest.layout.rows(of: shard)
      guard !rows.isEmpty else { continue }
      var part = plan.shard(shard, of: manifest)
      part.header.remarks.append(StoreSetting(StoreHeader.launch, origin))
      if own.count > 1 {
        reporter.say("shard \(shard) of \(shards.count): images \(rows.lowerBound) to \(rows.upperBound - 1)")
      }
      do {
        made.append(
          try fill(
            StorePart(
              plan: part, out: folder.path(of: shard, manifest.layout), firstRow: rows.lowerBound, isShard: true)))
      } catch let error as StoreError where error.kind == .inUse && own.count > 1 {
        reporter.note("shard \(shard) of \(shards.count) is being written by another process, and is left to it")
        busy.append(shard)
      }
    }
    return StoreRunSummary(made, of: plan, folder: folder.path, shards: own.filter { !busy.contains($0) })
  }

  /// One store for all images. A second task of the same job is refused, at the same time or afterwards.
  private func fillWhole(_ plan: StorePlan, _ fill: (StorePart) throws -> StoreRunSummary) throws -> StoreRunSummary {
    guard let task, task.isOneOfMany else {
      return try fill(StorePart(plan: plan, out: out, firstRow: 0, isShard: false))
    }
    var plan = plan
    plan.header.remarks.append(StoreSetting(StoreHeader.launch, task.record))
    if FileManager.default.fileExists(atPath: out),
      let maker = try FeatureStore(path: out).attribute(StoreHeader.launch),
      maker != task.record, LaunchedTask.isSameJob(maker, task.record)
    {
      throw StoreDivision.oneOfMany(task, out)
    }
    do {
      return try fill(StorePart(plan: plan, out: out, firstRow: 0, isShard: false))
    } catch let error as StoreError where error.kind == .inUse { throw StoreDivision.oneOfMany(task, out) }
  }

  private func chosen(_ shards: ShardWork, _ manifest: ShardManifest) throws -> (shards: [Int], origin: String) {
    switch shards.choice {
    case .one(let shard): return ([shard], "--shard \(shard)")
    case .automatic:
      guard let task else { return (Array(0..<shards.count), "no launcher was found: one task") }
      return (try task.shards(of: shards.count, known: manifest.array), task.record)
    }
  }

  private static func sentence(_ own: [Int], _ count: Int, _ origin: String, _ folder: ShardFolder) -> String {
    guard let first = own.first else {
      return "\(origin): none of the \(count) shards of \(folder.path) is this task's"
    }
    let text =
      own.count == 1
      ? "shard \(first)" : own.count == count ? "all shards" : "shards \(own.map(String.init).joined(separator: ", "))"
    return "\(origin): \(text) of \(count) of \(folder.path)"
  }
}

extension LaunchedTask {
  /// Whether two records are of one job; the job stands before the colon, where the launcher names it.
  static func isSameJob(_ first: String, _ second: String) -> Bool {
    func job(_ record: String) -> Substring { record.range(of: ": ").map { record[..<$0.lowerBound] } ?? "" }
    return job(first) == job(second)
  }
}

extension StoreRunSummary {
  /// Of several shards.
  init(_ parts: [StoreRunSummary], of plan: StorePlan, folder: String, shards: [Int]) {
    let seconds = parts.reduce(0) { $0 + $1.seconds }
    let rows = parts.reduce(0) { $0 + $1.rowsComputed }
    let bytes = parts.reduce(0) { $0 + $1.bytesWritten }
    self.init(
      store: folder, model: plan.header.model, images: parts.reduce(0) { $0 + $1.images },
      failures: parts.flatMap(\.failures), conditions: plan.conditions, taps: plan.taps.count, rowsComputed: rows,
      bytesWritten: bytes, seconds: seconds, imagesPerSecond: Double(rows) / max(seconds, 1e-9),
      bytesPerSecond: Double(bytes) / max(seconds, 1e-9), peakResidentBytes: Host.peakResidentBytes)
    self.shards = shards
  }
}
