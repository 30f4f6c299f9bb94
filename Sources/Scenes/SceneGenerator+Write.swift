import Formats
import Foundation
import Imaging
import Synchronization

/// What a run of `SceneGenerator.write` left behind.
public struct SceneSummary: Sendable, Equatable, Codable {
  /// Images in the folder.
  public let images: Int
  /// How many of them this run drew; the others were there.
  public let drawn: Int
  /// Objects in all images.
  public let objects: Int
  /// Bytes of all images.
  public let bytes: Int
}

extension SceneGenerator {
  /// Draws the scenes into a folder: `images/000000.png` …, `annotations.json` (COCO instances), `labels.csv`,
  /// `splits.csv`, `classes.json`, `scenes.jsonl` (one line an image) and `README.md`.
  ///
  /// Interrupted, the same call goes on where it stopped; a larger `count` adds to what is there.
  ///
  /// - Parameters:
  ///   - folder: new, empty, or written by an earlier call with the same settings.
  ///   - threads: how many to draw with; nil for as many as there are cores.
  ///   - progress: called on the calling thread with the number of images done and the number of all; what it throws
  ///     ends the run and is thrown on, the state kept.
  /// - Returns: what the folder holds now.
  /// - Throws: `SceneError` where the folder is not ours or the disk is too small, `FileWritingError` where it cannot be written,
  ///   `OutputInUse` where another process writes into it.
  @discardableResult
  public func write(
    to folder: URL, threads: Int? = nil, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> SceneSummary {
    let folder = SceneFolder(url: folder)
    let lock = try folder.open(SceneSettings(self))
    defer { lock.release() }
    var records = try folder.records()
    let found = records.count
    guard found <= count else {
      throw SceneError(
        "\(folder.url.path) already holds \(found) scenes of this seed; ask for at least as many with --count or choose "
          + "another --out")
    }
    try folder.requireSpace(for: count - found, of: width, height)
    let workers = max(1, min(threads ?? ProcessInfo.processInfo.activeProcessorCount, 64))
    try progress(found, count)
    while records.count < count {
      let chunk = records.count..<min(count, records.count + workers * 8)
      let drawn = try draw(chunk, into: folder, workers)
      try folder.append(drawn)
      records += drawn
      try progress(records.count, count)
    }
    try SceneIndex(generator: self, records: records).write(to: folder)
    return SceneSummary(
      images: count, drawn: count - found, objects: records.reduce(0) { $0 + $1.annotations.count },
      bytes: records.reduce(0) { $0 + $1.bytes })
  }

  private func draw(_ chunk: Range<Int>, into folder: SceneFolder, _ workers: Int) throws -> [SceneRecord] {
    struct State {
      var next: Int
      var records: [SceneRecord?]
      var failure: (index: Int, error: any Error)?
    }
    let state = Mutex(State(next: chunk.lowerBound, records: Array(repeating: nil, count: chunk.count)))
    DispatchQueue.concurrentPerform(iterations: min(workers, chunk.count)) { _ in
      while true {
        let index = state.withLock { state -> Int? in
          guard state.next < chunk.upperBound, state.failure == nil else { return nil }
          state.next += 1
          return state.next - 1
        }
        guard let index else { return }
        do {
          let scene = try scene(at: index)
          let png = try scene.png()
          let name = SceneFolder.imageName(index)
          try folder.write(Data(png), to: folder.images.appendingPathComponent(name))
          let record = SceneRecord(scene, fileName: name, file: png)
          state.withLock { $0.records[index - chunk.lowerBound] = record }
        } catch {
          // The failure of the lowest index is reported, whichever thread was first.
          state.withLock { state in
            if index < state.failure?.index ?? .max { state.failure = (index, error) }
          }
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure.error }
      return state.records.compactMap { $0 }
    }
  }
}
