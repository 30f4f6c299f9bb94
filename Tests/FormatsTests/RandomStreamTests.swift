import Formats
import Testing

@Suite struct RandomStreamTests {
  /// The numbers of the authors' C code for a state filled by SplitMix64 from 0.
  @Test func theStreamIsThatOfItsAuthors() {
    var stream = RandomStream(seed: 0)
    #expect(stream.next() == 0x99EC_5F36_CB75_F2B4)
    #expect(stream.next() == 0xBF6E_1F78_4956_452A)
    #expect(stream.next() == 0x1A5F_849D_4933_E6E0)
  }

  /// Computed with whole numbers in Python.
  @Test func wordsGiveTheStreamThatScenesAreDrawnWith() {
    var stream = RandomStream(words: [7, 1, 0x5343_454E])
    #expect(
      [stream.next(), stream.next(), stream.next()] == [
        0x39FE_27B3_7C85_A443, 0x2777_FCF2_7984_5142, 0x9A2B_CAEF_DA27_047C,
      ])
    var other = RandomStream(words: [1, 7, 0x5343_454E])
    #expect(other.next() != 0x39FE_27B3_7C85_A443)
  }

  @Test func numbersBelowABoundAreAllAsLikely() {
    var stream = RandomStream(seed: 5)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.below(7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
  }

  @Test func unitNumbersAreEvenOverTheirRange() {
    var stream = RandomStream(seed: 3)
    let numbers = (0..<10_000).map { _ in stream.unit() }
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.01)
  }
}
