import Analysis
import Formats
import Results
import Testing

struct StatisticsTests {
  @Test func quantilesAreThoseOfNumpy() {
    // numpy.quantile([3, 1, 4, 1.5, 9], [0, 0.025, 0.5, 0.8, 1])
    let values = [3, 1, 4, 1.5, 9]
    let expected = [(0.0, 1.0), (0.025, 1.05), (0.5, 3.0), (0.8, 5.0), (1.0, 9.0)]
    for (fraction, value) in expected {
      #expect(abs((Quantile.linear(values, fraction) ?? -1) - value) < 1e-12)
    }
    #expect(Quantile.linear([], 0.5) == nil)
    // numpy.percentile([3, 1, 4, 1.5, 9], [2.5, 97.5])
    #expect(abs(Percentile.linear(values, 2.5) - 1.05) < 1e-12 && abs(Percentile.linear(values, 97.5) - 8.5) < 1e-12)
  }

  @Test func theMedianIsThatOfTheSortedNumbers() {
    var stream = RandomStream(seed: 1)
    for count in [1, 2, 3, 4, 99, 100, 1001] {
      for kind in 0..<3 {
        let values = (0..<count).map { _ -> Double in
          let uniform = Double(stream.next() >> 11) * 0x1p-53
          return kind == 0 ? uniform : kind == 1 ? (uniform * 4).rounded(.down) : uniform * 1e-300
        }
        let sorted = values.sorted()
        let expected = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
        #expect(values.withUnsafeBufferPointer(Quantile.median(nonNegative:)) == expected)
      }
    }
    #expect([Double]().withUnsafeBufferPointer(Quantile.median(nonNegative:)) == nil)
  }

  @Test func fieldsAreQuotedWhereTheyMustBe() {
    var table = TidyTable(
      TableDefinition("test.csv", row: "name", columns: ["name", "a,b", "n", "x"].map { Column($0, "a test") }))
    table.append([.text("plain é"), .text("say \"no\""), .integer(-3), .real(0.1)])
    table.append([.text("line\nbreak"), .text(""), .integer(0), .real(nil)])
    table.append([.text("x"), .text("y"), .integer(1), .real(1e-20)])
    // A2: Swift takes a quote and the accent after it for one character.
    table.append([.text("a\"\u{301},b.png"), .text("y"), .integer(1), .real(2)])
    #expect(
      table.text
        == "name,\"a,b\",n,x\nplain é,\"say \"\"no\"\"\",-3,0.1\n\"line\nbreak\",,0,\nx,y,1,1e-20\n"
        + "\"a\"\"\u{301},b.png\",y,1,2.0\n")
  }

  @Test func storesAreNamedByTheirFilesAndToldApart() {
    #expect(NamedSource.names(of: ["a/vit.h5", "/b/swin.v2.h5"]) == ["vit", "swin.v2"])
    #expect(NamedSource.names(of: ["a/s.h5", "b/s.h5", "t.h5"]) == ["a/s", "b/s", "t"])
    #expect(NamedSource.names(of: ["s.h5", "s.h5", "x/s.h5"]) == ["s", "s#2", "x/s"])
  }
}
