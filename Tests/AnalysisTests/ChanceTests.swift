import Analysis
import Formats
import Foundation
import Results
import Testing

/// Intervals of few images, corrected p-values and calibrated scores, against `scripts/fixtures/chance.py`: scipy, numpy and
/// the package calibrated_similarity.
struct ChanceTests {
  struct Fixture: Decodable {
    struct Intervals: Decodable {
      struct Student: Decodable {
        let degrees: Int
        let share: Double
        let quantile: Double
      }
      struct Sample: Decodable {
        let values: [Double]
        let low: Double
        let high: Double
      }
      struct Ends: Decodable {
        let values: [Double]
        let low: Double?
        let high: Double?
      }
      struct Share: Decodable {
        let hits: Int
        let images: Int
        let low: Double
        let high: Double
      }
      struct Fractional: Decodable {
        let degrees: Double
        let share: Double
        let quantile: Double
      }
      let student: [Student]
      let fractional: [Fractional]
      let samples: [Sample]
      let shares: [Share]
      let skewed: [Ends]
      let medians: [Ends]
      let errors: [Ends]
    }
    struct Maximum: Decodable {
      let values: [Double]
      let scores: [[Double]]
      let adjusted: [Double]
    }
    struct Calibrated: Decodable {
      struct Pair: Decodable {
        let a: [Int]
        let b: [Int]
        let value: Double
        let p: Double
        let adjusted: Double
        let threshold: Double
        let calibrated: Double
      }
      struct Model: Decodable {
        let a: Int
        let b: Int
        let aggregate: String
        let p: Double
        let threshold: Double
        let calibrated: Double
      }
      let images: Int
      let permutations: Int
      let seed: UInt64
      let stores: [[[Float]]]
      let pairs: [Pair]
      let models: [Model]
    }
    let intervals: Intervals
    let maxima: [Maximum]
    let calibrated: Calibrated
  }

  private let fixture: Fixture

  init() throws {
    fixture = try JSONDecoder().decode(
      Fixture.self, from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("chance.json")))
  }

  private static func series(_ values: [Double], isOutcome: Bool = false) -> ImageSeries {
    var series = ImageSeries(count: values.count, isOutcome: isOutcome)
    for (place, value) in values.enumerated() { series[place] = value }
    return series
  }

  // MARK: Intervals

  @Test func quantilesAreStudents() throws {
    #expect(fixture.intervals.student.count == 27)
    for expected in fixture.intervals.student {
      let found = try #require(StudentDistribution.quantile(central: expected.share, degrees: expected.degrees))
      #expect(abs(found / expected.quantile - 1) < 1e-9, "\(expected)")
    }
    #expect(fixture.intervals.fractional.count == 21)
    for expected in fixture.intervals.fractional {
      let found = try #require(StudentDistribution.quantile(central: expected.share, degrees: expected.degrees))
      #expect(abs(found / expected.quantile - 1) < 1e-9, "\(expected)")
    }
    #expect(StudentDistribution.quantile(central: 0.95, degrees: 0) == nil)
    #expect(StudentDistribution.quantile(central: 0.95, degrees: 0.5) == nil)
    #expect(StudentDistribution.quantile(central: 1, degrees: 3) == nil)
  }

  /// Two images have no skewness: theirs is Student's interval, by scipy.
  @Test func twoImagesHaveStudentsInterval() throws {
    let expected = try #require(fixture.intervals.samples.first { $0.values.count == 2 })
    let found = try #require(SkewedMeanInterval.interval(expected.values))
    #expect(abs(found.low - expected.low) < 1e-9 && abs(found.high - expected.high) < 1e-9)
    #expect(SkewedMeanInterval.interval([1]) == nil)
  }

  /// Skewed to either side and symmetric; whatever the method, where there are few images.
  @Test(arguments: IntervalMethod.allCases)
  func meansHaveHallsInterval(method: IntervalMethod) throws {
    #expect(fixture.intervals.skewed.count == 43)
    for expected in fixture.intervals.skewed {
      let found = try #require(
        ImageSeries.estimates([Self.series(expected.values)], replicates: 50, seed: 1, method: method)[0])
      guard let low = expected.low, let high = expected.high else {
        // Nearly all figures are the same one: no method knows how far they scatter.
        #expect(found.low == nil && found.high == nil, "\(expected.values)")
        continue
      }
      guard method == .hall || expected.values.count <= 50 else { continue }
      let close = 1e-9 * (high - low)
      #expect(abs(try #require(found.low) - low) < close, "\(expected.values)")
      #expect(abs(try #require(found.high) - high) < close, "\(expected.values)")
    }
  }

  /// From one image more on the interval of the other methods lies between percentiles of the replicates.
  @Test func moreImagesHavePercentiles() throws {
    let values = (0..<51).map { Double($0 * $0 % 17) }
    let found = try #require(
      ImageSeries.estimates([Self.series(values)], replicates: 200, seed: 3, method: .percentile)[0])
    var draws = BootstrapDraws(images: 51, seed: 3)
    let means = (0..<200).map { _ in zip(values, draws.draw()).reduce(0.0) { $0 + $1.0 * Double($1.1) } / 51 }
    #expect(abs(try #require(found.low) - Percentile.linear(means, 2.5)) < 1e-12)
    #expect(abs(try #require(found.high) - Percentile.linear(means, 97.5)) < 1e-12)
  }

  /// Summaries of PSNR: the interval of the mean error in dB, which no end of reaches to no error, and that of the median, which
  /// fewer than six images have not.
  @Test func summariesOfPSNRHaveTheirIntervals() throws {
    for (summary, cases) in [
      (PeakSignalSummary.median, fixture.intervals.medians), (.ofMean, fixture.intervals.errors),
    ] {
      #expect(cases.count == 7)
      #expect(cases.contains { $0.low == nil } && cases.contains { $0.low != nil })
      for expected in cases {
        let found = try #require(summary.estimate(Self.series(expected.values), hasInterval: true))
        #expect((found.low == nil) == (expected.low == nil), "\(summary), \(expected.values.count)")
        if let low = expected.low, let high = expected.high {
          #expect(abs(try #require(found.low) - low) < 1e-8, "\(summary), \(expected.values.count)")
          #expect(abs(try #require(found.high) - high) < 1e-8, "\(summary), \(expected.values.count)")
        }
        let none = summary.estimate(Self.series(expected.values), hasInterval: false)
        #expect(none?.value == found.value && none?.low == nil && none?.high == nil)
      }
    }
    #expect(PeakSignalSummary.median.estimate(ImageSeries(count: 3), hasInterval: true) == nil)
  }

  @Test func sharesHaveWilsonsInterval() throws {
    for expected in fixture.intervals.shares {
      let values = (0..<expected.images).map { $0 < expected.hits ? 1.0 : 0 }
      let found = try #require(
        ImageSeries.estimates(
          [Self.series(values, isOutcome: true)], replicates: 50, seed: 1, method: .percentile)[0])
      #expect(abs(try #require(found.low) - expected.low) < 1e-9, "\(expected)")
      #expect(abs(try #require(found.high) - expected.high) < 1e-9, "\(expected)")
    }
  }

  /// Two images whose differences have one sign: p is 0.5, and the interval does not say otherwise.
  @Test func twoImagesDoNotExcludeZero() throws {
    let found = try #require(
      PairedImageDifference.compare([Self.series([-0.00174, -0.00065])], PairedImageDifference.Settings())[0])
    #expect(found.pValue == 0.5)
    // −0.001195 ∓ 12.7062 · 0.000545, by hand.
    #expect(abs(try #require(found.estimate.low) + 0.0081199) < 1e-6)
    #expect(abs(try #require(found.estimate.high) - 0.0057299) < 1e-6)
  }

  /// Of a mean, given as any figure of replicates, the interval is Student's up to the chance of the draws.
  @Test func figuresOfReplicatesHaveTheIntervalOfAMean() throws {
    let sample = try #require(fixture.intervals.samples.first { $0.values.count == 10 })
    let mean = sample.values.reduce(0, +) / 10
    var draws = BootstrapDraws(images: 10, seed: 8)
    let means = (0..<4000).map { _ in zip(sample.values, draws.draw()).reduce(0.0) { $0 + $1.0 * Double($1.1) } / 10 }
    let found = try #require(ReplicateInterval.interval(mean, replicates: means, images: 10))
    let width = sample.high - sample.low
    #expect(abs(found.low - sample.low) < 0.03 * width && abs(found.high - sample.high) < 0.03 * width)
    let many = try #require(ReplicateInterval.interval(mean, replicates: means, images: 51))
    #expect(abs(many.low - Percentile.linear(means, 2.5)) < 1e-12)
    #expect(ReplicateInterval.interval(mean, replicates: means, images: 1) == nil)
    #expect(ReplicateInterval.interval(mean, replicates: [], images: 10) == nil)
  }

  // MARK: Corrected p-values

  @Test func maximaAreThoseOfTheDefinition() {
    for expected in fixture.maxima {
      let found = PermutationMaximum.adjusted(expected.values, scores: expected.scores)
      #expect(zip(found, expected.adjusted).allSatisfy { abs($0 - $1) < 1e-12 }, "\(found)")
      #expect(found.count == expected.adjusted.count)
    }
    #expect(PermutationMaximum.adjusted([], scores: []).isEmpty)
    // Scores without spread say nothing.
    #expect(PermutationMaximum.adjusted([2, 5], scores: [[2, 2, 2], [1, 2, 3]]) == [1, 0.25])
  }

  /// Without any effect the least of all corrected p-values is below a level no more often than the level says: counts of
  /// 1,000 families lie within four standard errors.
  @Test func theLeastCorrectedValueIsUniformUnderTheNull() {
    var features = TestFeatures(seed: 71)
    var least: [Double] = []
    for _ in 0..<1000 {
      // Twelve comparisons with a part in common, on scales of their own, under 19 permutations.
      let common = (0..<20).map { _ in Double(features.normal()) }
      let scores = (0..<12).map { comparison in
        common.map { Double(comparison + 1) * ($0 + 1.5 * Double(features.normal())) }
      }
      let adjusted = PermutationMaximum.adjusted(scores.map { $0[0] }, scores: scores.map { Array($0.dropFirst()) })
      least.append(adjusted.min() ?? 0)
    }
    for level in [0.05, 0.1, 0.2, 0.5] {
      let share = Double(least.count { $0 <= level + 1e-9 }) / 1000
      #expect(abs(share - level) < 4 * (level * (1 - level) / 1000).squareRoot(), "\(level): \(share)")
    }
  }

  // MARK: Calibrated scores

  private func analyzed(_ change: (inout Similarity.Settings) -> Void = { _ in }) throws -> Similarity.Result {
    let given = fixture.calibrated
    var settings = SimilarityTests.settings()
    settings.permutations = given.permutations
    settings.selection.seed = given.seed
    change(&settings)
    return try Similarity.analyze(
      given.stores.enumerated().map {
        NamedSource(name: "store.\($0)", source: try MemorySource.taps($1, images: given.images))
      }, settings: settings)
  }

  @Test func calibratedScoresAreThoseOfThePackage() throws {
    let result = try analyzed()
    let given = fixture.calibrated
    var compared = 0
    for expected in given.pairs {
      let row = try #require(
        result.nullRows.first {
          $0.a == .init(store: "store.\(expected.a[0])", tap: "tap.\(expected.a[1])")
            && $0.b == .init(store: "store.\(expected.b[0])", tap: "tap.\(expected.b[1])")
        })
      let score = try #require(row.calibrated)
      // The package computes in single precision.
      #expect(abs(score.threshold - expected.threshold) < 1e-6, "\(expected)")
      #expect(abs(score.value - expected.calibrated) < 1e-6, "\(expected)")
      #expect(abs(try #require(row.pValue) - expected.p) < 1e-6, "\(expected)")
      #expect(abs(try #require(row.adjustedPValue) - expected.adjusted) < 1e-12, "\(expected)")
      compared += 1
    }
    #expect(compared == 15)
    #expect(
      result.nullRows.filter { $0.a == $0.b }.allSatisfy { $0.adjustedPValue == nil && $0.calibrated?.value == 1 })
    #expect(result.modelRows.count == given.models.count)
    for expected in given.models {
      let row = try #require(
        result.modelRows.first {
          $0.storeA == "store.\(expected.a)" && $0.storeB == "store.\(expected.b)"
            && $0.aggregate.rawValue == expected.aggregate
        })
      #expect(abs(row.calibrated.threshold - expected.threshold) < 1e-6, "\(expected)")
      #expect(abs(row.calibrated.value - expected.calibrated) < 1e-6, "\(expected)")
      #expect(abs(row.pValue - expected.p) < 1e-6 && row.adjustedPValue >= row.pValue, "\(expected)")
      #expect((row.taps != nil) == (row.aggregate == .max))
    }
    let most = try #require(result.modelRows.first { $0.aggregate == .max })
    #expect(most.taps?.a == "tap.0" && most.taps?.b == "tap.0")
  }

  @Test func oneStoreHasNoModelsToCompare() throws {
    #expect(try analyzed { $0.pairs = .within }.modelRows.isEmpty)
    #expect(try analyzed { $0.permutations = 0 }.modelRows.isEmpty)
  }
}
