import Foundation

/// The directory at the end of a zip, read by itself: libarchive goes by the headers before each file, other programs by this, and a
/// hostile zip may say one thing here and another there.
struct ZipDirectory {
  /// As they stand, in their order; nil where one is no UTF-8.
  let names: [String?]

  /// The largest directory that is read.
  private static let largest = 64 << 20

  /// - Throws: `BundleError` where there is none.
  init(path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw BundleError(.badInput, "\(path) cannot be read; check its permissions")
    }
    defer { try? handle.close() }
    func failure(_ reason: String) -> BundleError {
      BundleError(.badInput, "\(path) cannot be read as a zip: \(reason)")
    }
    let size = try handle.seekToEnd()
    func bytes(_ place: UInt64, _ count: Int) throws -> [UInt8] {
      // Before seeking: an offset from the file may be any number of 64 bits.
      guard place <= size, UInt64(count) <= size - place else { throw failure("it ends within its directory") }
      try handle.seek(toOffset: place)
      let data = try handle.read(upToCount: count) ?? Data()
      guard data.count == count else { throw failure("it ends within its directory") }
      return Array(data)
    }
    // The last record, before a comment of at most 65,535 bytes.
    let tailSize = Int(min(size, 22 + 65_535))
    let tail = try bytes(size - UInt64(tailSize), tailSize)
    let last = stride(from: tail.count - 22, through: 0, by: -1).first {
      tail[$0...].starts(with: [0x50, 0x4B, 5, 6]) && $0 + 22 + Int(Self.number(tail, $0 + 20, 2)) == tail.count
    }
    guard let last else { throw failure("it has no directory at its end") }
    var count = Self.number(tail, last + 10, 2)
    var length = Self.number(tail, last + 12, 4)
    var start = Self.number(tail, last + 16, 4)
    if count == 0xFFFF || length == 0xFFFF_FFFF || start == 0xFFFF_FFFF, last >= 20,
      tail[(last - 20)...].starts(with: [0x50, 0x4B, 6, 7])
    {
      let large = try bytes(Self.number(tail, last - 12, 8), 56)
      guard large.starts(with: [0x50, 0x4B, 6, 6]) else { throw failure("its directory is damaged") }
      (count, length, start) = (Self.number(large, 32, 8), Self.number(large, 40, 8), Self.number(large, 48, 8))
    }
    guard length <= UInt64(Self.largest), start <= size, length <= size - start else {
      throw failure("its directory is damaged")
    }
    let directory = try bytes(start, Int(length))
    var names: [String?] = []
    var place = 0
    while place < directory.count {
      guard directory.count - place >= 46, directory[place...].starts(with: [0x50, 0x4B, 1, 2]) else {
        throw failure("its directory is damaged")
      }
      let name = Int(Self.number(directory, place + 28, 2))
      let rest = Int(Self.number(directory, place + 30, 2) + Self.number(directory, place + 32, 2))
      guard directory.count - place >= 46 + name + rest else { throw failure("its directory is damaged") }
      names.append(String(validating: directory[place + 46..<place + 46 + name], as: UTF8.self))
      place += 46 + name + rest
    }
    guard UInt64(names.count) == count else { throw failure("its directory is damaged") }
    self.names = names
  }

  /// Little-endian.
  private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }
}
