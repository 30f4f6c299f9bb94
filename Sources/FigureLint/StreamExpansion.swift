import CDeflate

/// How large the data of a PDF stream become when its filters are undone, found before anybody makes room for them: qpdf 11 has
/// no limit, and a file of a few hundred kilobytes can stand for gigabytes.
enum StreamExpansion {
  /// The most bytes that a stream may decode to.
  static let largest = 256 << 20

  /// Whether the data decode to more than ``largest`` bytes, or may do so and it cannot be told.
  ///
  /// - Parameter filters: names of the stream's filters in the order in which they are undone.
  static func isTooLarge(_ data: UnsafeBufferPointer<UInt8>, filters: [String]) -> Bool {
    var bound = data.count
    for filter in filters {
      let (product, isOverflow) = bound.multipliedReportingOverflow(by: ratio(of: filter))
      if isOverflow { return true }
      bound = product
    }
    guard bound > largest else { return false }
    return filters.count == 1 && ["FlateDecode", "Fl"].contains(filters[0]) ? inflatesBeyondLimit(data) : true
  }

  /// The most bytes that a filter makes of one.
  private static func ratio(of filter: String) -> Int {
    switch filter {
    // Deflate: 258 bytes by two codes of one bit each (RFC 1951).
    case "FlateDecode", "Fl": 1032
    // A code of nine bits or more stands for at most 4,096 bytes.
    case "LZWDecode", "LZW": 4096
    // 128 bytes by two.
    case "RunLengthDecode", "RL": 64
    // Four bytes by one letter z.
    case "ASCII85Decode", "A85": 4
    default: 1
    }
  }

  private static func inflatesBeyondLimit(_ data: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let decompressor = libdeflate_alloc_decompressor() else { return true }
    defer { libdeflate_free_decompressor(decompressor) }
    // Pages that are not written to take no memory.
    let room = UnsafeMutableRawPointer.allocate(byteCount: largest, alignment: 16)
    defer { room.deallocate() }
    var count = 0
    let result = libdeflate_zlib_decompress(decompressor, data.baseAddress, data.count, room, largest, &count)
    return result == LIBDEFLATE_INSUFFICIENT_SPACE
  }
}
