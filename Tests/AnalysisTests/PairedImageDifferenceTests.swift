import Analysis
import Formats
import Foundation
import Results
import Testing

/// Paired differences and many p-values, against `scripts/fixtures/statistics.py`.
struct PairedImageDifferenceTests {
  struct Fixture: Decodable {
    struct Difference: Decodable {
      let name: String
      let values: [Double]
      let mean: Double
      let standardized: Double
      let rankBiserial: Double
      let pValue: Double
      let isExact: Bool
    }
    struct Correction: Decodable {
      let values: [Double]
      let holm: [Double]
      let benjaminiHochberg: [Double]
    }
    struct RankList: Decodable {
      let values: [String]
      let ranks: [Double]
      let first: [Double]
      let second: [Double]
      let correlation: Double
    }
    let differences: [Difference]
    let corrections: [Correction]
    let ranks: RankList
  }

  private static func fixture() throws -> Fixture {
    try JSONDecoder().decode(
      Fixture.self, from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("statistics.json")))
  }

  private static func series(_ values: [Double?]) -> ImageSeries {
    var series = ImageSeries(count: values.count)
    for (place, value) in values.enumerated() { series[place] = value }
    return series
  }

  @Test func differencesAgreeWithScipy() throws {
    let fixture = try PairedImageDifferenceTests.fixture()
    #expect(fixture.differences.count == 6)
    for expected in fixture.differences {
      let found = try #require(
        PairedImageDifference.compare(
          [PairedImageDifferenceTests.series(expected.values)], PairedImageDifference.Settings())[0])
      #expect(abs(found.estimate.value - expected.mean) < 1e-12)
      #expect(found.estimate.n == expected.values.count)
      #expect(abs(try #require(found.standardized) - expected.standardized) < 1e-10, "\(expected.name)")
      #expect(abs(try #require(found.rankBiserial) - expected.rankBiserial) < 1e-10, "\(expected.name)")
      // Four standard errors of 9,999 random flips where they are not all taken.
      let spread = 4 * (expected.pValue * (1 - expected.pValue) / 9999).squareRoot()
      #expect(abs(found.pValue - expected.pValue) < (expected.isExact ? 1e-12 : spread), "\(expected.name)")
    }
  }

  /// The same number by all flips and by random ones.
  @Test func randomFlipsComeNearAllFlips() throws {
    let values = [0.5, 1.25, -0.75, 2, 0.25, -0.5, 1, 0.75, -0.25, 1.5]
    var settings = PairedImageDifference.Settings()
    settings.permutations = 1024
    let exact = try #require(PairedImageDifference.compare([PairedImageDifferenceTests.series(values)], settings)[0])
      .pValue
    settings.permutations = 1023
    for seed in 0..<4 {
      settings.seed = UInt64(seed)
      let found = try #require(PairedImageDifference.compare([PairedImageDifferenceTests.series(values)], settings)[0])
        .pValue
      #expect(abs(found - exact) < 4 * (exact * (1 - exact) / 1023).squareRoot() && found != exact)
    }
  }

  @Test func intervalsAreThoseOfTheMeanAndTheSameEveryTime() throws {
    var stream = RandomStream(seed: 8)
    let values = (0..<40).map { _ in Double(stream.next() >> 11) * 0x1p-53 + 0.2 }
    for method in IntervalMethod.allCases {
      var settings = PairedImageDifference.Settings()
      settings.interval = method
      settings.seed = 3
      let series = [
        PairedImageDifferenceTests.series(values),
        PairedImageDifferenceTests.series(values.map { $0 > 0.9 ? nil : -$0 }),
      ]
      let found = try PairedImageDifference.compare(series, settings)
      #expect(found == (try PairedImageDifference.compare(series, settings)))
      #expect(
        found.map { $0?.estimate } == ImageSeries.estimates(series, replicates: 1000, seed: 3, method: method))
      let first = try #require(found[0])
      let low = try #require(first.estimate.low)
      #expect(low < first.estimate.value && first.pValue == 1.0 / 10_000)
      #expect(try #require(found[1]).estimate.n < 40)
      #expect(first.rankBiserial == 1 && found[1]?.rankBiserial == -1)
    }
  }

  @Test func noDifferenceIsNoFinding() throws {
    let found = try PairedImageDifference.compare(
      [
        PairedImageDifferenceTests.series([0, 0, 0, 0]), PairedImageDifferenceTests.series([nil, nil, nil, nil]),
        PairedImageDifferenceTests.series([nil, 2, nil, nil]), PairedImageDifferenceTests.series([0.1, 0.1, 0.1, 0.1]),
      ], PairedImageDifference.Settings())
    let zero = try #require(found[0])
    #expect(zero.pValue == 1 && zero.standardized == nil && zero.rankBiserial == nil)
    // Four equal figures do not say how far such figures scatter.
    #expect(zero.estimate.value == 0 && zero.estimate.low == nil && zero.estimate.high == nil)
    #expect(found[1] == nil)
    let one = try #require(found[2])
    #expect(one.estimate.n == 1 && one.estimate.low == nil && one.pValue == 1 && one.standardized == nil)
    let equal = try #require(found[3])
    #expect(equal.standardized == nil && equal.rankBiserial == 1 && equal.pValue == 0.125)
  }

  @Test func correctionsAgreeWithStatsmodels() throws {
    for expected in try PairedImageDifferenceTests.fixture().corrections {
      for (method, values) in [
        (MultipleComparisons.holm, expected.holm), (.benjaminiHochberg, expected.benjaminiHochberg),
      ] {
        let adjusted = method.adjust(expected.values)
        #expect(adjusted.count == values.count)
        for (a, b) in zip(adjusted, values) { #expect(abs(a - b) < 1e-12, "\(method) \(expected.values)") }
      }
    }
    #expect(MultipleComparisons.holm.adjust([]).isEmpty)
  }

  @Test func ranksAgreeWithScipy() throws {
    let expected = try PairedImageDifferenceTests.fixture().ranks
    let values = try expected.values.map { try #require(Double($0)) }
    #expect(Ranks.averaged(values) == expected.ranks)
    #expect(abs(try #require(Ranks.correlation(expected.first, expected.second)) - expected.correlation) < 1e-12)
    #expect(Ranks.correlation([1, 1], [1, 2]) == nil)
    #expect(Ranks.averaged([]).isEmpty)
  }

  /// Enough numbers to be dealt to buckets, many of them equal.
  @Test func ranksOfMillionsAreThoseOfSortedNumbers() {
    var stream = RandomStream(seed: 4)
    for steps in [1e9, 1000.0, 3] {
      let values = (0..<300_000).map { _ in (Double(stream.next() >> 11) * 0x1p-53 * steps).rounded() - steps / 3 }
      let ranks = Ranks.averaged(values)
      let sorted = values.sorted()
      var (first, isRight) = (0, true)
      var expected: [Double: Double] = [:]
      while first < sorted.count {
        var end = first
        while end < sorted.count, sorted[end] == sorted[first] { end += 1 }
        expected[sorted[first]] = Double(first + 1 + end) / 2
        first = end
      }
      for (value, rank) in zip(values, ranks) where expected[value] != rank { isRight = false }
      #expect(isRight)
    }
  }
}
