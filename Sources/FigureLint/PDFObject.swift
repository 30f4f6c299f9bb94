/// A value of a PDF file.
indirect enum PDFObject: Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case string([UInt8])
  case name(String)
  case array([PDFObject])
  case dictionary([String: PDFObject])
  case reference(Int, generation: Int)
  /// Its dictionary, and which object it is.
  case stream([String: PDFObject], number: Int, generation: Int)
  /// An operator of a content stream, or a keyword.
  case word(String)

  var number: Double? { if case .number(let value) = self { value } else { nil } }
  var integer: Int? { number.flatMap { $0.magnitude < 1e15 ? Int($0) : nil } }
  var name: String? { if case .name(let value) = self { value } else { nil } }
  var array: [PDFObject]? { if case .array(let value) = self { value } else { nil } }
  /// Of a dictionary or a stream.
  var dictionary: [String: PDFObject]? {
    switch self {
    case .dictionary(let value), .stream(let value, _, _): value
    default: nil
    }
  }
}

/// Reads values from the bytes of a PDF file or a content stream. Never reads past the end; nesting is bounded.
struct PDFLexer {
  let bytes: ArraySlice<UInt8>
  var position: Int
  private var depth = 0

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var isAtEnd: Bool { position >= bytes.endIndex }

  static func isSpace(_ byte: UInt8) -> Bool { [0, 9, 10, 12, 13, 32].contains(byte) }
  static func isDelimiter(_ byte: UInt8) -> Bool { "()<>[]{}/%".utf8.contains(byte) }

  mutating func skipSpace() {
    while position < bytes.endIndex {
      if Self.isSpace(bytes[position]) {
        position += 1
      } else if bytes[position] == UInt8(ascii: "%") {
        while position < bytes.endIndex, bytes[position] != 10, bytes[position] != 13 { position += 1 }
      } else {
        return
      }
    }
  }

  /// The next value; nil at the end, or where nothing can be made of the bytes.
  mutating func next() -> PDFObject? {
    skipSpace()
    guard position < bytes.endIndex, depth < 64 else { return nil }
    depth += 1
    defer { depth -= 1 }
    switch bytes[position] {
    case UInt8(ascii: "/"): return .name(readName())
    case UInt8(ascii: "("): return .string(readString())
    case UInt8(ascii: "<"):
      guard position + 1 < bytes.endIndex, bytes[position + 1] == UInt8(ascii: "<") else { return .string(readHex()) }
      position += 2
      return readDictionary()
    case UInt8(ascii: "["):
      position += 1
      var values: [PDFObject] = []
      while true {
        skipSpace()
        guard position < bytes.endIndex else { return nil }
        if bytes[position] == UInt8(ascii: "]") {
          position += 1
          return .array(Self.withReferences(values))
        }
        guard let value = next() else { return nil }
        values.append(value)
      }
    case UInt8(ascii: ")"), UInt8(ascii: ">"), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
      position += 1
      return .null
    default: return readWord()
    }
  }

  /// `1 0 R` is three words until here.
  private static func withReferences(_ values: [PDFObject]) -> [PDFObject] {
    var result: [PDFObject] = []
    for value in values {
      if case .word("R") = value, result.count >= 2, let number = result[result.count - 2].integer,
        let generation = result[result.count - 1].integer
      {
        result.removeLast(2)
        result.append(.reference(number, generation: generation))
      } else {
        result.append(value)
      }
    }
    return result
  }

  private mutating func readDictionary() -> PDFObject? {
    var values: [PDFObject] = []
    while true {
      skipSpace()
      guard position < bytes.endIndex else { return nil }
      if bytes[position] == UInt8(ascii: ">") {
        position = min(position + 2, bytes.endIndex)
        break
      }
      guard let value = next() else { return nil }
      values.append(value)
    }
    let flat = Self.withReferences(values)
    var dictionary: [String: PDFObject] = [:]
    var place = 0
    while place + 1 < flat.count {
      if let key = flat[place].name { dictionary[key] = flat[place + 1] }
      place += 2
    }
    return .dictionary(dictionary)
  }

  private mutating func readName() -> String {
    position += 1
    var name: [UInt8] = []
    while position < bytes.endIndex, !Self.isSpace(bytes[position]), !Self.isDelimiter(bytes[position]) {
      if bytes[position] == UInt8(ascii: "#"), position + 2 < bytes.endIndex,
        let high = Self.hex(bytes[position + 1]), let low = Self.hex(bytes[position + 2])
      {
        name.append(high << 4 | low)
        position += 3
      } else {
        name.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: name, as: UTF8.self)
  }

  private mutating func readString() -> [UInt8] {
    position += 1
    var text: [UInt8] = []
    var nesting = 1
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "("): nesting += 1
      case UInt8(ascii: ")"):
        nesting -= 1
        if nesting == 0 { return text }
      case UInt8(ascii: "\\"):
        readEscape(into: &text)
        continue
      default: break
      }
      text.append(byte)
    }
    return text
  }

  private mutating func readEscape(into text: inout [UInt8]) {
    guard position < bytes.endIndex else { return }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case 13:
      if position < bytes.endIndex, bytes[position] == 10 { position += 1 }
    case 10: break
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var value = Int(byte - UInt8(ascii: "0"))
      for _ in 0..<2 {
        guard position < bytes.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[position]) else {
          break
        }
        value = value * 8 + Int(bytes[position] - UInt8(ascii: "0"))
        position += 1
      }
      text.append(UInt8(truncatingIfNeeded: value))
    default: text.append(byte)
    }
  }

  private mutating func readHex() -> [UInt8] {
    position += 1
    var digits: [UInt8] = []
    while position < bytes.endIndex, bytes[position] != UInt8(ascii: ">") {
      if let digit = Self.hex(bytes[position]) { digits.append(digit) }
      position += 1
    }
    position = min(position + 1, bytes.endIndex)
    if digits.count % 2 == 1 { digits.append(0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private mutating func readWord() -> PDFObject {
    let start = position
    while position < bytes.endIndex, !Self.isSpace(bytes[position]), !Self.isDelimiter(bytes[position]) {
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let number = Double(text), number.isFinite { return .number(number) }
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    default: return .word(text)
    }
  }

  static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
