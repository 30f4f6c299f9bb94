import Foundation
import HDF5

/// Reads rows of one dataset, `[N, …]`, by the fastest way its layout allows:
/// plain reads at known places, chunks decompressed on the calling thread, or libhdf5.
struct RowReader: Sendable {
  enum Access: Sendable {
    /// Rows lie one behind the other from this offset on.
    case linear(address: Int, descriptor: Int32)
    /// Chunks of whole rows, deflated, perhaps shuffled before.
    case deflated(chunkRows: Int, shuffle: Bool)
    case library
  }

  let dataset: HDF5Dataset
  let scalar: HDF5ScalarType
  let access: Access
  /// Numbers in one row.
  let columns: Int

  var rowBytes: Int { columns * scalar.size }

  init(_ dataset: HDF5Dataset) throws {
    self.dataset = dataset
    guard case .scalar(let scalar, let littleEndian) = dataset.elementType, dataset.shape.count >= 2 else {
      throw StoreError(
        .badStore, "\(dataset.file.path): \(dataset.path) holds \(dataset.elementType) of shape \(dataset.shape)")
    }
    self.scalar = scalar
    columns = dataset.shape.dropFirst().reduce(1, *)
    if littleEndian, let address = try LinearLayout.address(of: dataset) {
      access = .linear(address: address, descriptor: try dataset.file.fileDescriptor())
    } else if littleEndian, case .chunked(let chunk) = dataset.layout,
      chunk.dropFirst().elementsEqual(dataset.shape.dropFirst()),
      dataset.filters == [2, 1] || dataset.filters == [1],
      chunk[0] * columns * scalar.size < 1 << 32
    {
      access = .deflated(chunkRows: chunk[0], shuffle: dataset.filters.first == 2)
    } else {
      access = .library
    }
  }

  private func error(_ text: String) -> StoreError {
    StoreError(.badStore, "\(dataset.file.path): \(dataset.path): \(text)")
  }

  /// Rows in one piece of work: those of a chunk, or one.
  var unitRows: Int { if case .deflated(let rows, _) = access { rows } else { 1 } }

  /// Reads rows as they are in the file, little-endian.
  func readBytes(rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(buffer.count == rows.count * rowBytes, "the buffer holds the rows")
    switch access {
    case .linear(let address, let descriptor):
      try FileOperations.read(
        descriptor, into: buffer, at: address + rows.lowerBound * rowBytes, of: dataset.file.path)
    case .deflated(let chunkRows, _):
      let codec = ChunkCodec()
      var row = rows.lowerBound
      while row < rows.upperBound {
        let chunk = row / chunkRows
        let part = row..<min(rows.upperBound, (chunk + 1) * chunkRows)
        let target = UnsafeMutableRawBufferPointer(
          rebasing: buffer[(row - rows.lowerBound) * rowBytes..<(part.upperBound - rows.lowerBound) * rowBytes])
        try withChunk(chunk, codec: codec) { bytes in
          let start = (row - chunk * chunkRows) * rowBytes
          target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + target.count]))
        }
        row = part.upperBound
      }
    case .library:
      let start = [rows.lowerBound] + [Int](repeating: 0, count: dataset.shape.count - 1)
      try dataset.read(into: buffer, as: scalar, start: start, count: [rows.count] + dataset.shape.dropFirst())
    }
  }

  /// Hands a decompressed chunk to `body`; one that was never written is zeros.
  func withChunk(_ chunk: Int, codec: ChunkCodec, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard case .deflated(let chunkRows, let shuffle) = access else { preconditionFailure("only chunks are unpacked") }
    let offset = [chunk * chunkRows] + [Int](repeating: 0, count: dataset.shape.count - 1)
    let bytes = chunkRows * rowBytes
    let unpacked = codec.unpackedBuffer(bytes)
    let stored = try dataset.chunkStorageSize(at: offset)
    if stored == 0 {
      _ = unpacked.initializeMemory(as: UInt8.self, repeating: 0)
    } else {
      guard stored <= bytes + bytes / 8 + 4096 else {
        throw error("the chunk at row \(offset[0]) is damaged: it has \(stored) bytes")
      }
      let packed = codec.packedBuffer(stored)
      let mask = try dataset.readChunk(at: offset, into: packed)
      guard mask == 0 else { throw error("the chunk at row \(offset[0]) leaves out a filter") }
      guard codec.unpack(UnsafeRawBufferPointer(packed), into: unpacked, elementSize: scalar.size, shuffle: shuffle)
      else { throw error("the chunk at row \(offset[0]) is damaged: it cannot be decompressed") }
    }
    try body(UnsafeRawBufferPointer(unpacked))
  }

  /// Widens numbers of the file to float32 (float64 is rounded).
  func convert(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
    RowReader.convert(bytes, scalar, into: target)
  }

  static func convert(
    _ bytes: UnsafeRawBufferPointer, _ scalar: HDF5ScalarType, into target: UnsafeMutableBufferPointer<Float>
  ) {
    let raw = UnsafeMutableRawBufferPointer(target)
    switch scalar {
    case .float16: Precision.floats(from: bytes, into: raw)
    case .float64:
      for index in target.indices {
        target[index] = Float(bytes.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
      }
    default: raw.copyMemory(from: bytes)
    }
  }
}
