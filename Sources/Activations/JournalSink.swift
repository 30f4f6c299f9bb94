import Formats
import Foundation
import HDF5
import Synchronization

/// Rows of a compressed store: chunks are compressed on several threads and appended to the journal; when the writer is
/// closed everything moves into a new file, which replaces the store in one step.
final class JournalSink: BlockSink {
  private let path: String
  private let plan: StorePlan
  private let level: Int
  private let threads: Int
  private let operations: FileOperations
  private let createdAt: String?
  private let datasets: [PlannedDataset]
  private let journal: ChunkJournal
  private let codecs = CodecPool()
  /// Blocks whose chunks the present store file holds, by condition.
  private let inStore: [[Bool]]
  private let commits: Mutex<[ChunkJournal.Commit]>

  /// - Parameters:
  ///   - progress: that of the store file; rows of the journal are added to it.
  ///   - contents: what the images of the store file are known by; those of the journal are added.
  init(
    store: FeatureStore, plan: StorePlan, level: Int, threads: Int, operations: FileOperations,
    progress: inout [[UInt8]], contents: inout [ContentIdentity?]
  ) throws {
    path = store.path
    self.plan = plan
    self.level = level
    self.threads = threads
    self.operations = operations
    createdAt = store.attribute("created_at")
    datasets = plan.datasets
    let known = progress
    inStore = plan.conditions.indices.map { condition in
      (0..<plan.blockCount).map { block in plan.rows(ofBlock: block).allSatisfy { known[condition][$0] == 1 } }
    }
    let identity = try store.reporting {
      try store.file.attribute(MetadataChecksum.value, of: StoreSchema.checksums)?.integer ?? 0
    }
    let (journal, commits) = try ChunkJournal.open(
      store: store.path, identity: UInt64(truncatingIfNeeded: identity), operations: operations)
    self.journal = journal
    let (blocks, inStore) = (0..<plan.blockCount, inStore)
    let useful = commits.filter {
      plan.conditions.indices.contains($0.condition) && blocks.contains($0.block) && !inStore[$0.condition][$0.block]
    }
    for commit in useful {
      for (place, row) in plan.rows(ofBlock: commit.block).enumerated() {
        progress[commit.condition][row] = 1
        if let content = JournalPayload.content(place: place, of: commit.payload, plan: plan) {
          contents[row] = content
        }
      }
    }
    self.commits = Mutex(useful)
  }

  // MARK: Writing

  func write(_ block: FeatureBlock) throws -> Int {
    let start = journal.size
    do {
      return try append(block)
    } catch {
      if !(error is FileOperations.Stopped) { journal.rollBack(to: start) }
      throw error
    }
  }

  private func append(_ block: FeatureBlock) throws -> Int {
    let own = datasets.enumerated().filter { $0.element.condition == block.condition }
    let rows = BlockRows(block, plan: plan, datasets: own.map(\.element))
    let count = rows.rows.count
    let work = own.flatMap { number, dataset in
      stride(from: rows.rows.lowerBound, to: rows.rows.upperBound, by: dataset.chunkRows).map { (number, $0) }
    }
    let sums = Mutex([UInt32](repeating: 0, count: own.count * count))
    let chunks = Mutex<[ChunkJournal.Key: ChunkJournal.Entry]>([:])
    let firstDataset = own.first?.offset ?? 0
    try inParallel(work.count, threads: threads) { [self] index in
      let (number, firstRow) = work[index]
      let dataset = datasets[number]
      try codecs.with { codec in
        let chunk = codec.unpackedBuffer(dataset.chunkRows * dataset.rowBytes)
        for place in 0..<dataset.chunkRows {
          let start = place * dataset.rowBytes
          let row = firstRow + place - rows.rows.lowerBound
          guard row < count else {
            // Behind the last image a chunk is filled with zeros.
            _ = UnsafeMutableRawBufferPointer(rebasing: chunk[start..<start + dataset.rowBytes])
              .initializeMemory(as: UInt8.self, repeating: 0)
            continue
          }
          var sum: UInt32 = 0
          rows.eachPiece(dataset, row: row) { offset, bytes in
            sum = Checksum.crc32(bytes, from: sum)
            UnsafeMutableRawBufferPointer(rebasing: chunk[(start + offset)...]).copyMemory(from: bytes)
          }
          let final = sum
          sums.withLock { $0[(number - firstDataset) * count + row] = final }
        }
        guard let packed = codec.pack(UnsafeRawBufferPointer(chunk), elementSize: dataset.scalar.size, level: level)
        else { throw StoreError(.inputOutput, "\(path): a chunk of \(dataset.path) cannot be compressed") }
        let key = ChunkJournal.Key(dataset: number, chunk: firstRow / dataset.chunkRows)
        let entry = try journal.append(dataset: key.dataset, chunk: key.chunk, packed)
        chunks.withLock { $0[key] = entry }
      }
    }
    let payload = JournalPayload(records: (0..<count).map { rows.imageRecord(row: $0) }, sums: sums.withLock { $0 })
    try journal.commit(condition: block.condition, block: block.block, payload: payload.bytes)
    let commit = ChunkJournal.Commit(
      condition: block.condition, block: block.block, payload: payload.bytes, chunks: chunks.withLock { $0 })
    commits.withLock { $0.append(commit) }
    return own.reduce(0) { $0 + $1.element.rowBytes } * count
  }

  // MARK: Closing

  /// Moves everything into a new file. A kill before the renaming leaves store and journal as they are; one after it
  /// leaves a journal of which nothing is needed any more.
  func close(complete: Bool) throws {
    let commits = commits.withLock { $0 }
    var damagedRows = 0
    if !commits.isEmpty {
      let partial = path + ".partial"
      do {
        damagedRows = try consolidate(commits, into: partial, complete: complete)
        try operations.rename(partial, to: path)
      } catch {
        if !(error is FileOperations.Stopped) { try? operations.remove(partial) }
        throw error
      }
    }
    try operations.remove(journal.path)
    if damagedRows > 0 {
      throw StoreError(
        .badStore,
        "\(journal.path): \(damagedRows) rows in it were damaged; run the same command again to write them")
    }
  }

  /// Writes the new file and returns the rows that could not be taken over.
  private func consolidate(_ commits: [ChunkJournal.Commit], into partial: String, complete: Bool) throws -> Int {
    try operations.remove(partial)
    try plan.makeSkeleton(at: partial, createdAt: createdAt)
    let packedBytes = commits.reduce(0) { $0 + $1.chunks.reduce(0) { $0 + $1.value.length } }
    let oldBytes = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
    var damaged = 0
    do {
      let file = try HDF5File.open(partial, mode: .readWrite, isTrusted: true)
      let old = try FeatureStore(path: path)
      // All room is taken first, so that libhdf5 never meets a full disk.
      try operations.reserve(
        try file.fileDescriptor(), bytes: oldBytes + packedBytes + plan.indexBytes, keepSize: true, of: partial)
      let targets = try datasets.map { try file.dataset($0.path) }
      var rows = StoreRows(plan: plan)
      let codec = ChunkCodec()
      for condition in plan.conditions.indices {
        for block in 0..<plan.blockCount where inStore[condition][block] {
          try copy(block, of: condition, from: old, to: targets, codec: codec)
        }
      }
      try rows.take(from: old, plan: plan, datasets: datasets, blocks: inStore)
      for commit in commits {
        if try move(commit, to: targets) {
          try rows.take(commit, plan: plan, datasets: datasets)
        } else {
          damaged += plan.rows(ofBlock: commit.block).count
        }
      }
      try rows.write(to: file, plan: plan, datasets: datasets, complete: complete && damaged == 0)
      try file.flush()
    } catch let error as HDF5Error {
      throw StoreError(.inputOutput, error.description)
    }
    let descriptor = Foundation.open(partial, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.system("open", partial, errno) }
    defer { Foundation.close(descriptor) }
    try operations.synchronize(descriptor, of: partial)
    return damaged
  }

  private func copy(
    _ block: Int, of condition: Int, from old: FeatureStore, to targets: [HDF5Dataset], codec: ChunkCodec
  ) throws {
    let rows = plan.rows(ofBlock: block)
    for (number, dataset) in datasets.enumerated() where dataset.condition == condition {
      let source = try old.reader(dataset.path).dataset
      for row in stride(from: rows.lowerBound, to: rows.upperBound, by: dataset.chunkRows) {
        let offset = [row] + [Int](repeating: 0, count: dataset.rowShape.count)
        let packed = codec.packedBuffer(try source.chunkStorageSize(at: offset))
        let mask = try source.readChunk(at: offset, into: packed)
        try targets[number].writeChunk(at: offset, UnsafeRawBufferPointer(packed), filterMask: mask)
      }
    }
  }

  /// Moves the chunks of a block; false where one of them is damaged.
  private func move(_ commit: ChunkJournal.Commit, to targets: [HDF5Dataset]) throws -> Bool {
    let chunks = commit.chunks.sorted { ($0.key.dataset, $0.key.chunk) < ($1.key.dataset, $1.key.chunk) }
    let expected = datasets.filter { $0.condition == commit.condition }.reduce(0) {
      $0 + (plan.rows(ofBlock: commit.block).count + $1.chunkRows - 1) / $1.chunkRows
    }
    guard chunks.count == expected else { return false }
    for (key, entry) in chunks {
      guard targets.indices.contains(key.dataset), let bytes = try journal.read(entry) else { return false }
      let dataset = datasets[key.dataset]
      let offset = [key.chunk * dataset.chunkRows] + [Int](repeating: 0, count: dataset.rowShape.count)
      try bytes.withUnsafeBytes { try targets[key.dataset].writeChunk(at: offset, $0) }
    }
    return true
  }
}

extension StorePlan {
  /// The most bytes of the structure around the chunks of a compressed store.
  var indexBytes: Int {
    datasets.reduce(1 << 20) { $0 + 4096 + ((images.count + $1.chunkRows - 1) / $1.chunkRows) * 32 }
  }
}
