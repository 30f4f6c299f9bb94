import Foundation

/// Pictures that an SVG file holds as data addresses.
enum PictureAddress {
  /// Width and height of a PNG or JPEG in pixels; nil for anything else.
  static func size(_ address: String) -> (width: Int, height: Int)? {
    guard address.hasPrefix("data:"), let comma = address.firstIndex(of: ",") else { return nil }
    let head = address[..<comma].lowercased()
    guard head.hasSuffix(";base64") else { return nil }
    let text = address[address.index(after: comma)...]
    if head.hasPrefix("data:image/jpeg") || head.hasPrefix("data:image/jpg") { return sizeOfJPEG(decoded(text)) }
    guard head.hasPrefix("data:image/png") else { return nil }
    let bytes = decoded(text.prefix(96))
    guard bytes.count >= 24 else { return nil }
    func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }

  private static func decoded(_ text: Substring) -> [UInt8] {
    let digits = text.utf8.filter { $0 > 32 }
    return Data(base64Encoded: Data(digits.prefix(digits.count / 4 * 4))).map(Array.init) ?? []
  }

  /// From its frame header.
  private static func sizeOfJPEG(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
    var index = 2
    while index + 9 < bytes.count, bytes[index] == 0xFF {
      let marker = bytes[index + 1]
      if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        return (Int(bytes[index + 7]) << 8 | Int(bytes[index + 8]), Int(bytes[index + 5]) << 8 | Int(bytes[index + 6]))
      }
      index += 2 + (Int(bytes[index + 2]) << 8 | Int(bytes[index + 3]))
    }
    return nil
  }
}
