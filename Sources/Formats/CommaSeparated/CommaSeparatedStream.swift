import Foundation

extension CommaSeparatedValues {
  /// Lends the records of a file one after the other, so that a long one never stands in memory; see ``records(of:anySeparator:)``. Texts
  /// that were written so that no spreadsheet runs them are as they were.
  ///
  /// - Returns: the digest of the file's bytes.
  /// - Throws: ``CommaSeparatedError``; Foundation's error where the file cannot be read; what `body` throws.
  @discardableResult
  public static func forEachRecord(of path: String, _ body: (Record) throws -> Void) throws -> ContentDigest {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    var digest = ContentDigest()
    var waiting: [UInt8] = []
    var (line, isQuoted) = (1, false)
    func lend(_ bytes: [UInt8]) throws {
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw CommaSeparatedError(line: nil, reason: "is not UTF-8 text; save it again as UTF-8")
      }
      var reader = CommaSeparatedReader(bytes)
      while let record = try reader.next() {
        try body(Record(line: line + record.line - 1, fields: record.fields.map(SpreadsheetText.restored)))
      }
      line += bytes.count { $0 == UInt8(ascii: "\n") }
    }
    while let piece = try handle.read(upToCount: 4 << 20), !piece.isEmpty {
      digest.update(piece)
      // Records are cut where a line ends outside of quotes.
      var end: Int?
      let before = waiting.count
      waiting += piece
      for index in before..<waiting.count {
        if waiting[index] == CommaSeparatedReader.quote { isQuoted.toggle() }
        if waiting[index] == UInt8(ascii: "\n"), !isQuoted { end = index + 1 }
      }
      guard let end else { continue }
      try lend(Array(waiting[..<end]))
      waiting.removeFirst(end)
    }
    if !waiting.isEmpty { try lend(waiting) }
    return digest
  }

  /// How many records a file has, blank lines not counted: the lines that begin outside of quotes.
  ///
  /// - Throws: Foundation's error where the file cannot be read.
  public static func countRecords(of path: String) throws -> Int {
    let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    return data.withUnsafeBytes { bytes in
      var (count, isQuoted, isBlank) = (0, false, true)
      for byte in bytes {
        if byte == CommaSeparatedReader.quote { isQuoted.toggle() }
        if !isQuoted, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
          if !isBlank { count += 1 }
          isBlank = true
        } else {
          isBlank = false
        }
      }
      return count + (isBlank ? 0 : 1)
    }
  }
}
