import Formats
import TestSupport
import Testing

@Suite struct SpreadsheetTextTests {
  /// As OWASP's "CSV injection" has it: a cell that begins with one of these is a formula to Excel and LibreOffice.
  @Test(arguments: [
    ("=2+5", "'=2+5"), ("@SUM(A1:A9)", "'@SUM(A1:A9)"), ("+1+2", "'+1+2"), ("-cmd|'/c calc'!A0", "'-cmd|'/c calc'!A0"),
    ("\tx", "'\tx"), ("-", "'-"), ("'=x", "''=x"), ("''@", "'''@"), ("'-5", "''-5"),
  ])
  func formulasAreWrittenAsTexts(text: String, written: String) {
    #expect(SpreadsheetText.written(text) == written)
    #expect(SpreadsheetText.restored(written) == text)
  }

  @Test(arguments: [
    "", "block.0", "-0.25", "+3", "-1e-7", "-inf", "a=b", "'", "''", "'quoted'", "’=x", "\u{2212}5", "é", "1-2",
  ])
  func allOthersStayAsTheyAre(text: String) {
    #expect(SpreadsheetText.written(text) == text)
    #expect(SpreadsheetText.restored(text) == text)
  }

  @Test func aTableIsReadAsItWas() throws {
    let names = ["=2+5", "@a", "+b", "-c", "-1.5", "'=d", "\te\"", "=f,\ng", "\r=h", "plain"]
    let text =
      CommaSeparatedValues.line(names) + CommaSeparatedValues.line(of: names.map { .text($0) })
      + CommaSeparatedValues.line(of: names.indices.map { .real(Double($0) - 5.5) })
    let table = try CommaSeparatedValues(parsing: Array(text.utf8))
    #expect(table.header == names)
    #expect(table.records[0].fields == names)
    #expect(table.records[1].fields.first == "-5.5")
    let cells = try CommaSeparatedValues.records(of: Array(text.utf8)).flatMap(\.fields)
    for cell in cells where Double(cell) == nil {
      #expect(!["=", "@", "+", "-", "\t", "\r"].contains(String(cell.unicodeScalars.prefix(1))), "\(cell)")
    }
  }
}
