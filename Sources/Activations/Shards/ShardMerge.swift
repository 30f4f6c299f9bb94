import Formats
import Foundation
import HDF5

/// Makes one file of the shards of a store.
public struct ShardMerge: Sendable {
  /// What the file holds.
  public enum Kind: Sendable, Equatable {
    /// Virtual datasets that show the rows of the shards, by names relative to the file.
    case view
    /// All rows: the store as one process would have made it.
    case copy
  }

  let folder: ShardFolder
  let store: FeatureStore
  let plan: StorePlan
  let operations: FileOperations

  /// Opens the shards.
  ///
  /// - Throws: `StoreError` that names the shard that is missing, not finished, or of another store.
  public init(_ folder: ShardFolder, operations: FileOperations = FileOperations()) throws {
    self.folder = folder
    self.operations = operations
    store = try FeatureStore(path: folder.path)
    plan = try store.reporting { [store] in try StorePlan(of: store) }
  }

  /// Images of the store.
  public var images: Int { plan.images.count }
  /// Files it is made of.
  public var files: Int { store.parts.parts.count }
  /// Bytes that a copy takes at most.
  public var bytes: Int { plan.estimatedBytes }

  /// Writes the file at `path`, whole or not at all.
  ///
  /// - Parameter progress: gets the rows that were copied so far.
  /// - Throws: `StoreError`: `badRequest` where something is there already, `diskFull`, `inUse`, `badStore`.
  public func write(_ kind: Kind, to path: String, progress: (Int) throws -> Void = { _ in }) throws {
    let path = AtomicFile.target(of: path)
    guard !FileManager.default.fileExists(atPath: path) else {
      throw StoreError(.badRequest, "\(path) is there already; remove it, or give another --out")
    }
    let lock = try StoreLock(store: path)
    defer { withExtendedLifetime(lock) {} }
    if kind == .copy { try FeatureStoreWriter.requireSpace(for: plan, at: path) }
    let partial = path + ".partial"
    try operations.remove(partial)
    do {
      try store.reporting {
        switch kind {
        case .view: try writeView(partial, shownAt: path)
        case .copy: try writeCopy(partial, progress)
        }
      }
      let descriptor = Foundation.open(partial, O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else { throw StoreError.system("open", partial, errno) }
      defer { Foundation.close(descriptor) }
      try operations.synchronize(descriptor, of: partial)
      try operations.rename(partial, to: path)
    } catch {
      if !(error is FileOperations.Stopped) { try? operations.remove(partial) }
      throw error
    }
  }

  // MARK: A view

  private func writeView(_ partial: String, shownAt path: String) throws {
    let parts = store.parts.parts.map { part in
      HDF5File.VirtualPart(
        file: FilePath.relative(part.path, from: FilePath.folder(of: path)), rows: part.rows.count)
    }
    let file = try plan.makeView(at: partial, of: parts, createdAt: store.attribute("created_at"))
    var rows = StoreRows(plan: plan)
    try takeRows(into: &rows)
    try rows.writeImages(to: file, plan: plan)
    try file.flush()
  }

  // MARK: A copy

  private func writeCopy(_ partial: String, _ progress: (Int) throws -> Void) throws {
    try plan.makeSkeleton(at: partial, createdAt: store.attribute("created_at"))
    let file = try HDF5File.open(partial, mode: .readWrite, isTrusted: true)
    let datasets = plan.datasets
    if plan.compression == .none {
      try copyRows(of: datasets, to: file, partial, progress)
    } else {
      try operations.reserve(
        try file.fileDescriptor(), bytes: packedBytes + plan.indexBytes, keepSize: true, of: partial)
      try copyChunks(of: datasets, to: file, progress)
    }
    var rows = StoreRows(plan: plan)
    try takeRows(into: &rows)
    try rows.write(to: file, plan: plan, datasets: datasets, complete: true)
    try file.flush()
  }

  private var packedBytes: Int {
    store.parts.parts.reduce(0) { sum, part in
      let size = try? FileManager.default.attributesOfItem(atPath: part.path)[.size] as? NSNumber
      return sum + (size?.intValue ?? 0)
    }
  }

  /// Plain rows, in pieces of bounded size, to where they lie in the file.
  private func copyRows(
    of datasets: [PlannedDataset], to file: HDF5File, _ path: String, _ progress: (Int) throws -> Void
  ) throws {
    let descriptor = try file.fileDescriptor()
    let addresses = try datasets.map { dataset in
      guard let address = try LinearLayout.address(of: try file.dataset(dataset.path)) else {
        throw StoreError(.badStore, "\(path): \(dataset.path) does not lie in one piece")
      }
      return address
    }
    for part in store.parts.parts {
      for (dataset, address) in zip(datasets, addresses) {
        let most = max(1, (4 << 20) / dataset.rowBytes)
        for row in stride(from: part.rows.lowerBound, to: part.rows.upperBound, by: most) {
          let rows = row..<min(part.rows.upperBound, row + most)
          try withUnsafeTemporaryAllocation(byteCount: rows.count * dataset.rowBytes, alignment: 64) { buffer in
            try store.readBytes(dataset.path, rows: rows, into: buffer)
            try operations.write(
              UnsafeRawBufferPointer(buffer), to: descriptor, at: address + row * dataset.rowBytes, of: path)
          }
        }
      }
      try progress(part.rows.upperBound)
    }
  }

  /// Compressed chunks as they are, in the order in which one process would have written them.
  private func copyChunks(
    of datasets: [PlannedDataset], to file: HDF5File, _ progress: (Int) throws -> Void
  ) throws {
    let targets = try datasets.map { try file.dataset($0.path) }
    let codec = ChunkCodec()
    for (number, part) in store.parts.parts.enumerated() {
      for block in part.rows.lowerBound / plan.blockSize..<(part.rows.upperBound + plan.blockSize - 1) / plan.blockSize
      {
        let rows = plan.rows(ofBlock: block)
        for condition in plan.conditions.indices {
          for (index, dataset) in datasets.enumerated() where dataset.condition == condition {
            let reader = try store.parts.reader(dataset.path, of: number)
            for row in stride(from: rows.lowerBound, to: rows.upperBound, by: dataset.chunkRows) {
              try copyChunk(at: row, part, reader, to: targets[index], dataset, codec)
            }
          }
        }
      }
      try progress(part.rows.upperBound)
    }
  }

  private func copyChunk(
    at row: Int, _ part: StoreParts.Part, _ reader: RowReader, to target: HDF5Dataset, _ dataset: PlannedDataset,
    _ codec: ChunkCodec
  ) throws {
    let zeros = [Int](repeating: 0, count: dataset.rowShape.count)
    let own = row - part.rows.lowerBound
    let source = reader.dataset
    if source.layout == .chunked([dataset.chunkRows] + dataset.rowShape) {
      let size = try source.chunkStorageSize(at: [own] + zeros)
      let packed = codec.packedBuffer(size)
      let mask = try source.readChunk(at: [own] + zeros, into: packed)
      return try target.writeChunk(at: [row] + zeros, UnsafeRawBufferPointer(packed), filterMask: mask)
    }
    // A shard of less than a block has shorter chunks: compressed again, with zeros behind the last image.
    let rows = own..<min(part.rows.count, own + dataset.chunkRows)
    guard case .deflate(let level) = plan.compression else { return }
    let chunk = codec.unpackedBuffer(dataset.chunkRows * dataset.rowBytes)
    _ = chunk.initializeMemory(as: UInt8.self, repeating: 0)
    try reader.readBytes(
      rows: rows, into: UnsafeMutableRawBufferPointer(rebasing: chunk[0..<rows.count * dataset.rowBytes]))
    guard let packed = codec.pack(UnsafeRawBufferPointer(chunk), elementSize: dataset.scalar.size, level: level) else {
      throw StoreError(.inputOutput, "a chunk of \(dataset.path) cannot be compressed")
    }
    try target.writeChunk(at: [row] + zeros, packed)
  }

  /// What the shards keep of each row beside its data.
  private func takeRows(into rows: inout StoreRows) throws {
    let datasets = plan.datasets
    for part in store.parts.parts {
      let shard = try FeatureStore(path: part.path)
      let blocks = (0..<plan.blockCount).map { part.rows.contains($0 * plan.blockSize) }
      try rows.take(
        from: shard, firstRow: part.rows.lowerBound, plan: plan, datasets: datasets,
        blocks: plan.conditions.map { _ in blocks })
    }
  }
}

extension StorePlan {
  /// The plan that a finished store of Palimpsest's own was made by; of shards, that of the whole.
  fileprivate init(of store: FeatureStore) throws {
    let fixed = [
      "format", "version", "model", "family", "checkpoint_sha256", "config", "preprocessing", "created_by",
      "created_at",
      "seed", StoreSchema.precision, StoreSchema.compression, StoreSchema.blockSize, StoreSchema.shard,
      StoreSchema.shardPlan, StoreHeader.launch, StoreSchema.shards,
    ]
    func attribute(_ name: String) throws -> String {
      guard let value = store.attribute(name) else {
        throw StoreError(.badStore, "\(store.path): its attribute \(name) is missing; make it again")
      }
      return value
    }
    func number(_ name: String) throws -> Int {
      guard let value = Int(try attribute(name)) else {
        throw StoreError(.badStore, "\(store.path): its attribute \(name) is no number; make it again")
      }
      return value
    }
    guard let precision = StorePrecision(rawValue: try attribute(StoreSchema.precision)),
      let compression = StoreCompression(try attribute(StoreSchema.compression))
    else { throw StoreError(.badStore, "\(store.path): its dtype or compression is unknown; take a newer palimpsest") }
    let header = StoreHeader(
      model: store.model, family: store.family, checkpointSHA256: try attribute("checkpoint_sha256"),
      configuration: try attribute("config"), preprocessing: try attribute("preprocessing"),
      createdBy: try attribute("created_by"), createdAt: try attribute("created_at"), seed: try number("seed"),
      settings: store.attributes.filter { !fixed.contains($0.name) })
    let conditions = try store.file.children(of: "/progress").map(\.name)
    guard let first = conditions.first else { throw StoreError(.badStore, "\(store.path): it has no condition") }
    self.init(
      header: header, images: zip(store.imagePaths, store.labels).map { StoreImage(path: $0, label: $1) },
      classes: store.classes, conditions: conditions,
      taps: try store.taps(condition: first).map {
        StoreTap(
          name: $0.name, tokens: $0.tokens, channels: $0.channels, grid: $0.grid, prefixTokens: $0.prefixTokens,
          parent: $0.parent, role: $0.role)
      }, precision: precision, compression: compression, inputSize: try store.inputSize(condition: first),
      reconstructions: try store.reconstructions(of: first), joints: try store.joints(of: first),
      blockSize: try number(StoreSchema.blockSize))
    reconstructionSize = try store.reconstructionSize(of: first)
    recordsContents = try store.recordsContents()
  }
}
