import Formats
import Testing

/// Numbers and tables as people read them.
@Suite struct NumberTextTests {
  @Test func decimalsAreRoundedAndFilled() {
    #expect(NumberText.fixed(2.5, 0) == "3")
    #expect(NumberText.fixed(1.005, 2) == "1.00")
    #expect(NumberText.fixed(-0.04, 1) == "0.0")
    #expect(NumberText.fixed(-12.345, 1) == "-12.3")
    #expect(NumberText.fixed(7, 3) == "7.000")
    #expect(NumberText.fixed(.infinity, 2) == "inf")
  }

  @Test func fourDigitsAreSignificant() {
    #expect(NumberText.significant(1234.5) == "1235")
    #expect(NumberText.significant(0.00123456) == "0.001235")
    #expect(NumberText.significant(0) == "0.0")
  }

  @Test func bytesAndSecondsHaveTheirUnits() {
    #expect(NumberText.bytes(1023) == "1023 bytes")
    #expect(NumberText.bytes(1536) == "1.5 KiB")
    #expect(NumberText.bytes(3 << 40) == "3.0 TiB")
    #expect(NumberText.duration(75) == "1:15")
    #expect(NumberText.duration(3605) == "1:00:05")
  }

  @Test func columnsAreAsWideAsTheirWidestCell() {
    #expect(
      TextTable.text(header: ["tap", "size"], rows: [["block.0", "1"], ["a", ""]])
        == "tap      size\nblock.0  1\na")
  }
}
