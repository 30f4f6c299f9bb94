/// Reads records from left to right, by bytes.
struct CommaSeparatedReader {
  static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private let bytes: [UInt8]
  private let separator: UInt8
  private var position: Int
  private var line = 1

  init(_ bytes: [UInt8], separator: UInt8 = comma) {
    self.bytes = bytes
    self.separator = separator
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Whether a byte ends an unquoted field.
  static func isSeparator(_ byte: UInt8, _ separator: UInt8 = comma) -> Bool {
    byte == separator || byte == lineFeed || byte == carriageReturn
  }

  /// What stands between fields: a semicolon or a tab where the first line has one and no comma outside of quotes, and the second
  /// has it too; else a comma.
  static func separator(of bytes: [UInt8]) -> UInt8 {
    let others = [UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var found: [UInt8: Bool] = [:]
    var (line, isQuoted, isBlank) = (0, false, true)
    for byte in bytes {
      if byte == quote { isQuoted.toggle() }
      if !isQuoted, byte == lineFeed || byte == carriageReturn {
        if !isBlank { line += 1 }
        isBlank = true
        if line == 2 { break }
        continue
      }
      isBlank = false
      guard !isQuoted else { continue }
      if line == 0, byte == comma { return comma }
      if others.contains(byte) { found[byte] = line == 0 ? false : found[byte].map { _ in true } }
    }
    // A file of one line has no second to agree with.
    return others.first { found[$0] == true || line + (isBlank ? 0 : 1) < 2 && found[$0] != nil } ?? comma
  }

  /// The next record that is not a blank line; nil at the end of the file.
  mutating func next() throws(CommaSeparatedError) -> CommaSeparatedValues.Record? {
    while position < bytes.count {
      let firstLine = line
      var fields: [String] = []
      var isQuoted = false
      repeat {
        isQuoted = isQuoted || nextIs(CommaSeparatedReader.quote)
        fields.append(nextIs(CommaSeparatedReader.quote) ? try quotedField() : try plainField())
      } while take(separator)
      if take(CommaSeparatedReader.carriageReturn) {
        _ = take(CommaSeparatedReader.lineFeed)
        line += 1
      } else if take(CommaSeparatedReader.lineFeed) {
        line += 1
      }
      if fields != [""] || isQuoted { return CommaSeparatedValues.Record(line: firstLine, fields: fields) }
    }
    return nil
  }

  private func nextIs(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

  /// Steps over a byte if it comes next.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard nextIs(byte) else { return false }
    position += 1
    return true
  }

  private mutating func quotedField() throws(CommaSeparatedError) -> String {
    let firstLine = line
    var field: [UInt8] = []
    position += 1
    while true {
      guard position < bytes.count else {
        throw CommaSeparatedError(
          line: firstLine, reason: "a quoted field is not closed before the end of the file")
      }
      let byte = bytes[position]
      position += 1
      if byte == CommaSeparatedReader.quote, !take(byte) { break }
      if byte == CommaSeparatedReader.lineFeed { line += 1 }
      field.append(byte)
    }
    guard position == bytes.count || CommaSeparatedReader.isSeparator(bytes[position], separator) else {
      throw CommaSeparatedError(
        line: line, reason: "text after the closing quote of a field; double quotes inside fields")
    }
    return String(decoding: field, as: UTF8.self)
  }

  private mutating func plainField() throws(CommaSeparatedError) -> String {
    let start = position
    while position < bytes.count, !CommaSeparatedReader.isSeparator(bytes[position], separator) {
      guard bytes[position] != CommaSeparatedReader.quote else {
        throw CommaSeparatedError(line: line, reason: "a quote inside an unquoted field; quote the whole field")
      }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}
