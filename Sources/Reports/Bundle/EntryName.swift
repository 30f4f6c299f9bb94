/// Names of files in a bundle: relative, in UTF-8, with `/` between folders, and leading nowhere else on any system.
enum EntryName {
  /// What is wrong with a name, as the end of a sentence that begins with it; nil where it is safe.
  static func problem(_ name: String) -> String? {
    // By bytes: a slash with a combining mark behind it is one character to Swift, but a slash to a file system.
    let bytes = Array(name.utf8)
    if bytes.isEmpty { return "has no name" }
    if bytes.count > 4096 { return "is longer than 4096 bytes" }
    if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "holds a control character" }
    if bytes.contains(UInt8(ascii: "\\")) { return "holds a backslash, which is a folder's end on Windows" }
    if bytes[0] == UInt8(ascii: "/") { return "is absolute" }
    let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[0] | 0x20)
    if isLetter, bytes.count > 1, bytes[1] == UInt8(ascii: ":") { return "begins with a drive" }
    for part in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if part.isEmpty { return "has an empty part" }
      if part.elementsEqual("..".utf8) { return "leads out of its folder" }
      if part.elementsEqual(".".utf8) { return "has the part '.'" }
    }
    return nil
  }

  /// As a relative address: every byte but letters, digits, `-._~` and `/` by its number.
  static func address(_ name: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~/".utf8.contains(byte)
      bytes += isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The order of names in bundles: by their bytes.
  static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
