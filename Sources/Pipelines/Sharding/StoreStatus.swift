import Activations
import Formats

/// How far a store that is made in shards is, for people and for `--json`.
public struct StoreStatus: Encodable, Sendable {
  public struct Shard: Encodable, Sendable {
    public let shard: Int
    public let file: String
    public let state: ShardStatus.State
    public let rowsDone: Int
    public let rowsTotal: Int
    public let rowsPerSecond: Double?
    public let worker: String?
  }

  public let path: String
  public let images: Int
  public let conditions: [String]
  /// Shards by state, every state.
  public let counts: [String: Int]
  public let shards: [Shard]
  /// Over all conditions.
  public let rowsDone: Int
  public let rowsTotal: Int
  /// Of all processes that are at work together; nil where none is.
  public let imagesPerSecond: Double?
  /// With as many at work as now; nil where none is.
  public let secondsLeft: Double?

  /// - Throws: `StoreError` where `path` is no folder of shards, or holds what is none of them.
  public init(_ path: String) throws {
    let folder = try ShardFolder(existing: path)
    let manifest = try folder.manifest()
    let found = try folder.status()
    self.path = folder.path
    images = manifest.images
    conditions = manifest.conditions
    counts = Dictionary(
      uniqueKeysWithValues: ShardStatus.State.allCases.map { state in
        (state.rawValue, found.count { $0.state == state })
      })
    shards = found.map {
      Shard(
        shard: $0.shard, file: $0.file, state: $0.state, rowsDone: $0.rowsDone, rowsTotal: $0.rowsTotal,
        rowsPerSecond: $0.rowsPerSecond, worker: $0.worker)
    }
    rowsDone = found.reduce(0) { $0 + $1.rowsDone }
    rowsTotal = found.reduce(0) { $0 + $1.rowsTotal }
    let rate = found.reduce(0) { $0 + ($1.rowsPerSecond ?? 0) }
    imagesPerSecond = rate > 0 ? rate / Double(manifest.conditions.count) : nil
    secondsLeft = rate > 0 ? Double(rowsTotal - rowsDone) / rate : nil
  }

  /// A line on the whole, then one a shard that is not done.
  public var text: String {
    let states = ShardStatus.State.allCases.map { "\(counts[$0.rawValue] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    var head = "\(path): \(shards.count) shards: \(states); \(rowsDone) of \(rowsTotal) rows"
    if let imagesPerSecond, let secondsLeft {
      head += ", \(NumberText.fixed(imagesPerSecond, 1)) images/s, \(NumberText.duration(secondsLeft)) left"
    }
    let open = shards.filter { $0.state != .done }
    guard !open.isEmpty else { return head }
    let rows = open.map { shard in
      [
        shard.file, shard.state.rawValue, "\(shard.rowsDone)/\(shard.rowsTotal)",
        shard.rowsPerSecond.map { "\(NumberText.fixed($0, 1))/s" } ?? "", shard.worker ?? "",
      ]
    }
    return head + "\n\n" + TextTable.text(header: ["shard", "state", "rows", "", "worker"], rows: rows)
  }
}
