/// Reads JSON from left to right.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func document() throws -> JSONValue {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw invalid("text after its end") }
    return value
  }

  private func invalid(_ what: String) -> JSONError {
    let line = bytes.prefix(position).reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    return JSONError("not valid JSON: \(what) on line \(line)")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Steps over a byte if it comes next.
  private mutating func take(_ byte: Character) -> Bool {
    guard next == byte.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func value() throws -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { try $0.object() }
    case UInt8(ascii: "["): return try nested { try $0.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw invalid("the end of the file where a value should be")
    default:
      if let name = notFinite {
        throw invalid("\(name) (Python writes it, but JSON has no such number; write null or a number)")
      }
      return .number(try number())
    }
  }

  /// The number that is none, as Python's `json` writes it, where one comes next.
  private var notFinite: String? {
    ["NaN", "Infinity", "-Infinity"].first { bytes[position...].starts(with: $0.utf8) }
  }

  private mutating func nested(_ read: (inout JSONParser) throws -> JSONValue) throws -> JSONValue {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 200 else { throw invalid("more than 200 levels") }
    position += 1
    return try read(&self)
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw invalid("an unknown word") }
    position += text.utf8.count
    return value
  }

  private mutating func object() throws -> JSONValue {
    var values: [String: JSONValue] = [:]
    skipSpace()
    if take("}") { return .object(values) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw invalid("no key in quotes") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw invalid("no colon after \"\(key)\"") }
      values[key] = try value()
      skipSpace()
    } while take(",")
    guard take("}") else { throw invalid("no comma or } after a value") }
    return .object(values)
  }

  private mutating func array() throws -> JSONValue {
    skipSpace()
    if take("]") { return .array([]) }
    var numbers: [Double] = []
    var values: [JSONValue] = []
    repeat {
      let value = try value()
      if case .number(let number) = value, values.isEmpty {
        numbers.append(number)
      } else {
        if values.isEmpty { values = numbers.map { .number($0) } }
        values.append(value)
      }
      skipSpace()
    } while take(",")
    guard take("]") else { throw invalid("no comma or ] after a value") }
    return values.isEmpty ? .numbers(numbers) : .array(values)
  }

  private mutating func string() throws -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    var text = Array(bytes[start..<position])
    while true {
      guard let byte = next, byte >= 0x20 else { throw invalid("a string without its end") }
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte != UInt8(ascii: "\\") {
        text.append(byte)
        continue
      }
      try escape(into: &text)
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws {
    guard let byte = next else { throw invalid("a string without its end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var units = [try unit()]
      if UTF16.isLeadSurrogate(units[0]), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        units.append(try unit())
      }
      text += Array(String(decoding: units, as: UTF16.self).utf8)
    default: throw invalid("an unknown escape in a string")
    }
  }

  private mutating func unit() throws -> UInt16 {
    guard position + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw invalid("an escape without four digits") }
    position += 4
    return unit
  }

  /// Short decimals by one exact multiplication or division, the rest by the standard library: both round correctly.
  private mutating func number() throws -> Double {
    let start = position
    let isNegative = take("-")
    var mantissa: UInt64 = 0
    var digits = 0
    var fraction = 0
    var isShort = true
    var isFraction = false
    while let byte = next {
      if (48...57).contains(byte) {
        digits += 1
        if digits > 18 { isShort = false } else { mantissa = mantissa * 10 + UInt64(byte - 48) }
        if isFraction { fraction += 1 }
      } else if byte == UInt8(ascii: "."), !isFraction, digits > 0 {
        isFraction = true
      } else if [UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(byte) {
        isShort = false
      } else {
        break
      }
      position += 1
    }
    guard digits > 0, !isFraction || fraction > 0 else { throw invalid("an unknown word or number") }
    let first = isNegative ? start + 1 : start
    guard bytes[first] != UInt8(ascii: "0") || first + 1 == position || !(48...57).contains(bytes[first + 1]) else {
      throw invalid("a number that begins with 0")
    }
    if isShort, mantissa < 1 << 53, fraction < JSONParser.powers.count {
      let value = Double(mantissa) / JSONParser.powers[fraction]
      return isNegative ? -value : value
    }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite else {
      throw invalid("a number that cannot be read")
    }
    return value
  }

  /// Powers of ten that doubles hold exactly.
  private static let powers: [Double] = (0...22).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
}
