import Formats
import Foundation
import HDF5
import Synchronization

/// What became of one image of a block.
public enum ImageOutcome: Sendable, Equatable {
  /// It was read; height and width of the file's picture.
  case read(height: Int, width: Int)
  /// It could not be read, and why. Its rows stay zero and readers leave them out.
  case failed(reason: String)

  var isRead: Bool { if case .read = self { true } else { false } }
}

/// The rows of one block of images under one condition. Buffers are borrowed for the duration of the call.
public struct FeatureBlock: @unchecked Sendable {
  public let condition: Int
  public let block: Int
  /// One for each row of the block.
  public let outcomes: [ImageOutcome]
  /// What the image file of each row of the block is known by; nil where that is not known, empty where it is of none.
  public let contents: [ContentIdentity?]
  /// For each tap of the plan, float32 rows `[images read, tokens, channels]`, in the order of the images.
  public let taps: [UnsafeRawBufferPointer]
  /// `[images read, height, width, 3]` bytes; nil where the plan has no inputs.
  public let inputs: UnsafeRawBufferPointer?
  /// For each reconstruction of the plan, `[images read, height, width, 3]` bytes.
  public let reconstructions: [UnsafeRawBufferPointer]
  /// `[images read, starts, joints]` float32; nil where the plan has no joints.
  public let joints: UnsafeRawBufferPointer?

  public init(
    condition: Int, block: Int, outcomes: [ImageOutcome], contents: [ContentIdentity?] = [],
    taps: [UnsafeRawBufferPointer], inputs: UnsafeRawBufferPointer?, reconstructions: [UnsafeRawBufferPointer] = [],
    joints: UnsafeRawBufferPointer? = nil
  ) {
    self.contents = contents
    self.condition = condition
    self.block = block
    self.outcomes = outcomes
    self.taps = taps
    self.inputs = inputs
    self.reconstructions = reconstructions
    self.joints = joints
  }
}

/// Writes a feature store so that it can be interrupted at any instant.
///
/// - Without compression the whole structure of the file is made first, under another name. Then rows are written as
///   plain bytes at known places: data, checksum, and last the progress mark. A kill leaves at worst rows without a mark.
/// - With compression the chunks go to a journal beside the store and are moved into a new file at the end, which then
///   replaces the store in one step.
///
/// `write(_:)` may be called from any thread, one call at a time; it uses several threads itself.
public final class FeatureStoreWriter: Sendable {
  public let path: String
  public let plan: StorePlan
  let operations: FileOperations
  let threads: Int
  private let state: Mutex<State>

  struct State {
    var lock: StoreLock?
    var sink: (any BlockSink)?
    /// Rows done, by condition.
    var progress: [[UInt8]]
    /// What the image file of each row that is done is known by.
    var contents: [ContentIdentity?]
    /// Rows done, over all conditions: counted as they come, because they are asked for after every block.
    var rowsDone: Int
    var bytesWritten = 0
  }

  /// Opens the store at `path` to go on with it, or makes it where there is none.
  ///
  /// - Parameters:
  ///   - threads: how many threads convert, sum up, compress and write the rows of a block.
  ///   - recheck: read every row that is marked complete again and write those again whose bytes do not fit their
  ///     checksums (after a power cut, or to repair a damaged store).
  /// - Throws: `StoreError`: `otherSettings` naming the first setting that differs, `diskFull` with both figures,
  ///   `inUse`, `badStore`.
  public static func open(
    at path: String, plan: StorePlan, threads: Int = 2, recheck: Bool = false,
    operations: FileOperations = FileOperations()
  ) throws -> FeatureStoreWriter {
    try plan.validate()
    // Everything happens beside what a link leads to: the other names of the store, its renaming, its room.
    let path = AtomicFile.target(of: path)
    let lock = try StoreLock(store: path)
    let partial = path + ".partial"
    try operations.remove(partial)
    if !FileManager.default.fileExists(atPath: path) {
      try operations.remove(ChunkJournal.path(of: path))
      try create(at: path, partial: partial, plan: plan, operations: operations)
    }
    let store = try FeatureStore(path: path)
    try store.requireSameSettings(as: plan)
    // A store of an earlier version goes on without what it does not have.
    var kept = plan
    kept.recordsContents = try store.recordsContents()
    var progress = try plan.conditions.map { try store.progress(of: $0) }
    let known = progress
    var contents = plan.images.indices.map { row in
      known.contains { $0[row] == 1 } && !store.imageContents.isEmpty ? store.imageContents[row] : nil
    }
    if recheck {
      for mismatch in try store.verify(threads: threads).mismatches {
        for condition in plan.conditions.indices
        where mismatch.condition == nil || mismatch.condition == plan.conditions[condition] {
          if let row = mismatch.row { progress[condition][row] = 0 }
        }
      }
    }
    let sink: any BlockSink =
      switch plan.compression {
      case .none:
        try PlainSink(store: store, plan: kept, threads: threads, operations: operations)
      case .deflate(let level):
        try JournalSink(
          store: store, plan: kept, level: level, threads: threads, operations: operations, progress: &progress,
          contents: &contents)
      }
    let rowsDone = progress.reduce(0) { $0 + $1.count { $0 == 1 } }
    lock.describe(rowsDone: rowsDone)
    return FeatureStoreWriter(
      path: path, plan: kept, operations: operations, threads: threads,
      state: State(lock: lock, sink: sink, progress: progress, contents: contents, rowsDone: rowsDone))
  }

  private init(path: String, plan: StorePlan, operations: FileOperations, threads: Int, state: State) {
    self.path = path
    self.plan = plan
    self.operations = operations
    self.threads = threads
    self.state = Mutex(state)
  }

  /// Says whether the disk can take the store; call it before the model is loaded to fail early.
  public static func requireSpace(for plan: StorePlan, at path: String) throws {
    let needed = plan.estimatedBytes
    let path = AtomicFile.target(of: path)
    if !FileManager.default.fileExists(atPath: path), let free = FileOperations.freeBytes(at: path), free < needed {
      throw StoreError(
        .diskFull,
        "the store at \(path) needs \(describeBytes(needed)) (\(needed) bytes), but only \(describeBytes(free))"
          + " (\(free) bytes) are free; use --dtype float16, fewer taps or --limit, or another disk")
    }
  }

  private static func create(at path: String, partial: String, plan: StorePlan, operations: FileOperations) throws {
    let folder = FilePath.folder(of: path)
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue else {
      throw StoreError(.badRequest, "cannot create \(path): there is no folder \(folder)")
    }
    try requireSpace(for: plan, at: path)
    do {
      try plan.makeSkeleton(at: partial)
      let descriptor = Foundation.open(partial, O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else { throw StoreError.system("open", partial, errno) }
      defer { Foundation.close(descriptor) }
      let size = try FileOperations.size(descriptor, of: partial)
      try operations.reserve(descriptor, bytes: size, keepSize: false, of: partial)
      try operations.synchronize(descriptor, of: partial)
      try operations.rename(partial, to: path)
    } catch {
      if !(error is FileOperations.Stopped) { try? operations.remove(partial) }
      throw error
    }
  }

  // MARK: What is left to do

  /// Whether every row of a block is done under a condition.
  public func isComplete(condition: Int, block: Int) -> Bool {
    state.withLock { state in plan.rows(ofBlock: block).allSatisfy { state.progress[condition][$0] == 1 } }
  }

  /// Blocks that are not done, in order, with the conditions that lack them.
  public func remainingBlocks() -> [(block: Int, conditions: [Int])] {
    (0..<plan.blockCount).compactMap { block in
      let conditions = plan.conditions.indices.filter { !isComplete(condition: $0, block: block) }
      return conditions.isEmpty ? nil : (block, conditions)
    }
  }

  /// Rows that are done, over all conditions.
  public var rowsDone: Int { state.withLock { $0.rowsDone } }

  /// What the image file of each row that is done under any condition is known by; nil for other rows, and where the store
  /// does not record it.
  public var imageContents: [ContentIdentity?] { state.withLock { $0.contents } }

  /// Bytes of pixels and features this writer has taken in (before compression).
  public var bytesWritten: Int { state.withLock { $0.bytesWritten } }

  // MARK: Writing

  /// Writes the rows of a block and marks them complete.
  public func write(_ block: FeatureBlock) throws {
    try check(block)
    let sink = try state.withLock { state in
      guard let sink = state.sink else { throw StoreError(.badRequest, "\(path): the writer is closed") }
      return sink
    }
    let bytes = try sink.write(block)
    state.withLock { state in
      for row in plan.rows(ofBlock: block.block) {
        if state.progress[block.condition][row] != 1 { state.rowsDone += 1 }
        state.progress[block.condition][row] = 1
      }
      state.bytesWritten += bytes
    }
  }

  private func check(_ block: FeatureBlock) throws {
    func bad(_ text: String) -> StoreError {
      StoreError(.badRequest, "\(path): block \(block.block) of condition \(block.condition): \(text)")
    }
    guard plan.conditions.indices.contains(block.condition), (0..<plan.blockCount).contains(block.block) else {
      throw bad("there is no such block")
    }
    let rows = plan.rows(ofBlock: block.block).count
    guard block.outcomes.count == rows else { throw bad("\(block.outcomes.count) images, expected \(rows)") }
    guard block.contents.isEmpty || block.contents.count == rows else {
      throw bad("identities of \(block.contents.count) images, expected \(rows)")
    }
    let read = block.outcomes.count { $0.isRead }
    guard block.taps.count == plan.taps.count else {
      throw bad("\(block.taps.count) taps, expected \(plan.taps.count)")
    }
    for (tap, buffer) in zip(plan.taps, block.taps) where buffer.count != read * tap.columns * 4 {
      throw bad("tap \(tap.name) has \(buffer.count) bytes, expected \(read * tap.columns * 4)")
    }
    if let size = plan.inputSize, (block.inputs?.count ?? 0) != read * size.area * 3 {
      throw bad("the inputs have \(block.inputs?.count ?? 0) bytes, expected \(read * size.area * 3)")
    }
    guard block.reconstructions.count == plan.reconstructions.count else {
      throw bad("\(block.reconstructions.count) reconstructions, expected \(plan.reconstructions.count)")
    }
    let pixels = read * (plan.reconstructionSize?.area ?? 1) * 3
    for (name, buffer) in zip(plan.reconstructions, block.reconstructions) where buffer.count != pixels {
      throw bad("the reconstruction from \(name) has \(buffer.count) bytes, expected \(pixels)")
    }
    if let joints = plan.joints, (block.joints?.count ?? 0) != read * joints.shape.reduce(4, *) {
      throw bad("the joints have \(block.joints?.count ?? 0) bytes, expected \(read * joints.shape.reduce(4, *))")
    }
  }

  /// Ends the writing: a complete store is marked as finished, an incomplete one is left so that it can be taken up
  /// again. Compressed chunks are moved from the journal into the store in both cases.
  public func close() throws {
    let (sink, complete) = state.withLock { state in
      defer { state.sink = nil }
      return (state.sink, state.progress.allSatisfy { $0.allSatisfy { $0 == 1 } })
    }
    defer { state.withLock { $0.lock = nil } }
    try sink?.close(complete: complete)
  }

  /// Lets the store go after a failure, as it is: complete rows stay, in the store or in its journal.
  public func abandon() {
    state.withLock { state in
      state.sink = nil
      state.lock = nil
    }
  }
}

/// Where blocks go: straight into the store, or through a journal.
protocol BlockSink: Sendable {
  /// Writes a block and makes it count; returns the bytes of pixels and features it held.
  func write(_ block: FeatureBlock) throws -> Int
  func close(complete: Bool) throws
}
