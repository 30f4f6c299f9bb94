import Analysis
import Foundation
import Results
import Testing

/// Differences of values that share a tap.
struct SimilarityDifferenceTests {
  private static let images = 14

  /// Three stores of 2, 1 and 3 taps.
  private static func stores() -> [[[Float]]] {
    var features = TestFeatures(seed: 81)
    let taps = features.related(images, [5, 7, 4, 6, 3, 8], noise: 1)
    return [[taps[0], taps[1]], [taps[2]], [taps[3], taps[4], taps[5]]]
  }

  private static func analyzed(
    _ measure: Similarity.Measure, without image: Int? = nil, _ comparisons: [SimilarityComparison],
    named: [String] = []
  ) throws -> Similarity.Result {
    var settings = SimilarityTests.settings(measures: [measure], hasIntervals: true)
    settings.differences = DifferenceSelection(comparisons: comparisons, taps: named)
    return try Similarity.analyze(
      stores().enumerated().map { number, taps in
        let kept = taps.map { tap -> [Float] in
          let columns = tap.count / images
          return (0..<images).filter { $0 != image }.flatMap { tap[$0 * columns..<($0 + 1) * columns] }
        }
        return NamedSource(
          name: "store.\(number)", source: try MemorySource.taps(kept, images: image == nil ? images : images - 1))
      }, settings: settings)
  }

  private static func kernel(_ name: Similarity.TapName) -> PlainCKA.Matrix {
    let stores = stores()
    let features = stores[Int(name.store.suffix(1)) ?? 0][Int(name.tap.suffix(1)) ?? 0]
    return PlainCKA.linear(features, images: images)
  }

  private static func names(_ row: Similarity.DifferenceRow) -> [String] {
    [row.a, row.b, row.c].map { String($0.store.suffix(1) + $0.tap.suffix(1)) }
  }

  @Test func counterpartsHaveTheNameOrTheDepth() throws {
    let rows = try Self.analyzed(.ckaLinear, [.models]).differenceRows
    #expect(rows.allSatisfy { $0.comparison == .models })
    // The one tap of the second store is the counterpart of all; of tap 2 of the third store that of the first is the deepest.
    #expect(
      rows.map(Self.names) == [
        ["00", "10", "20"], ["01", "10", "21"], ["10", "00", "20"], ["20", "00", "10"], ["21", "01", "10"],
        ["22", "01", "10"],
      ])
  }

  @Test func neighboursAreOfOneOtherStore() throws {
    let rows = try Self.analyzed(.ckaLinear, [.neighbours]).differenceRows
    #expect(
      rows.map(Self.names) == [
        ["00", "20", "21"], ["00", "21", "22"], ["01", "20", "21"], ["01", "21", "22"], ["10", "00", "01"],
        ["10", "20", "21"], ["10", "21", "22"], ["20", "00", "01"], ["21", "00", "01"], ["22", "00", "01"],
      ])
  }

  @Test func everyOtherTapIsComparedWithTheNamed() throws {
    let result = try Self.analyzed(.ckaLinear, [], named: ["store.2:tap.1", "store.0:tap.0"])
    #expect(result.differenceRows.allSatisfy { $0.comparison == .named })
    #expect(
      result.differenceRows.map(Self.names) == [
        ["01", "21", "00"], ["10", "21", "00"], ["20", "21", "00"], ["22", "21", "00"],
      ])
    for row in result.differenceRows {
      let (kernel, b, c) = (Self.kernel(row.a), Self.kernel(row.b), Self.kernel(row.c))
      let expected =
        PlainCKA.value(kernel, b, by: PlainCKA.debiasedHSIC) - PlainCKA.value(kernel, c, by: PlainCKA.debiasedHSIC)
      #expect(abs(row.difference - expected) < 1e-9 && row.low ?? 2 < expected && row.high ?? -2 > expected)
    }
  }

  @Test func namedTapsComeInTwosAndMustBeThere() throws {
    #expect(
      throws: AnalysisError(
        .badInput,
        "--differences names 1 taps (store.2:tap.1); name them in twos, as STORE:TAP,STORE:TAP: of every other tap the value with "
          + "the first less that with the second is taken")
    ) { try Self.analyzed(.ckaLinear, [], named: ["store.2:tap.1"]) }
    #expect(
      throws: AnalysisError(
        .badInput,
        "--differences: no store has a tap 'store.1:tap.1'; there are store.0:tap.0, store.0:tap.1, store.1:tap.0, store.2:tap.0, "
          + "store.2:tap.1, store.2:tap.2")
    ) { try Self.analyzed(.ckaLinear, [], named: ["store.1:tap.0", "store.1:tap.1"]) }
    let named = DifferenceSelection(argument: "neighbours,vit:block.5,deit:block.5")
    #expect(named?.comparisons == [.neighbours] && named?.taps == ["vit:block.5", "deit:block.5"])
    #expect(DifferenceSelection(argument: "vit:block.5,models")?.description == "models,vit:block.5")
    #expect(DifferenceSelection(argument: "all") == .all)
    for text in ["", "model", "vit:", ":tap", "models,vit"] {
      #expect(DifferenceSelection(argument: text) == nil, "\(text)")
    }
  }

  /// By analysing the other thirteen images, once for each image.
  @Test func intervalsAreThoseOfLeavingOutEachImage() throws {
    func value(_ result: Similarity.Result, _ a: Similarity.TapName, _ b: Similarity.TapName) throws -> Double {
      try #require(
        result.rows.first { ($0.a == a && $0.b == b) || ($0.a == b && $0.b == a) }?.value)
    }
    let whole = try Self.analyzed(.ckaLinear, SimilarityComparison.unnamed)
    let parts = try (0..<Self.images).map { try Self.analyzed(.ckaLinear, without: $0, []) }
    #expect(parts.allSatisfy(\.differenceRows.isEmpty) && whole.differenceRows.count == 16)
    for row in whole.differenceRows {
      let difference = try value(whole, row.a, row.b) - value(whole, row.a, row.c)
      #expect(abs(row.difference - difference) < 1e-12)
      let without = try parts.map { try value($0, row.a, row.b) - value($0, row.a, row.c) }
      let shares = zip(
        PlainJackknife.shares(Self.kernel(row.a), Self.kernel(row.b)),
        PlainJackknife.shares(Self.kernel(row.a), Self.kernel(row.c))
      ).map { zip($0, $1).map { $0 - $1 } }
      let half = try #require(PlainJackknife.half(without: without, shares: shares))
      #expect(abs(try #require(row.low) - (difference - half)) < 1e-8, "\(row)")
      #expect(abs(try #require(row.high) - (difference + half)) < 1e-8, "\(row)")
    }
    #expect(
      whole.differenceTable.text.hasPrefix(
        "comparison,store_a,tap_a,store_b,tap_b,store_c,tap_c,measure,estimator,n,difference,low,high\n"
          + "models,store.0,tap.0,store.1,tap.0,store.2,tap.0,cka_linear,debiased,14,"))
  }

  private struct Comparison: Decodable {
    let store: String
    let tapA: String
    let tapB: String
    let tapC: String
    let measure: String
    let estimator: String
    let batch: Int
    let difference: Double
    let low: Double
    let high: Double
  }

  /// `scripts/fixtures/similarity.py`, with Gaussian kernels and minibatches too.
  @Test func differencesAgreeWithNumpy() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let comparisons = try decoder.decode(
      [Comparison].self,
      from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("similarity_differences.json")))
    #expect(comparisons.count == 8)
    for expected in comparisons {
      var settings = Similarity.Settings()
      settings.measures = Similarity.Measure.allCases.filter { $0.rawValue == expected.measure }
      settings.estimators = Similarity.Estimator.allCases.filter { $0.rawValue == expected.estimator }
      settings.minibatch = expected.batch
      settings.differences = DifferenceSelection(comparisons: [.neighbours])
      let source = NamedSource(
        name: expected.store,
        source: ChosenTaps(
          try SimilarityFixtureTests.store(expected.store), [expected.tapA, expected.tapB, expected.tapC]))
      let rows = try Similarity.analyze([source], settings: settings).differenceRows
      let row = try #require(rows.first { $0.a.tap == expected.tapA })
      #expect(row.b.tap == expected.tapB && row.c.tap == expected.tapC)
      #expect(abs(row.difference - expected.difference) < 1e-9, "\(row)")
      #expect(abs(try #require(row.low) - expected.low) < 1e-8, "\(row)")
      #expect(abs(try #require(row.high) - expected.high) < 1e-8, "\(row)")
    }
  }

  /// A measure without an interval has no differences, and none are taken without intervals.
  @Test func withoutIntervalsThereAreNone() throws {
    #expect(try Self.analyzed(.procrustes, SimilarityComparison.unnamed).differenceRows.isEmpty)
    #expect(try !Self.analyzed(.rsa, SimilarityComparison.unnamed).differenceRows.isEmpty)
    var settings = SimilarityTests.settings()
    settings.differences = .all
    let taps = Self.stores()[2]
    #expect(try SimilarityTests.analyze(taps, images: Self.images, settings).differenceRows.isEmpty)
    // Of one store alone, its own taps.
    settings.selection.bootstrap = 1
    let rows = try SimilarityTests.analyze(taps, images: Self.images, settings).differenceRows
    #expect(
      rows.map { [$0.a.tap, $0.b.tap, $0.c.tap] } == [
        ["tap.0", "tap.1", "tap.2"], ["tap.1", "tap.0", "tap.2"], ["tap.2", "tap.0", "tap.1"],
      ])
  }
}
