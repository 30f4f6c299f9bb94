/// A table of text as RFC 4180 describes it: a header, and records of as many fields.
public struct CommaSeparatedValues: Sendable, Equatable {
  /// The fields of one row.
  public struct Record: Sendable, Equatable {
    /// The line of the file on which the record begins, from 1.
    public let line: Int
    public let fields: [String]

    /// With the texts as they were before they were written.
    fileprivate var restored: Record { Record(line: line, fields: fields.map(SpreadsheetText.restored)) }
  }

  public let header: [String]
  public let records: [Record]

  /// Reads a table in UTF-8; see `records(of:)` for what is accepted. Texts that were written so that no spreadsheet runs them
  /// (``SpreadsheetText``) are as they were.
  ///
  /// - Throws: ``CommaSeparatedError`` as `records(of:)` does, where there is no header, and where a record has another
  ///   number of fields than the header.
  public init(parsing bytes: [UInt8]) throws(CommaSeparatedError) {
    let records = try CommaSeparatedValues.records(of: bytes)
    guard let first = records.first else {
      throw CommaSeparatedError(line: 1, reason: "the file is empty, expected a header")
    }
    for record in records.dropFirst() where record.fields.count != first.fields.count {
      throw CommaSeparatedError(
        line: record.line,
        reason: "expected \(first.fields.count) fields as in the header, got \(record.fields.count)")
    }
    header = first.restored.fields
    self.records = records.dropFirst().map(\.restored)
  }

  /// The index of the column `name`; nil if there is none.
  public func column(_ name: String) -> Int? { header.firstIndex(of: name) }

  /// All records of a file in UTF-8, as they stand there and with no header told apart. Lines end in LF, CR LF or CR; a byte order mark and blank
  /// lines are skipped; fields may be quoted and then hold commas, line ends and doubled quotes.
  ///
  /// - Parameter anySeparator: whether a file whose first lines have semicolons or tabs and no comma has them between its fields, as
  ///   spreadsheets of many countries write it.
  /// - Throws: ``CommaSeparatedError`` with the line, where a quote is not closed or stands inside a field, or where the
  ///   bytes are not UTF-8.
  public static func records(
    of bytes: [UInt8], anySeparator: Bool = false
  ) throws(CommaSeparatedError) -> [Record] {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw CommaSeparatedError(line: nil, reason: "is not UTF-8 text; save it again as UTF-8")
    }
    var reader =
      anySeparator
      ? CommaSeparatedReader(bytes, separator: CommaSeparatedReader.separator(of: bytes)) : CommaSeparatedReader(bytes)
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  /// One record as a line of text, quoted where it must be; no field of it is a formula (``SpreadsheetText``).
  public static func line(_ fields: [String]) -> String {
    line(written: fields.map { quoted(SpreadsheetText.written($0)) })
  }

  /// One record of texts and numbers as a line of text.
  public static func line(of fields: [Field]) -> String {
    line(written: fields.map(\.text))
  }

  /// A row of one empty field is a pair of quotes, since a blank line would be skipped.
  private static func line(written fields: [String]) -> String {
    (fields == [""] ? "\"\"" : fields.joined(separator: ",")) + "\n"
  }

  /// A field as it is written: in quotes where it holds a comma, a quote or a line end.
  static func quoted(_ field: String) -> String {
    // By bytes: Swift takes CR LF, and a comma or quote with a combining mark, for one character.
    let isSpecial = field.utf8.contains { CommaSeparatedReader.isSeparator($0) || $0 == CommaSeparatedReader.quote }
    guard isSpecial else { return field }
    var bytes = [CommaSeparatedReader.quote]
    for byte in field.utf8 {
      if byte == CommaSeparatedReader.quote { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(CommaSeparatedReader.quote)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension CommaSeparatedValues {
  /// One field to be written. Numbers have as many digits as it takes to read the same number back.
  public enum Field: Sendable, Equatable {
    case text(String)
    case integer(Int)
    /// nil is an empty field.
    case real(Double?)

    /// The field as it stands in the file.
    public var text: String {
      switch self {
      case .text(let text): CommaSeparatedValues.quoted(SpreadsheetText.written(text))
      case .integer(let value): "\(value)"
      case .real(let value): value.map { "\($0)" } ?? ""
      }
    }
  }
}

/// What is wrong with a table of comma-separated values, and on which line.
public struct CommaSeparatedError: ExitStatusError, Sendable, Equatable {
  /// From 1; nil where the error concerns the whole file.
  public let line: Int?
  /// What is wrong, without the line.
  public let reason: String

  public init(line: Int?, reason: String) {
    self.line = line
    self.reason = reason
  }

  public var exitStatus: Int32 { 2 }

  public var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
