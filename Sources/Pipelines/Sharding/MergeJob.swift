import Activations
import Formats

/// One file of a store that was made in shards.
public struct MergeJob: Sendable {
  /// What was made, for `--json`.
  public struct Summary: Encodable, Sendable {
    public let store: String
    /// `view` or `copy`.
    public let kind: String
    public let images: Int
    public let shards: Int
    public let bytes: Int
    public let seconds: Double
  }

  /// The folder of the shards.
  public var shards: String
  /// The file to write.
  public var out: String
  /// Whether all rows are copied, rather than shown where they lie.
  public var copies: Bool

  public init(_ shards: String, out: String, copies: Bool = false) {
    self.shards = shards
    self.out = out
    self.copies = copies
  }

  /// - Throws: ``BadInput``; `StoreError` that names a shard that is missing, not finished or of another store; ``Interrupted``.
  public func run(_ reporter: JobReporter = .silent) throws -> Summary {
    try OutputPath.requireFile(out)
    let clock = Stopwatch()
    let folder = try ShardFolder(existing: shards)
    let merge = try ShardMerge(folder)
    try merge.write(copies ? .copy : .view, to: out) { rows in
      try reporter.progress(JobProgress("merge", rows, of: merge.images, unit: "images"))
    }
    let bytes = FileHash.size(of: out) ?? 0
    reporter.say(
      "\(out): \(copies ? "a copy" : "a view") of \(StoreText.images(merge.images)) in "
        + "\(StoreText.counted(merge.files, "shard")), \(NumberText.bytes(bytes))"
        + (copies ? "" : "; it shows the rows of \(folder.path), which has to stay where it is from there"))
    return Summary(
      store: out, kind: copies ? "copy" : "view", images: merge.images, shards: merge.files, bytes: bytes,
      seconds: clock.seconds)
  }
}
