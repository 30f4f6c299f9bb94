import Formats
import Foundation
import TestSupport
import Testing

@Suite struct CommaSeparatedValuesTests {
  private func fields(_ text: String) throws -> [[String]] {
    let table = try CommaSeparatedValues(parsing: Array(text.utf8))
    return [table.header] + table.records.map(\.fields)
  }

  @Test func quotedFieldsHoldCommasLineEndsAndQuotes() throws {
    #expect(
      try fields("a,b\r\n\"x,\r\ny\",\"he said \"\"hi\"\"\"\n,\n") == [
        ["a", "b"], ["x,\r\ny", "he said \"hi\""], ["", ""],
      ])
  }

  @Test func byteOrderMarkAndBlankLinesAreSkipped() throws {
    #expect(try fields("\u{FEFF}a,b\n1,2\n\n\n") == [["a", "b"], ["1", "2"]])
    #expect(try fields("a\r1") == [["a"], ["1"]])
    #expect(try fields("a\n\n\"\"\n1") == [["a"], [""], ["1"]])
  }

  @Test func recordsKnowTheirLine() throws {
    let table = try CommaSeparatedValues(parsing: Array("a\n\"1\n2\n3\"\nx\n".utf8))
    #expect(table.records.map(\.line) == [2, 5])
    #expect(table.column("a") == 0)
    #expect(table.column("b") == nil)
  }

  @Test(arguments: [
    ("", "line 1: the file is empty, expected a header"),
    ("a,b\n1,2\n1\n", "line 3: expected 2 fields as in the header, got 1"),
    ("a\n\"x\n", "line 2: a quoted field is not closed before the end of the file"),
    ("a\n\"x\"y\n", "line 2: text after the closing quote of a field; double quotes inside fields"),
    ("a\nx\"y\n", "line 2: a quote inside an unquoted field; quote the whole field"),
  ])
  func errorsNameTheLine(text: String, message: String) {
    #expect { try fields(text) } throws: { "\($0)" == message }
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(throws: CommaSeparatedError(line: nil, reason: "is not UTF-8 text; save it again as UTF-8")) {
      try CommaSeparatedValues(parsing: [0x61, 0x0A, 0xFF])
    }
  }

  @Test func writtenLinesAreReadBack() throws {
    for row in [["a,b", "c\"d", "e\r\nf", "g"], ["\"\u{301}", ",\u{301}", "\r", ""]] {
      let line = CommaSeparatedValues.line(row)
      #expect(try fields("1,2,3,4\n" + line)[1] == row)
    }
    #expect(try fields("1\n" + CommaSeparatedValues.line([""]))[1] == [""])
  }

  /// What `csv.writer` of Python writes for this name, and its `csv.reader` reads back as two fields. Swift takes the quote
  /// and the accent for one character.
  @Test func quotesBeforeCombiningMarksAreDoubled() {
    let written = "\"a\"\"\u{301},b.png\",1\n"
    #expect(Array(CommaSeparatedValues.line(["a\"\u{301},b.png", "1"]).utf8) == Array(written.utf8))
    #expect(
      Array(CommaSeparatedValues.line(of: [.text("a\"\u{301},b.png"), .integer(1)]).utf8) == Array(written.utf8))
  }

  @Test func numbersHaveTheDigitsToReadThemBack() {
    let fields: [CommaSeparatedValues.Field] = [.real(0.1 + 0.2), .real(1e-20), .real(nil), .integer(-3), .text("é")]
    #expect(CommaSeparatedValues.line(of: fields) == "0.30000000000000004,1e-20,,-3,é\n")
  }
}

@Suite struct CommaSeparatedWriterTests {
  private let temporary: TemporaryFolder
  private var folder: URL { temporary.url }

  init() throws { temporary = try TemporaryFolder() }

  @Test func rowsAreInPlaceWhenTheFileIsFinished() throws {
    let path = folder.appendingPathComponent("table.csv").path
    let writer = try CommaSeparatedWriter(path: path, header: ["name", "value"])
    for index in 0..<100_000 { try writer.append([.text("row \(index)"), .real(Double(index) / 3)]) }
    #expect(!FileManager.default.fileExists(atPath: path))
    try writer.finish()
    let table = try CommaSeparatedValues(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    #expect(table.header == ["name", "value"])
    #expect(table.records.count == 100_000)
    #expect(table.records.last?.fields == ["row 99999", "33333.0"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["table.csv"])
  }

  @Test func anUnfinishedTableLeavesNothing() throws {
    do {
      let writer = try CommaSeparatedWriter(path: folder.appendingPathComponent("t.csv").path, header: ["a"])
      try writer.append([.integer(1)])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test func whereNothingCanBeWrittenTheReasonIsTheSystems() {
    let path = folder.path + "/missing/t.csv"
    #expect {
      try CommaSeparatedWriter(path: path, header: ["a"])
    } throws: {
      "\($0)" == "cannot write \(path): No such file or directory; make the folder, or choose another place"
    }
  }
}
