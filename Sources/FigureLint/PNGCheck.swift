import CDeflate
import Formats

/// Whether a PNG file is whole (PNG, third edition, sections 5 and 10): its chunks with their checksums, and all of its pixels.
enum PNGCheck {
  /// Pixels that are unpacked to be counted.
  private static let largest = 1 << 30

  /// What is broken first, a sentence without an end; nil in a whole file.
  static func fault(in bytes: [UInt8], _ header: PNGHeader) -> String? {
    func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    var place = 8
    var packed: [UInt8] = []
    var isEnded = false
    while !isEnded {
      guard place + 12 <= bytes.count else { return "the file ends before its last chunk" }
      let length = number(place)
      let type = String(decoding: bytes[place + 4..<place + 8], as: UTF8.self)
      guard length <= bytes.count - place - 12 else { return "the file ends within the chunk \(type) at byte \(place)" }
      guard place > 8 || type == "IHDR" && length == 13 else { return "its first chunk is not IHDR" }
      let end = place + 8 + length
      let checksum = bytes.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress.map { $0 + place + 4 }, length + 4) }
      guard Int(checksum) == number(end) else {
        return "the chunk \(type) at byte \(place) is damaged: its checksum is not that of its data"
      }
      if type == "IDAT" { packed += bytes[place + 8..<end] }
      isEnded = type == "IEND"
      place = end + 4
    }
    guard header.columns > 0, header.rows > 0 else { return "it has no pixels" }
    return pixels(packed, header, depth: Int(bytes[24]), kind: bytes[25], isInterlaced: bytes[28] == 1)
  }

  /// What is wrong with the pixels, packed as zlib streams are.
  private static func pixels(
    _ packed: [UInt8], _ header: PNGHeader, depth: Int, kind: UInt8, isInterlaced: Bool
  ) -> String? {
    let channels: [UInt8: Int] = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4]
    guard let count = channels[kind], [1, 2, 4, 8, 16].contains(depth) else {
      return "it has pixels of a kind that PNG does not know"
    }
    guard let wanted = size(header.columns, header.rows, bits: count * depth, isInterlaced) else {
      return "it says that it has \(header.columns) × \(header.rows) pixels, which no program shows"
    }
    guard wanted <= largest else { return nil }
    guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
    defer { libdeflate_free_decompressor(decompressor) }
    let room = UnsafeMutableRawPointer.allocate(byteCount: max(1, wanted), alignment: 16)
    defer { room.deallocate() }
    var found = 0
    let result = libdeflate_zlib_decompress(decompressor, packed, packed.count, room, wanted, &found)
    guard result == LIBDEFLATE_SUCCESS || result == LIBDEFLATE_INSUFFICIENT_SPACE else {
      return "its pixels are damaged and cannot be unpacked"
    }
    return found == wanted || result == LIBDEFLATE_INSUFFICIENT_SPACE
      ? nil : "it has \(found) bytes of pixels, but needs \(wanted)"
  }

  /// Bytes of all rows, each with one for its filter; nil where they cannot be counted.
  private static func size(_ columns: Int, _ rows: Int, bits: Int, _ isInterlaced: Bool) -> Int? {
    func bytes(_ columns: Int, _ rows: Int) -> Int? {
      guard columns > 0, rows > 0 else { return 0 }
      return Int.product(columns, bits).flatMap { Int.product(rows, ($0 + 7) / 8 + 1) }
    }
    guard isInterlaced else { return bytes(columns, rows) }
    // Adam7: where each pass begins, and how far its pixels are apart.
    let passes = [
      (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ]
    var sum = 0
    for (left, top, across, along) in passes {
      guard let part = bytes((columns - left + across - 1) / across, (rows - top + along - 1) / along) else {
        return nil
      }
      let (next, isOverflow) = sum.addingReportingOverflow(part)
      if isOverflow { return nil }
      sum = next
    }
    return sum
  }
}
