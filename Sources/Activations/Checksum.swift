import CDeflate

/// CRC-32 as zlib, PNG and Python's `zlib.crc32` define it, by libdeflate.
public enum Checksum {
  /// Goes on with `start` over more bytes.
  public static func crc32(_ bytes: UnsafeRawBufferPointer, from start: UInt32 = 0) -> UInt32 {
    bytes.isEmpty ? start : libdeflate_crc32(start, bytes.baseAddress, bytes.count)
  }

  static func crc32(of bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { crc32($0) }
  }
}

/// Numbers between the precisions of a store.
enum Precision {
  /// Rounds to the nearest half, ties to even. `target` has half the bytes of `source`.
  static func halves(from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    precondition(target.count * 2 == source.count, "a half for each float")
    palimpsest_half_from_float(
      from.assumingMemoryBound(to: Float.self), to.assumingMemoryBound(to: UInt16.self), source.count / 4)
  }

  /// Widens halves. `target` has twice the bytes of `source`.
  static func floats(from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    precondition(source.count * 2 == target.count, "a float for each half")
    palimpsest_float_from_half(
      from.assumingMemoryBound(to: UInt16.self), to.assumingMemoryBound(to: Float.self), source.count / 2)
  }
}
