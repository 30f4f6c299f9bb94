/// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, quotes (doubled) and line breaks.
enum CommaSeparated {
  /// A record and the line, from 1, it starts on.
  struct Record: Equatable {
    let line: Int
    let fields: [String]
  }

  /// Records of `bytes`; a byte order mark and blank lines are skipped, lines end with LF, CR LF or CR.
  ///
  /// - Throws: `ImagingError` without a path, where a quote is not closed, stands inside a field, or bytes are not UTF-8.
  static func records(of bytes: [UInt8]) throws -> [Record] {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw ImagingError(reason: "is not UTF-8 text") }
    let input = Array(text.utf8)
    var position = input.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = 1
    var records: [Record] = []
    let quote = UInt8(ascii: "\""), comma = UInt8(ascii: ","), feed = UInt8(ascii: "\n"), carriage = UInt8(ascii: "\r")
    while position < input.count {
      let firstLine = line
      var fields: [String] = []
      var isQuoted = false
      record: while true {
        var field: [UInt8] = []
        if position < input.count, input[position] == quote {
          isQuoted = true
          position += 1
          while true {
            guard position < input.count else {
              throw ImagingError(reason: "line \(firstLine): a quoted field is not closed")
            }
            let byte = input[position]
            position += 1
            if byte == quote {
              guard position < input.count, input[position] == quote else { break }
              position += 1
            }
            if byte == feed { line += 1 }
            field.append(byte)
          }
          guard position == input.count || [comma, feed, carriage].contains(input[position]) else {
            throw ImagingError(reason: "line \(line): text after the closing quote of a field")
          }
        } else {
          while position < input.count, ![comma, feed, carriage].contains(input[position]) {
            guard input[position] != quote else {
              throw ImagingError(reason: "line \(line): a quote inside an unquoted field; quote the whole field")
            }
            field.append(input[position])
            position += 1
          }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        guard position < input.count else { break record }
        let end = input[position]
        position += 1
        if end == comma { continue }
        if end == carriage, position < input.count, input[position] == feed { position += 1 }
        line += 1
        break record
      }
      if fields != [""] || isQuoted { records.append(Record(line: firstLine, fields: fields)) }
    }
    return records
  }
}
