import Foundation
import HDF5

/// Reads rows of one dataset, `[N, …]`, by the fastest way its layout allows:
/// plain reads at known places, chunks decompressed on the calling thread, or libhdf5.
struct RowReader: Sendable {
  enum Access: Sendable {
    /// Rows lie one behind the other from this offset on.
    case linear(address: Int, descriptor: Int32)
    /// Chunks of whole rows that this program decompresses itself.
    case chunked(rows: Int)
    /// Chunks of another shape that libhdf5 cannot decompress (h5py's LZF).
    case scattered(chunk: [Int])
    case library
  }

  /// Numbers of filters: those of libhdf5 and h5py's own.
  static let (deflate, shuffle, fletcher32, lzf) = (1, 2, 3, 32000)

  let dataset: HDF5Dataset
  let scalar: HDF5ScalarType
  let access: Access
  /// Numbers in one row.
  let columns: Int
  /// One element that was never written, as the file has it.
  private let fillValue: [UInt8]
  /// Whether the bytes of decompressed elements have to be turned round.
  private let swapsBytes: Bool

  var rowBytes: Int { columns * scalar.size }

  /// - Throws: `StoreError` where it holds no rows of numbers or is compressed with what cannot be read; `HDF5Error` where a
  ///   row is larger than what the file can hold.
  init(_ dataset: HDF5Dataset) throws {
    self.dataset = dataset
    guard case .scalar(let scalar, let littleEndian) = dataset.elementType, dataset.shape.count >= 2 else {
      throw StoreError(
        .badStore, "\(dataset.file.path): \(dataset.path) holds \(dataset.elementType) of shape \(dataset.shape)")
    }
    self.scalar = scalar
    columns = try dataset.rowBytes() / scalar.size
    fillValue = try dataset.fillValue()
    swapsBytes = !littleEndian
    let compressors = dataset.filters.first == RowReader.shuffle ? Array(dataset.filters.dropFirst()) : dataset.filters
    // What libhdf5 reads itself is left to it where numbers have to be converted.
    let isLZF = compressors == [RowReader.lzf] || compressors == [RowReader.lzf, RowReader.fletcher32]
    let isOwn = isLZF || (littleEndian && compressors == [RowReader.deflate])
    if let missing = dataset.filters.first(where: { !HDF5Library.hasFilter($0) }), !isOwn {
      throw StoreError(
        .badStore,
        "\(dataset.file.path): \(dataset.path) is compressed with filter \(missing), which this program has not;"
          + " write it with compression='gzip' (h5py), or run h5repack -f GZIP=4 where that filter is installed")
    }
    if littleEndian, let address = try LinearLayout.address(of: dataset) {
      access = .linear(address: address, descriptor: try dataset.file.fileDescriptor())
    } else if isOwn, case .chunked(let chunk) = dataset.layout,
      DeclaredSize.clampedProduct(chunk + [scalar.size]) < 1 << 32
    {
      if chunk.dropFirst().elementsEqual(dataset.shape.dropFirst()) {
        access = .chunked(rows: chunk[0])
      } else {
        access = isLZF ? .scattered(chunk: chunk) : .library
      }
    } else {
      access = .library
    }
  }

  private func error(_ text: String) -> StoreError {
    StoreError(.badStore, "\(dataset.file.path): \(dataset.path): \(text)")
  }

  /// Rows in one piece of work: those of a chunk, or one.
  var unitRows: Int {
    switch access {
    case .chunked(let rows): rows
    case .scattered(let chunk): chunk[0]
    case .linear, .library: 1
    }
  }

  /// Reads rows as they are in the file, little-endian.
  func readBytes(rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(buffer.count == rows.count * rowBytes, "the buffer holds the rows")
    switch access {
    case .linear(let address, let descriptor):
      try FileOperations.read(
        descriptor, into: buffer, at: address + rows.lowerBound * rowBytes, of: dataset.file.path)
    case .chunked(let chunkRows):
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
    case .scattered(let chunk):
      try gather(rows, chunk: chunk, into: buffer)
    case .library:
      let start = [rows.lowerBound] + [Int](repeating: 0, count: dataset.shape.count - 1)
      try dataset.read(into: buffer, as: scalar, start: start, count: [rows.count] + dataset.shape.dropFirst())
    }
  }

  /// Hands a decompressed chunk of whole rows to `body`.
  func withChunk(_ chunk: Int, codec: ChunkCodec, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let rows = unitRows
    let offset = [chunk * rows] + [Int](repeating: 0, count: dataset.shape.count - 1)
    try withChunk(at: offset, bytes: rows * rowBytes, codec: codec, body)
  }

  /// Hands the decompressed chunk that begins at an offset to `body`; one that was never written is the dataset's fill value
  /// over and over, as libhdf5 has it.
  private func withChunk(
    at offset: [Int], bytes: Int, codec: ChunkCodec, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let unpacked = codec.unpackedBuffer(bytes)
    let stored = try dataset.chunkStorageSize(at: offset)
    if stored == 0 {
      fill(unpacked)
    } else {
      guard stored <= bytes + bytes / 8 + 4096 else {
        throw error("the chunk at \(offset) is damaged: it has \(stored) bytes")
      }
      let packed = codec.packedBuffer(stored)
      let mask = try dataset.readChunk(at: offset, into: packed)
      // A filter that could not make a chunk smaller is left out, and its bit is set.
      let applied = dataset.filters.enumerated().filter { mask & (1 << UInt32($0.offset)) == 0 }.map(\.element)
      guard
        codec.unpack(UnsafeRawBufferPointer(packed), into: unpacked, elementSize: scalar.size, filters: applied)
      else { throw error("the chunk at \(offset) is damaged: it cannot be decompressed") }
    }
    if swapsBytes { turnRound(unpacked) }
    try body(UnsafeRawBufferPointer(unpacked))
  }

  private func fill(_ target: UnsafeMutableRawBufferPointer) {
    guard fillValue.contains(where: { $0 != 0 }) else {
      _ = target.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    for start in stride(from: 0, to: target.count, by: fillValue.count) {
      for (offset, byte) in fillValue.enumerated() { target[start + offset] = byte }
    }
  }

  private func turnRound(_ target: UnsafeMutableRawBufferPointer) {
    for start in stride(from: 0, to: target.count, by: scalar.size) { target[start..<start + scalar.size].reverse() }
  }

  /// Rows out of chunks that hold parts of rows (two or three dimensions).
  private func gather(_ rows: Range<Int>, chunk: [Int], into buffer: UnsafeMutableRawBufferPointer) throws {
    // [rows, 1, columns] where there are two dimensions, so that one loop serves both.
    let shape = dataset.shape.count == 2 ? [dataset.shape[0], 1, dataset.shape[1]] : dataset.shape
    let block = chunk.count == 2 ? [chunk[0], 1, chunk[1]] : chunk
    guard shape.count == 3 else { throw error("chunks of \(chunk) are not supported for the shape \(dataset.shape)") }
    let codec = ChunkCodec()
    let size = scalar.size
    for row in stride(from: rows.lowerBound / block[0] * block[0], to: rows.upperBound, by: block[0]) {
      for token in stride(from: 0, to: shape[1], by: block[1]) {
        for channel in stride(from: 0, to: shape[2], by: block[2]) {
          let offset = chunk.count == 2 ? [row, channel] : [row, token, channel]
          try withChunk(at: offset, bytes: block.reduce(size, *), codec: codec) { bytes in
            let width = min(block[2], shape[2] - channel) * size
            for r in max(row, rows.lowerBound)..<min(row + block[0], rows.upperBound) {
              for t in token..<min(token + block[1], shape[1]) {
                let source = ((r - row) * block[1] + t - token) * block[2] * size
                let target = (((r - rows.lowerBound) * shape[1] + t) * shape[2] + channel) * size
                UnsafeMutableRawBufferPointer(rebasing: buffer[target..<target + width])
                  .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[source..<source + width]))
              }
            }
          }
        }
      }
    }
  }

  /// Widens numbers of the file to float32 (float64 is rounded).
  func convert(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
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
