import Analysis
import Foundation
import Results
import Testing

/// Linear CKA from products of columns against numpy's kernel matrices (`scripts/fixtures/moments.py`), in double precision.
@Suite struct LinearMomentsTests {
  struct Fixture: Decodable {
    struct Row: Decodable {
      let a: Int
      let b: Int
      let debiased: Double
      let biased: Double
      let low: Double?
      let high: Double?
    }

    let images: Int
    let taps: [[Float]]
    let values: [Row]
  }

  private let fixture: Fixture

  init() throws {
    fixture = try JSONDecoder().decode(
      Fixture.self, from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("moments.json")))
  }

  private func settings() -> Similarity.Settings {
    SimilarityTests.settings([.debiased, .biased], measures: [.ckaLinear], hasIntervals: true)
  }

  @Test func valuesAndIntervalsAreThoseOfKernels() throws {
    let result = try SimilarityTests.analyze(fixture.taps, images: fixture.images, settings())
    #expect(result.usesMoments)
    for expected in fixture.values {
      let rows = result.rows.filter { $0.a.tap == "tap.\(expected.a)" && $0.b.tap == "tap.\(expected.b)" }
      #expect(rows.map(\.estimator) == [.debiased, .biased])
      let (debiased, biased) = (try #require(rows.first), try #require(rows.last))
      #expect(abs(try #require(debiased.value) - expected.debiased) < 1e-10, "\(debiased)")
      #expect(abs(try #require(biased.value) - expected.biased) < 1e-10, "\(biased)")
      #expect(biased.low == nil && biased.high == nil)
      guard let low = expected.low, let high = expected.high else { continue }
      #expect(abs(try #require(debiased.low) - low) < 1e-9, "\(debiased) \(expected)")
      #expect(abs(try #require(debiased.high) - high) < 1e-9, "\(debiased) \(expected)")
    }
  }

  /// Permutations take kernels; values in single precision agree with them, and so do differences and their intervals.
  @Test func kernelsSayTheSame() throws {
    var settings = settings()
    let moments = try SimilarityTests.analyze(fixture.taps, images: fixture.images, settings)
    settings.permutations = 1
    let kernels = try SimilarityTests.analyze(fixture.taps, images: fixture.images, settings)
    #expect(moments.usesMoments && !kernels.usesMoments)
    #expect(moments.rows.count == 12 && moments.rows.count == kernels.rows.count)
    for (own, other) in zip(moments.rows, kernels.rows) {
      #expect(own.a == other.a && own.b == other.b && own.estimator == other.estimator)
      #expect(abs(try #require(own.value) - #require(other.value)) < 1e-6)
    }
    #expect(!moments.differenceRows.isEmpty && moments.differenceRows.count == kernels.differenceRows.count)
    for (own, other) in zip(moments.differenceRows, kernels.differenceRows) {
      #expect(abs(try #require(own.difference) - #require(other.difference)) < 1e-6)
      #expect(abs(try #require(own.low) - #require(other.low)) < 1e-5)
    }
  }

  @Test func aConstantTapIsEmptyAndAnInfiniteNumberNamed() throws {
    var taps = fixture.taps
    taps[1] = [Float](repeating: 7.25, count: taps[1].count)
    let result = try SimilarityTests.analyze(taps, images: fixture.images, settings())
    #expect(result.usesMoments)
    #expect(result.rows.filter { $0.a.tap == "tap.1" || $0.b.tap == "tap.1" }.allSatisfy { $0.value == nil })
    #expect(result.notes.contains { $0.hasSuffix("of tap tap.1 is empty: every image has the same features") })
    let other = try #require(result.rows.first { $0.a.tap == "tap.0" && $0.b.tap == "tap.2" }?.value)
    let expected = try #require(fixture.values.first { $0.a == 0 && $0.b == 2 }?.debiased)
    #expect(abs(other - expected) < 1e-10)
    taps = fixture.taps
    taps[2][2 * 123] = .infinity
    let error = #expect(throws: AnalysisError.self) {
      try SimilarityTests.analyze(taps, images: fixture.images, settings())
    }
    #expect(
      error.map { "\($0)" }?.contains("tap tap.2 holds a number that is not finite for image 'image.123.png'") == true,
      "\(error.map { "\($0)" } ?? "")")
  }
}
