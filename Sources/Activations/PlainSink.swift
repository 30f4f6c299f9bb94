import Formats
import Foundation
import HDF5
import Synchronization

/// Rows straight into an uncompressed store: `pwrite` at addresses that were learned once. No call of libhdf5 happens
/// while rows are written, and no byte of the file's structure changes.
final class PlainSink: BlockSink {
  private let path: String
  private let plan: StorePlan
  private let threads: Int
  private let operations: FileOperations
  private let descriptor: Int32
  private let datasets: [[PlannedDataset]]
  /// First byte of row 0, by dataset path.
  private let addresses: [String: Int]

  init(store: FeatureStore, plan: StorePlan, threads: Int, operations: FileOperations) throws {
    path = store.path
    self.plan = plan
    self.threads = threads
    self.operations = operations
    let all = plan.datasets
    datasets = plan.conditions.indices.map { condition in all.filter { $0.condition == condition } }
    var addresses: [String: Int] = [:]
    var paths = all.flatMap { [$0.path, StoreSchema.checksum(of: $0.path)] }
    paths += plan.conditions.map(StoreSchema.progress)
    paths += [StoreSchema.imageSize, StoreSchema.imageError, StoreSchema.imageChecksums, StoreSchema.finished]
    if plan.recordsContents { paths.append(StoreSchema.imageContent) }
    for path in paths {
      guard let address = try LinearLayout.address(of: try store.file.dataset(path)) else {
        throw StoreError(
          .badStore, "\(store.path): \(path) does not lie in one piece; the store cannot be taken up again")
      }
      addresses[path] = address
    }
    self.addresses = addresses
    descriptor = Foundation.open(store.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.system("open", store.path, errno) }
  }

  deinit { Foundation.close(descriptor) }

  private func address(_ path: String) -> Int {
    guard let address = addresses[path] else { preconditionFailure("every dataset of the plan has an address") }
    return address
  }

  func write(_ block: FeatureBlock) throws -> Int {
    let datasets = datasets[block.condition]
    let rows = BlockRows(block, plan: plan, datasets: datasets)
    let count = rows.rows.count
    let sums = Mutex([UInt32](repeating: 0, count: datasets.count * count))
    let work = datasets.indices.flatMap { dataset in
      // Tiny rows go together, large ones each for themselves.
      let together = max(1, min(count, (256 << 10) / max(1, datasets[dataset].rowBytes)))
      return stride(from: 0, to: count, by: together).map { (dataset, $0..<min(count, $0 + together)) }
    }
    try inParallel(work.count, threads: threads) { [self] index in
      let (position, part) = work[index]
      let dataset = datasets[position]
      let base = address(dataset.path)
      let partSums =
        try part.count == 1
        ? [writeRow(rows, dataset, row: part.lowerBound, base: base)]
        : writeTogether(rows, dataset, part, base: base)
      sums.withLock {
        $0.replaceSubrange(position * count + part.lowerBound..<position * count + part.upperBound, with: partSums)
      }
    }
    let all = sums.withLock { $0 }
    for (position, dataset) in datasets.enumerated() {
      try write(
        Array(all[position * count..<(position + 1) * count]), at: StoreSchema.checksum(of: dataset.path),
        row: rows.rows.lowerBound, rowBytes: 4)
    }
    let records = (0..<count).map { rows.imageRecord(row: $0) }
    let first = rows.rows.lowerBound
    try write(records.flatMap(\.size), at: StoreSchema.imageSize, row: first, rowBytes: 8)
    try write(records.flatMap(\.error), at: StoreSchema.imageError, row: first, rowBytes: StoreSchema.errorBytes)
    if plan.recordsContents {
      try write(
        records.flatMap(\.content), at: StoreSchema.imageContent, row: first, rowBytes: ContentIdentity.digitCount)
    }
    try write(records.map(\.checksum), at: StoreSchema.imageChecksums, row: first, rowBytes: 4)
    // The mark comes last: from here on the rows count.
    try write(
      [UInt8](repeating: 1, count: count), at: StoreSchema.progress(plan.conditions[block.condition]), row: first,
      rowBytes: 1)
    return datasets.reduce(0) { $0 + $1.rowBytes } * count
  }

  private func writeRow(_ rows: BlockRows, _ dataset: PlannedDataset, row: Int, base: Int) throws -> UInt32 {
    var sum: UInt32 = 0
    let start = base + (rows.rows.lowerBound + row) * dataset.rowBytes
    try rows.eachPiece(dataset, row: row) { offset, bytes in
      sum = Checksum.crc32(bytes, from: sum)
      try operations.write(bytes, to: descriptor, at: start + offset, of: path)
    }
    return sum
  }

  private func writeTogether(
    _ rows: BlockRows, _ dataset: PlannedDataset, _ part: Range<Int>, base: Int
  ) throws -> [UInt32] {
    try withUnsafeTemporaryAllocation(byteCount: part.count * dataset.rowBytes, alignment: 16) { memory in
      var sums: [UInt32] = []
      for row in part {
        var sum: UInt32 = 0
        let start = (row - part.lowerBound) * dataset.rowBytes
        rows.eachPiece(dataset, row: row) { offset, bytes in
          sum = Checksum.crc32(bytes, from: sum)
          UnsafeMutableRawBufferPointer(rebasing: memory[(start + offset)...]).copyMemory(from: bytes)
        }
        sums.append(sum)
      }
      try operations.write(
        UnsafeRawBufferPointer(memory), to: descriptor,
        at: base + (rows.rows.lowerBound + part.lowerBound) * dataset.rowBytes, of: path)
      return sums
    }
  }

  private func write<Value: BitwiseCopyable>(_ values: [Value], at dataset: String, row: Int, rowBytes: Int) throws {
    let start = address(dataset) + row * rowBytes
    try values.withUnsafeBytes { try operations.write($0, to: descriptor, at: start, of: path) }
  }

  func close(complete: Bool) throws {
    if complete { try write([UInt8(1)], at: StoreSchema.finished, row: 0, rowBytes: 1) }
  }
}

/// Datasets whose rows lie one behind the other in the file.
enum LinearLayout {
  /// Offset of the first row in the file that was opened; nil where rows are filtered, scattered, converted, not yet
  /// allocated, or lie in another file.
  static func address(of dataset: HDF5Dataset) throws -> Int? {
    guard dataset.isInOpenedFile, dataset.filters.isEmpty, try dataset.file.userBlockSize() == 0 else { return nil }
    switch dataset.layout {
    case .contiguous:
      return try dataset.contiguousExtent()?.address
    case .chunked(let chunk):
      guard chunk.count == dataset.shape.count, Array(chunk.dropFirst()) == Array(dataset.shape.dropFirst()),
        let rows = dataset.shape.first, rows > 0,
        dataset.hasImplicitChunkIndex() || chunk[0] >= rows
      else { return nil }
      return try dataset.chunkExtent(at: [Int](repeating: 0, count: chunk.count))?.address
    case .compact, .virtual, .other: return nil
    }
  }
}
