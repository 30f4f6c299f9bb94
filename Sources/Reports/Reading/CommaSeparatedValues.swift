/// A table of text as RFC 4180 describes it: a header, and records of as many fields.
public struct CommaSeparatedValues: Sendable {
  public struct Record: Sendable {
    /// The line of the file on which the record begins, from 1.
    public let line: Int
    public let fields: [String]
  }

  public let header: [String]
  public let records: [Record]

  /// Reads `text`. Lines end in LF or CRLF; a byte-order mark and empty lines at the end are passed over; fields may be
  /// quoted and then hold commas, line ends and doubled quotes.
  /// - Parameter file: the name used in errors.
  /// - Throws: `ReportError` with the file and the line.
  public init(parsing text: String, file: String) throws(ReportError) {
    var parser = Parser(bytes: Array(text.utf8), file: file)
    var records: [Record] = []
    while let record = try parser.next() {
      if record.fields == [""] { continue }
      records.append(record)
    }
    guard let first = records.first else { throw ReportError("\(file): line 1: the file is empty, expected a header") }
    for record in records.dropFirst() where record.fields.count != first.fields.count {
      throw ReportError(
        "\(file): line \(record.line): expected \(first.fields.count) fields as in the header, "
          + "got \(record.fields.count)"
      )
    }
    header = first.fields
    self.records = Array(records.dropFirst())
  }

  /// The place of the column `name`; nil if there is none.
  public func column(_ name: String) -> Int? { header.firstIndex(of: name) }

  /// One record as a line of text, quoted where it must be.
  public static func line(_ fields: [String]) -> String {
    fields.map { field in
      // By bytes: Swift sees CR LF, or a comma with a combining mark, as one character.
      let special = field.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }
      guard special else { return field }
      return "\"" + field.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }.joined(separator: ",") + "\n"
  }

  private struct Parser {
    let bytes: [UInt8]
    let file: String
    var position: Int
    var line = 1

    init(bytes: [UInt8], file: String) {
      self.bytes = bytes
      self.file = file
      position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next record; nil at the end of the file.
    mutating func next() throws(ReportError) -> Record? {
      guard position < bytes.count else { return nil }
      let start = line
      var fields: [String] = []
      while true {
        fields.append(try field())
        guard position < bytes.count else { break }
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: ",") { continue }
        if byte == 13, position < bytes.count, bytes[position] == 10 { position += 1 }
        line += 1
        break
      }
      return Record(line: start, fields: fields)
    }

    /// One field, up to but without the comma or line end after it.
    private mutating func field() throws(ReportError) -> String {
      var content: [UInt8] = []
      if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        let start = line
        position += 1
        while true {
          guard position < bytes.count else {
            throw ReportError("\(file): line \(start): a quoted field is not closed before the end of the file")
          }
          let byte = bytes[position]
          position += 1
          if byte == 10 { line += 1 }
          guard byte == UInt8(ascii: "\"") else {
            content.append(byte)
            continue
          }
          guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { break }
          content.append(byte)
          position += 1
        }
        if position < bytes.count, ![UInt8(ascii: ","), 10, 13].contains(bytes[position]) {
          throw ReportError(
            "\(file): line \(line): text after the closing quote of a field; double quotes inside fields")
        }
      } else {
        while position < bytes.count, ![UInt8(ascii: ","), 10, 13].contains(bytes[position]) {
          if bytes[position] == UInt8(ascii: "\"") {
            throw ReportError("\(file): line \(line): a quote inside a field that does not begin with one")
          }
          content.append(bytes[position])
          position += 1
        }
      }
      return String(decoding: content, as: UTF8.self)
    }
  }
}
