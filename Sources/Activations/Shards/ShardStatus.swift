import Formats
import Foundation
import HDF5

/// How far one shard of a store is.
public struct ShardStatus: Sendable, Equatable {
  public enum State: String, Sendable, Codable, CaseIterable {
    case done
    /// A process is at work on it.
    case running
    /// Begun, and nobody is at work on it.
    case stale
    case missing
  }

  public let shard: Int
  public let file: String
  public let state: State
  /// Over all conditions.
  public let rowsDone: Int
  public let rowsTotal: Int
  /// Of the process that is at work; nil where none is, or it did nothing yet.
  public let rowsPerSecond: Double?
  /// Who is, or was, at work, as `node7, process 4711`; nil where nobody left a word.
  public let worker: String?
}

extension ShardFolder {
  /// A process that wrote nothing for so long is not at work, where its lock does not say so.
  private static let silence = 900.0

  /// How far each shard that has images is.
  ///
  /// - Throws: `StoreError` where the folder holds no plan, or a file in it is no shard of it.
  public func status() throws -> [ShardStatus] {
    let manifest = try manifest()
    let conditions = manifest.conditions
    return try manifest.layout.filled.map { shard in
      let path = path(of: shard, manifest.layout)
      let rows = manifest.layout.rows(of: shard)
      let total = rows.count * conditions.count
      let done: Int
      let isFinished: Bool
      do {
        (done, isFinished) = try rowsDone(path, manifest, rows: rows.count)
      } catch let error as HDF5Error { throw StoreError(.badStore, error.description) }
      let worker = StoreWorker(ofLock: StoreLock.path(of: path))
      let isAtWork = isAtWork(worker, path)
      let exists = FileManager.default.fileExists(atPath: path)
      let state: ShardStatus.State = isFinished ? .done : isAtWork ? .running : exists ? .stale : .missing
      return ShardStatus(
        shard: shard, file: manifest.layout.fileName(of: shard), state: state, rowsDone: done, rowsTotal: total,
        rowsPerSecond: state == .running ? worker.flatMap { rate($0, done) } : nil,
        worker: worker.map { "\($0.host), process \($0.process)" })
    }
  }

  private func isAtWork(_ worker: StoreWorker?, _ path: String) -> Bool {
    if OutputLock.isHeld(StoreLock.path(of: path)) { return true }
    // A lock of another machine does not show on every file system; what it writes does.
    guard let worker, !worker.isHere else { return false }
    let last = [path, ChunkJournal.path(of: path), StoreLock.path(of: path)].compactMap { file in
      (try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date)?.timeIntervalSince1970
    }.max()
    return last.map { Date().timeIntervalSince1970 - $0 < ShardFolder.silence } ?? false
  }

  private func rate(_ worker: StoreWorker, _ done: Int) -> Double? {
    let seconds = Date().timeIntervalSince1970 - worker.started
    guard done > worker.rowsDone, seconds > 0 else { return nil }
    return Double(done - worker.rowsDone) / seconds
  }

  /// Rows that are in a shard or in its journal, over all conditions, 0 where there is none yet; and whether it is finished, which one
  /// with all rows in its journal is not.
  private func rowsDone(_ path: String, _ manifest: ShardManifest, rows: Int) throws -> (count: Int, isFinished: Bool) {
    guard FileManager.default.fileExists(atPath: path) else { return (0, false) }
    let file = try HDF5File.open(path)
    guard try file.attribute(StoreSchema.shardPlan, of: "/")?.string == manifest.plan else {
      throw StoreError(.badStore, "\(path) is no shard of this store, but was made by another plan; move it away")
    }
    if try file.dataset(StoreSchema.finished).read(UInt8.self).first == 1 {
      return (rows * manifest.conditions.count, true)
    }
    let marks = try manifest.conditions.map { try file.dataset(StoreSchema.progress($0)).read(UInt8.self) }
    var done = marks.reduce(0) { $0 + $1.count { $0 == 1 } }
    for commit in try ChunkJournal.committedBlocks(of: path) where marks.indices.contains(commit.condition) {
      let own = commit.block * manifest.blockSize..<min(rows, (commit.block + 1) * manifest.blockSize)
      done += own.count { marks[commit.condition].indices.contains($0) && marks[commit.condition][$0] == 0 }
    }
    return (min(done, rows * manifest.conditions.count), false)
  }
}

extension ShardManifest {
  /// Names of the conditions of the store.
  public var conditions: [String] { (settings["conditions"] ?? "").components(separatedBy: ", ") }
}
