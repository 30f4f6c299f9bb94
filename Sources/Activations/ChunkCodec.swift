import CDeflate

/// HDF5's shuffle and deflate filters over whole chunks, by libdeflate. One codec serves one thread at a time; its
/// memory is kept from chunk to chunk.
final class ChunkCodec {
  private var compressor: OpaquePointer?
  private var compressorLevel = 0
  private var decompressor: OpaquePointer?
  private var shuffled = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var packed = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var unpacked = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  deinit {
    libdeflate_free_compressor(compressor)
    libdeflate_free_decompressor(decompressor)
    shuffled.deallocate()
    packed.deallocate()
    unpacked.deallocate()
  }

  private static func grow(_ buffer: inout UnsafeMutableRawBufferPointer, to bytes: Int) {
    guard buffer.count < bytes else { return }
    buffer.deallocate()
    buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
  }

  /// Memory for `bytes` of a chunk as it lies in the file; valid until the next call.
  func packedBuffer(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
    ChunkCodec.grow(&packed, to: bytes)
    return UnsafeMutableRawBufferPointer(rebasing: packed[0..<bytes])
  }

  /// Memory for `bytes` of a chunk without its filters; valid until the next call.
  func unpackedBuffer(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
    ChunkCodec.grow(&unpacked, to: bytes)
    return UnsafeMutableRawBufferPointer(rebasing: unpacked[0..<bytes])
  }

  /// Shuffles elements of `elementSize` bytes (1: no shuffling) and compresses them to a zlib stream. The result is
  /// valid until the next call; nil where libdeflate has no memory.
  func pack(_ bytes: UnsafeRawBufferPointer, elementSize: Int, level: Int) -> UnsafeRawBufferPointer? {
    if compressor == nil || compressorLevel != level {
      libdeflate_free_compressor(compressor)
      compressor = libdeflate_alloc_compressor(Int32(level))
      compressorLevel = level
    }
    guard let compressor, let base = bytes.baseAddress else { return nil }
    var source = bytes
    if elementSize > 1 {
      ChunkCodec.grow(&shuffled, to: bytes.count)
      guard let target = shuffled.baseAddress else { return nil }
      palimpsest_shuffle(
        base.assumingMemoryBound(to: UInt8.self), target.assumingMemoryBound(to: UInt8.self),
        bytes.count / elementSize, elementSize)
      source = UnsafeRawBufferPointer(rebasing: shuffled[0..<bytes.count])
    }
    ChunkCodec.grow(&packed, to: libdeflate_zlib_compress_bound(compressor, bytes.count))
    let count = libdeflate_zlib_compress(
      compressor, source.baseAddress, source.count, packed.baseAddress, packed.count)
    return count > 0 ? UnsafeRawBufferPointer(rebasing: packed[0..<count]) : nil
  }

  /// Undoes filters (those that were applied, in the order of writing) into `target`, whose size is that of the chunk.
  /// False where the bytes are damaged.
  func unpack(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, elementSize: Int, filters: [Int]
  ) -> Bool {
    var bytes = bytes
    if filters.last == RowReader.fletcher32 {
      guard let checked = Fletcher32.checked(bytes) else { return false }
      bytes = checked
    }
    let unshuffles = filters.contains(RowReader.shuffle) && elementSize > 1
    if unshuffles { ChunkCodec.grow(&shuffled, to: target.count) }
    let stage = unshuffles ? UnsafeMutableRawBufferPointer(rebasing: shuffled[0..<target.count]) : target
    if filters.contains(RowReader.deflate) {
      if decompressor == nil { decompressor = libdeflate_alloc_decompressor() }
      guard let decompressor else { return false }
      var count = 0
      let status = libdeflate_zlib_decompress(
        decompressor, bytes.baseAddress, bytes.count, stage.baseAddress, stage.count, &count)
      guard status == LIBDEFLATE_SUCCESS, count == target.count else { return false }
    } else if filters.contains(RowReader.lzf) {
      guard LZF.decompress(bytes, into: stage) else { return false }
    } else {
      guard bytes.count == stage.count else { return false }
      stage.copyMemory(from: bytes)
    }
    if unshuffles, let from = stage.baseAddress, let out = target.baseAddress {
      palimpsest_unshuffle(
        from.assumingMemoryBound(to: UInt8.self), out.assumingMemoryBound(to: UInt8.self),
        target.count / elementSize, elementSize)
    }
    return true
  }
}

/// The LZF stream that h5py's filter of that name writes: runs of literal bytes, and copies of what came before.
enum LZF {
  /// Fills `target` exactly; false where the stream is damaged.
  static func decompress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    var (from, to) = (0, 0)
    while from < source.count {
      let control = Int(source[from])
      from += 1
      if control < 32 {
        let count = control + 1
        guard from + count <= source.count, to + count <= target.count else { return false }
        for _ in 0..<count {
          target[to] = source[from]
          (from, to) = (from + 1, to + 1)
        }
      } else {
        var count = control >> 5
        if count == 7 {
          guard from < source.count else { return false }
          count += Int(source[from])
          from += 1
        }
        guard from < source.count else { return false }
        let distance = ((control & 31) << 8) + Int(source[from]) + 1
        from += 1
        guard distance <= to, to + count + 2 <= target.count else { return false }
        // Copies may overlap themselves: byte by byte.
        for _ in 0..<count + 2 {
          target[to] = target[to - distance]
          to += 1
        }
      }
    }
    return to == target.count
  }
}

/// The checksum of HDF5's filter of that name: it lies behind the bytes of a chunk.
enum Fletcher32 {
  /// The bytes without their checksum; nil where they do not fit it.
  static func checked(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard bytes.count > 4 else { return nil }
    let content = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 4)])
    let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: content.count, as: UInt32.self))
    let sum = sum(of: content)
    // Early versions of HDF5 wrote the bytes of both halves the other way round on little-endian machines.
    let reversed = (sum & 0x00ff_00ff) << 8 | (sum & 0xff00_ff00) >> 8
    return stored == sum || stored == reversed ? content : nil
  }

  /// Two running sums of big-endian pairs of bytes, modulo 65535 (`H5_checksum_fletcher32`).
  private static func sum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    func fold(_ sum: UInt32) -> UInt32 { (sum & 0xffff) + (sum >> 16) }
    var (first, second): (UInt32, UInt32) = (0, 0)
    let pairs = bytes.count / 2
    // 360 pairs at a time do not overflow 32 bits.
    for start in stride(from: 0, to: pairs, by: 360) {
      for pair in start..<min(pairs, start + 360) {
        first += UInt32(bytes[2 * pair]) << 8 | UInt32(bytes[2 * pair + 1])
        second += first
      }
      (first, second) = (fold(first), fold(second))
    }
    if bytes.count % 2 == 1 {
      first += UInt32(bytes[bytes.count - 1]) << 8
      second += first
      (first, second) = (fold(first), fold(second))
    }
    return fold(second) << 16 | fold(first)
  }
}
