import Formats
import Reports
import Testing

@Suite struct CommaSeparatedValuesTests {
  @Test func errorsNameFileAndLine() {
    #expect(throws: ReportError("t.csv: line 3: expected 2 fields as in the header, got 1")) {
      try CommaSeparatedValues(parsing: "a,b\n1,2\n1\n", file: "t.csv")
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
