/// Elements, attributes and text of an XML file, as much of it as SVG needs: no entities but the five and numbers, nothing
/// fetched from anywhere.
struct XMLReader {
  enum Event {
    case start(name: String, attributes: [String: String], isEmpty: Bool)
    case end(name: String)
    case text(String)
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next event; nil at the end.
  mutating func next() -> Event? {
    while position < bytes.count {
      if bytes[position] != UInt8(ascii: "<") {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        return .text(Self.decoded(bytes[start..<position]))
      }
      if skip("<!--", to: "-->") || skip("<?", to: "?>") { continue }
      if bytes[position...].starts(with: Array("<![CDATA[".utf8)) {
        let start = position + 9
        skipPast("]]>")
        return .text(String(decoding: bytes[start..<max(start, position - 3)], as: UTF8.self))
      }
      if skip("<!", to: ">") { continue }
      return tag()
    }
    return nil
  }

  private mutating func skip(_ start: String, to end: String) -> Bool {
    guard bytes[position...].starts(with: Array(start.utf8)) else { return false }
    position += start.utf8.count
    skipPast(end)
    return true
  }

  private mutating func skipPast(_ end: String) {
    let mark = Array(end.utf8)
    while position < bytes.count, !bytes[position...].starts(with: mark) { position += 1 }
    position = min(position + mark.count, bytes.count)
  }

  private mutating func tag() -> Event? {
    position += 1
    let isEnd = position < bytes.count && bytes[position] == UInt8(ascii: "/")
    if isEnd { position += 1 }
    let name = word()
    var attributes: [String: String] = [:]
    var isEmpty = false
    while position < bytes.count, bytes[position] != UInt8(ascii: ">") {
      if bytes[position] == UInt8(ascii: "/") {
        isEmpty = true
        position += 1
        continue
      }
      if PDFLexer.isSpace(bytes[position]) {
        position += 1
        continue
      }
      let key = word()
      guard !key.isEmpty else {
        position += 1
        continue
      }
      while position < bytes.count, PDFLexer.isSpace(bytes[position]) || bytes[position] == UInt8(ascii: "=") {
        position += 1
      }
      guard position < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[position]) else { continue }
      let quote = bytes[position]
      position += 1
      let start = position
      while position < bytes.count, bytes[position] != quote { position += 1 }
      attributes[key] = Self.decoded(bytes[start..<position])
      position = min(position + 1, bytes.count)
    }
    position = min(position + 1, bytes.count)
    return isEnd ? .end(name: name) : .start(name: name, attributes: attributes, isEmpty: isEmpty)
  }

  private mutating func word() -> String {
    let start = position
    while position < bytes.count, !PDFLexer.isSpace(bytes[position]), !"=/><\"'".utf8.contains(bytes[position]) {
      position += 1
    }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    return name.split(separator: ":").last.map(String.init) ?? name
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("&") else { return text }
    var result = ""
    var rest = text[...]
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      guard let end = rest[start...].firstIndex(of: ";") else { return result + rest[start...] }
      let entity = rest[rest.index(after: start)..<end]
      let number = entity.hasPrefix("#x") ? UInt32(entity.dropFirst(2), radix: 16) : UInt32(entity.dropFirst())
      switch entity {
      case "lt": result += "<"
      case "gt": result += ">"
      case "amp": result += "&"
      case "quot": result += "\""
      case "apos": result += "'"
      default:
        if entity.hasPrefix("#"), let number, let scalar = UnicodeScalar(number) {
          result.unicodeScalars.append(scalar)
        }
      }
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
