import Reports
import Testing

@Suite struct CommaSeparatedValuesTests {
  private func fields(_ text: String) throws -> [[String]] {
    let table = try CommaSeparatedValues(parsing: text, file: "t.csv")
    return [table.header] + table.records.map(\.fields)
  }

  @Test func quotedFieldsHoldCommasLineEndsAndQuotes() throws {
    #expect(
      try fields("a,b\r\n\"x,\r\ny\",\"he said \"\"hi\"\"\"\n,\n") == [
        ["a", "b"], ["x,\r\ny", "he said \"hi\""], ["", ""],
      ])
  }

  @Test func byteOrderMarkAndEmptyLinesArePassedOver() throws {
    #expect(try fields("\u{FEFF}a,b\n1,2\n\n\n") == [["a", "b"], ["1", "2"]])
    #expect(try fields("a\r1") == [["a"], ["1"]])
  }

  @Test func recordsKnowTheirLine() throws {
    let table = try CommaSeparatedValues(parsing: "a\n\"1\n2\n3\"\nx\n", file: "t.csv")
    #expect(table.records.map(\.line) == [2, 5])
  }

  @Test(arguments: [
    ("", "t.csv: line 1: the file is empty, expected a header"),
    ("a,b\n1,2\n1\n", "t.csv: line 3: expected 2 fields as in the header, got 1"),
    ("a\n\"x\n", "t.csv: line 2: a quoted field is not closed before the end of the file"),
    ("a\n\"x\"y\n", "t.csv: line 2: text after the closing quote of a field; double quotes inside fields"),
    ("a\nx\"y\n", "t.csv: line 2: a quote inside a field that does not begin with one"),
  ])
  func errorsNameFileAndLine(text: String, message: String) {
    #expect(throws: ReportError(message)) { try fields(text) }
  }

  @Test func writtenLinesAreReadBack() throws {
    for row in [["a,b", "c\"d", "e\r\nf", "g"], ["\"\u{301}", ",\u{301}", "\r", ""]] {
      let line = CommaSeparatedValues.line(row)
      #expect(try fields("1,2,3,4\n" + line)[1] == row)
    }
  }

  @Test(arguments: [
    ("store_a,tap_a\n1,2\n", "t.csv: line 1: no column 'store_b'; expected "),
    (
      header + "a,x,b,y,cka_linear,debiased,8,nan,,\n",
      "t.csv: line 2: value is 'nan', expected a finite number or nothing"
    ),
    (header + "a,x,b,y,cka_linear,debiased,many,1,,\n", "t.csv: line 2: n is 'many', expected a whole number"),
    (header + "a,,b,y,cka_linear,debiased,8,1,,\n", "t.csv: line 2: tap_a is empty"),
    (header, "t.csv: there is a header but no row"),
  ])
  func similarityRowsAreChecked(text: String, message: String) {
    #expect {
      try SimilarityTable(parsing: text, file: "t.csv")
    } throws: {
      "\($0)".hasPrefix(message)
    }
  }

  @Test func furtherColumnsAreKeptAndTokensRead() throws {
    let text =
      "tokens,high,low,value,n,estimator,measure,tap_b,store_b,tap_a,store_a,extra\n"
      + "mean,,,0.5,8,debiased,cka_linear,y,B,x,A,42\n"
    let row = try #require(try SimilarityTable(parsing: text, file: "t.csv").rows.first)
    #expect(row.storeA == "A" && row.tapB == "y" && row.tokens == "mean")
    #expect(row.value == 0.5 && row.low == nil && row.count == 8)
  }
}
