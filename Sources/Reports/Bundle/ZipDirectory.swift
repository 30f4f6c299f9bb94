import Foundation

/// The directory at the end of a zip, read by itself, and the header before each file: libarchive goes by some fields of one and some
/// of the other, other programs by others, and a hostile zip may say one thing here and another there.
struct ZipDirectory {
  /// As they stand, in their order; nil where one is no UTF-8.
  let names: [String?]
  /// Where directory and headers differ, or what no program for zips has to know: a sentence each that begins with the entry's name.
  let problems: [String]

  /// The largest directory that is read.
  private static let largest = 64 << 20
  /// Of the entries that the directory lists.
  private static let most = 200_000

  /// - Throws: `BundleError` where there is none.
  init(path: String) throws {
    let file = try ZipBytes(path: path)
    // The last record, before a comment of at most 65,535 bytes.
    let tailSize = Int(min(file.size, 22 + 65_535))
    let tail = try file.bytes(at: file.size - UInt64(tailSize), tailSize)
    let last = stride(from: tail.count - 22, through: 0, by: -1).first {
      tail[$0...].starts(with: [0x50, 0x4B, 5, 6]) && $0 + 22 + ZipBytes.count(tail, $0 + 20, 2) == tail.count
    }
    guard let last else { throw file.failure("it has no directory at its end") }
    var count = ZipBytes.number(tail, last + 10, 2)
    var length = ZipBytes.number(tail, last + 12, 4)
    var start = ZipBytes.number(tail, last + 16, 4)
    if count == 0xFFFF || length == 0xFFFF_FFFF || start == 0xFFFF_FFFF, last >= 20,
      tail[(last - 20)...].starts(with: [0x50, 0x4B, 6, 7])
    {
      let large = try file.bytes(at: ZipBytes.number(tail, last - 12, 8), 56)
      guard large.starts(with: [0x50, 0x4B, 6, 6]) else { throw file.failure("its directory is damaged") }
      count = ZipBytes.number(large, 32, 8)
      length = ZipBytes.number(large, 40, 8)
      start = ZipBytes.number(large, 48, 8)
    }
    guard length <= UInt64(Self.largest), start <= file.size, length <= file.size - start else {
      throw file.failure("its directory is damaged")
    }
    let directory = try file.bytes(at: start, Int(length))
    var names: [String?] = []
    var problems: [String] = []
    var place = 0
    while place < directory.count {
      guard names.count < Self.most, let entry = ZipEntryHeader(directory: directory, at: place) else {
        throw file.failure("its directory is damaged")
      }
      let name = String(validating: entry.name, as: UTF8.self)
      if let name, let problem = try entry.problem(in: file) { problems.append("\(name): \(problem)") }
      names.append(name)
      place += entry.length
    }
    guard UInt64(names.count) == count else { throw file.failure("its directory is damaged") }
    self.names = names
    self.problems = problems
  }
}

/// The bytes of a zip at given places, none of which is trusted.
struct ZipBytes {
  let size: UInt64
  private let path: String
  private let handle: FileHandle

  init(path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw BundleError(.badInput, "\(path) cannot be read; check its permissions")
    }
    self.path = path
    self.handle = handle
    size = try handle.seekToEnd()
  }

  func failure(_ reason: String) -> BundleError { .notZip(path, reason) }

  /// - Throws: `BundleError` where they are not within the file.
  func bytes(at place: UInt64, _ count: Int) throws -> [UInt8] {
    guard place <= size, UInt64(count) <= size - place else { throw failure("it ends within its directory") }
    try handle.seek(toOffset: place)
    let data = try handle.read(upToCount: count) ?? Data()
    guard data.count == count else { throw failure("it ends within its directory") }
    return Array(data)
  }

  /// Little-endian.
  static func number(_ bytes: some RandomAccessCollection<UInt8>, _ place: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) {
      $0 | UInt64(bytes[bytes.index(bytes.startIndex, offsetBy: place + $1)]) << UInt64(8 * $1)
    }
  }

  /// A number of at most four bytes.
  static func count(_ bytes: some RandomAccessCollection<UInt8>, _ place: Int, _ count: Int) -> Int {
    Int(number(bytes, place, count))
  }
}

/// What the directory says of an entry, and whether the entry's own header says the same.
struct ZipEntryHeader {
  let name: [UInt8]
  /// Of the directory's record, in bytes.
  let length: Int
  private let version: Int
  private let flags: Int
  private let method: Int
  private let checksum: UInt64
  private let packed: UInt64
  private let unpacked: UInt64
  private let start: UInt64

  /// Whether size and checksum follow the data.
  private static let isFollowed = 1 << 3
  /// Bits that change nothing for a reader: 1 and 2 how hard the data were packed, 3 as above, 11 that the name is in UTF-8.
  private static let knownFlags = 1 << 1 | 1 << 2 | isFollowed | 1 << 11
  /// Stored and deflated, which every program knows.
  private static let knownMethods = [0, 8]
  /// 6.3, the last version that ends with deflate and names in UTF-8.
  private static let lastVersion = 63

  /// nil where the bytes are no record of a directory.
  init?(directory: [UInt8], at place: Int) {
    guard directory.count - place >= 46, directory[place...].starts(with: [0x50, 0x4B, 1, 2]) else { return nil }
    let nameLength = ZipBytes.count(directory, place + 28, 2)
    let extraLength = ZipBytes.count(directory, place + 30, 2)
    length = 46 + nameLength + extraLength + ZipBytes.count(directory, place + 32, 2)
    guard directory.count - place >= length else { return nil }
    name = Array(directory[place + 46..<place + 46 + nameLength])
    version = ZipBytes.count(directory, place + 6, 2)
    flags = ZipBytes.count(directory, place + 8, 2)
    method = ZipBytes.count(directory, place + 10, 2)
    checksum = ZipBytes.number(directory, place + 16, 4)
    let extra = directory[place + 46 + nameLength..<place + 46 + nameLength + extraLength]
    var sizes = [
      ZipBytes.number(directory, place + 24, 4), ZipBytes.number(directory, place + 20, 4),
      ZipBytes.number(directory, place + 42, 4),
    ]
    Self.enlarge(&sizes, extra)
    (unpacked, packed, start) = (sizes[0], sizes[1], sizes[2])
  }

  /// Replaces numbers that are too large for their place by those of the extra field of zip64, which come in the same order.
  private static func enlarge(_ numbers: inout [UInt64], _ extra: ArraySlice<UInt8>) {
    var rest = extra
    while rest.count >= 4 {
      let (kind, size) = (ZipBytes.count(rest, 0, 2), ZipBytes.count(rest, 2, 2))
      guard rest.count >= 4 + size else { return }
      if kind == 1 {
        var field = rest.dropFirst(4).prefix(size)
        for index in numbers.indices where numbers[index] == 0xFFFF_FFFF && field.count >= 8 {
          numbers[index] = ZipBytes.number(field, 0, 8)
          field = field.dropFirst(8)
        }
        return
      }
      rest = rest.dropFirst(4 + size)
    }
  }

  /// What is wrong, as the end of a sentence; nil where directory and header agree.
  func problem(in file: ZipBytes) throws -> String? {
    guard Self.knownMethods.contains(method) else {
      return "is packed in a way (\(method)) that not every program knows"
    }
    // The high byte says of which system the version is.
    guard version & 0xFF <= Self.lastVersion else {
      return "asks for version \(version & 0xFF) of zip, which no program has"
    }
    guard flags & ~Self.knownFlags == 0 else {
      return flags & 1 != 0 ? "is encrypted" : "has the flags \(flags), which not every program knows"
    }
    guard start <= file.size, file.size - start >= 30 else { return "has its place behind the end of the zip" }
    let header = try file.bytes(at: start, 30)
    guard header.starts(with: [0x50, 0x4B, 3, 4]) else { return "has no header at its place" }
    for (what, own, other) in [
      ("version", ZipBytes.count(header, 4, 2), version), ("flags", ZipBytes.count(header, 6, 2), flags),
      ("method", ZipBytes.count(header, 8, 2), method),
    ] where own != other {
      return "its header says \(what) \(own), the directory of the zip \(other)"
    }
    let (nameLength, extraLength) = (ZipBytes.count(header, 26, 2), ZipBytes.count(header, 28, 2))
    let rest = UInt64(30 + nameLength + extraLength)
    guard file.size - start >= rest, packed <= file.size - start - rest else { return "ends behind the end of the zip" }
    let text = try file.bytes(at: start + 30, nameLength + extraLength)
    guard text.prefix(nameLength).elementsEqual(name) else {
      return "is in the directory of the zip, but has no place of its own"
    }
    var sizes = [ZipBytes.number(header, 22, 4), ZipBytes.number(header, 18, 4)]
    Self.enlarge(&sizes, text.dropFirst(nameLength))
    var own = (checksum: ZipBytes.number(header, 14, 4), unpacked: sizes[0], packed: sizes[1])
    let isFollowed = flags & Self.isFollowed != 0
    if isFollowed {
      // What was not known when the header was written is zero there.
      if own.checksum == 0 { own.checksum = checksum }
      if own.unpacked == 0 { own.unpacked = unpacked }
      if own.packed == 0 { own.packed = packed }
    }
    if let problem = difference(own) { return problem }
    guard isFollowed else { return nil }
    return try problemBehindData(file, at: start + rest + packed)
  }

  private func difference(_ own: (checksum: UInt64, unpacked: UInt64, packed: UInt64)) -> String? {
    if own.checksum != checksum { return "its checksum is not that in the directory of the zip" }
    if own.unpacked != unpacked { return "its size is \(own.unpacked), but \(unpacked) in the directory of the zip" }
    if own.packed != packed { return "its packed size is \(own.packed), but \(packed) in the directory of the zip" }
    return nil
  }

  /// Checksum and sizes behind the data, with or without a mark before them, in four bytes each or, of large files, in eight.
  private func problemBehindData(_ file: ZipBytes, at place: UInt64) throws -> String? {
    let room = Int(min(24, file.size - min(file.size, place)))
    let bytes = try file.bytes(at: place, room)
    for (mark, width) in [(4, 4), (4, 8), (0, 4), (0, 8)] where bytes.count >= mark + 4 + 2 * width {
      guard mark == 0 || bytes.starts(with: [0x50, 0x4B, 7, 8]) else { continue }
      let found = (
        checksum: ZipBytes.number(bytes, mark, 4), unpacked: ZipBytes.number(bytes, mark + 4 + width, width),
        packed: ZipBytes.number(bytes, mark + 4, width)
      )
      if difference(found) == nil { return nil }
    }
    return "what follows its data is not what the directory of the zip says"
  }
}
