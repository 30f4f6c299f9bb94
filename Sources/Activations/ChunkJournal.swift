import Foundation
import Synchronization

/// The journal of a compressed store: `STORE.h5.journal`, to which chunks and then, block by block, commits are
/// appended. What a kill tears is always behind the last commit, and is cut off when the journal is opened again.
///
/// Layout, little-endian: 16 bytes of head (`PALJRNL1`, the store's identity), then records of a 48-byte head (magic, kind,
/// dataset, chunk, payload length, CRC-32 of the payload, CRC-32 of the head before it) and a payload.
final class ChunkJournal: Sendable {
  /// Where a committed chunk lies.
  struct Entry: Sendable, Equatable {
    let offset: Int
    let length: Int
    let checksum: UInt32
  }

  struct Key: Hashable, Sendable {
    let dataset: Int
    let chunk: Int
  }

  /// A block that counts.
  struct Commit: Sendable {
    let condition: Int
    let block: Int
    let payload: [UInt8]
    let chunks: [Key: Entry]
  }

  static func path(of store: String) -> String { store + ".journal" }

  static let headBytes = 16
  static let recordBytes = 48
  private static let fileMagic = Array("PALJRNL1".utf8)
  private static let recordMagic: UInt32 = 0x4a4c_4150
  private static let chunkKind: UInt32 = 1
  private static let commitKind: UInt32 = 2

  let path: String
  private let descriptor: Int32
  private let operations: FileOperations
  private let end: Mutex<Int>

  /// Opens the journal of a store, or begins one; what was committed is returned in order.
  ///
  /// - Parameter identity: a number of the store; a journal of another store is started again.
  static func open(store: String, identity: UInt64, operations: FileOperations) throws -> (ChunkJournal, [Commit]) {
    let path = path(of: store)
    let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError.system("create", path, errno) }
    let journal = ChunkJournal(path: path, descriptor: descriptor, operations: operations)
    let size = try FileOperations.size(descriptor, of: path)
    var head = [UInt8](repeating: 0, count: headBytes)
    if size >= headBytes {
      try head.withUnsafeMutableBytes { try FileOperations.read(descriptor, into: $0, at: 0, of: path) }
    }
    let wanted = fileMagic + Bytes.of(identity)
    guard head == wanted else {
      try operations.truncate(descriptor, to: 0, of: path)
      try wanted.withUnsafeBytes { try operations.write($0, to: descriptor, at: 0, of: path) }
      journal.end.withLock { $0 = headBytes }
      return (journal, [])
    }
    let (commits, end) = try journal.scan(size: size)
    if end < size { try operations.truncate(descriptor, to: end, of: path) }
    journal.end.withLock { $0 = end }
    return (journal, commits)
  }

  /// The blocks that count in the journal of a store, without changing it: another process may be writing there. Empty where there is
  /// none.
  static func committedBlocks(of store: String) throws -> [(condition: Int, block: Int)] {
    let path = path(of: store)
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    let journal = ChunkJournal(path: path, descriptor: descriptor, operations: FileOperations())
    let size = try FileOperations.size(descriptor, of: path)
    return try journal.scan(size: size).commits.map { ($0.condition, $0.block) }
  }

  private init(path: String, descriptor: Int32, operations: FileOperations) {
    self.path = path
    self.descriptor = descriptor
    self.operations = operations
    end = Mutex(0)
  }

  deinit { close(descriptor) }

  // MARK: Writing

  /// Appends a chunk. From any thread; chunks do not count before a commit names them by following them.
  func append(dataset: Int, chunk: Int, _ bytes: UnsafeRawBufferPointer) throws -> Entry {
    try append(kind: ChunkJournal.chunkKind, dataset: dataset, chunk: chunk, bytes)
  }

  /// Makes a block count. All its chunks have been appended.
  func commit(condition: Int, block: Int, payload: [UInt8]) throws {
    _ = try payload.withUnsafeBytes {
      try append(kind: ChunkJournal.commitKind, dataset: condition, chunk: block, $0)
    }
  }

  private func append(kind: UInt32, dataset: Int, chunk: Int, _ payload: UnsafeRawBufferPointer) throws -> Entry {
    let checksum = Checksum.crc32(payload)
    var head = Bytes.of(ChunkJournal.recordMagic) + Bytes.of(kind) + Bytes.of(UInt64(dataset))
    head += Bytes.of(UInt64(chunk)) + Bytes.of(UInt64(payload.count)) + Bytes.of(checksum)
    head += [UInt8](repeating: 0, count: ChunkJournal.recordBytes - 4 - head.count)
    head += Bytes.of(Checksum.crc32(of: head))
    let total = head.count + payload.count
    let start = end.withLock { end -> Int in
      defer { end += total }
      return end
    }
    try head.withUnsafeBytes { try operations.write($0, to: descriptor, at: start, of: path) }
    try operations.write(payload, to: descriptor, at: start + head.count, of: path)
    return Entry(offset: start + head.count, length: payload.count, checksum: checksum)
  }

  /// Bytes in the journal so far; what a failed block began behind them is cut off by `rollBack`.
  var size: Int { end.withLock { $0 } }

  /// Forgets what was appended since the journal had `size` bytes.
  func rollBack(to size: Int) {
    end.withLock { $0 = size }
    try? operations.truncate(descriptor, to: size, of: path)
  }

  // MARK: Reading

  /// Walks the records. A record that is torn, or not behind its predecessor, ends the journal; what no commit follows
  /// does not count. Chunks' own bytes are checked when they are read.
  private func scan(size: Int) throws -> (commits: [Commit], end: Int) {
    var commits: [Commit] = []
    var pending: [Key: Entry] = [:]
    var position = ChunkJournal.headBytes
    var end = position
    var head = [UInt8](repeating: 0, count: ChunkJournal.recordBytes)
    while position + ChunkJournal.recordBytes <= size {
      try head.withUnsafeMutableBytes { try FileOperations.read(descriptor, into: $0, at: position, of: path) }
      let body = Array(head.prefix(ChunkJournal.recordBytes - 4))
      let length = Int(clamping: Bytes.unsigned64(head, at: 24))
      guard Bytes.unsigned32(head, at: 0) == ChunkJournal.recordMagic,
        Bytes.unsigned32(head, at: ChunkJournal.recordBytes - 4) == Checksum.crc32(of: body),
        length <= size - position - ChunkJournal.recordBytes
      else { break }
      let entry = Entry(
        offset: position + ChunkJournal.recordBytes, length: length, checksum: Bytes.unsigned32(head, at: 32))
      let (first, second) = (
        Int(clamping: Bytes.unsigned64(head, at: 8)), Int(clamping: Bytes.unsigned64(head, at: 16))
      )
      position = entry.offset + length
      if Bytes.unsigned32(head, at: 4) == ChunkJournal.chunkKind {
        pending[Key(dataset: first, chunk: second)] = entry
      } else {
        guard let payload = try read(entry) else { break }
        commits.append(Commit(condition: first, block: second, payload: payload, chunks: pending))
        pending = [:]
        end = position
      }
    }
    return (commits, end)
  }

  /// Bytes of a record; nil where they do not fit their checksum.
  func read(_ entry: Entry) throws -> [UInt8]? {
    let bytes = try [UInt8](unsafeUninitializedCapacity: entry.length) { buffer, initialized in
      let target = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[0..<entry.length]))
      try FileOperations.read(descriptor, into: target, at: entry.offset, of: path)
      initialized = entry.length
    }
    return Checksum.crc32(of: bytes) == entry.checksum ? bytes : nil
  }
}

/// Numbers as little-endian bytes.
enum Bytes {
  static func of<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static func unsigned32(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
  }

  static func unsigned64(_ bytes: [UInt8], at offset: Int) -> UInt64 {
    bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
  }
}
