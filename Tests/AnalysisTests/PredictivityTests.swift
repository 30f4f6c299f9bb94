import Analysis
import Foundation
import Testing

/// Linear predictivity, angular Procrustes distances, and features that are standardised or clamped first, against
/// `scripts/fixtures/predictivity.py`: numpy and scipy.
struct PredictivityTests {
  struct Fixture: Decodable {
    struct Pair: Decodable {
      let a: Int
      let b: Int
      let forward: Double
      let backward: Double
      let angle: Double
    }
    struct Case: Decodable {
      let images: Int
      let taps: [[Float]]
      let pairs: [Pair]
    }
    struct Outliers: Decodable {
      let images: Int
      let taps: [[Float]]
      let plain: Double
      let standardized: Double
      let clamped: Double
      let both: Double
      let without: Double
    }
    let foldSeed: UInt64
    let folds: [[Int]]
    let cases: [Case]
    let outliers: Outliers
  }

  private let fixture: Fixture

  init() throws {
    fixture = try JSONDecoder().decode(
      Fixture.self, from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("predictivity.json")))
  }

  @Test func foldsAreDealtFromTheSeed() {
    #expect(ImageFolds(images: 11, count: 3, seed: fixture.foldSeed).folds == fixture.folds)
    let alone = ImageFolds(images: 4, count: 5, seed: 1).folds
    #expect(alone.count == 4 && alone.allSatisfy { $0.count == 1 })
  }

  /// 270 images are more than double precision is used for.
  @Test(arguments: [0, 1])
  func predictivityIsThatOfRidgeRegressionInFeatures(number: Int) throws {
    let given = fixture.cases[number]
    var settings = SimilarityTests.settings(measures: [.linearPredictivity, .procrustesAngle, .procrustes])
    settings.selection.seed = fixture.foldSeed
    let result = try SimilarityTests.analyze(given.taps, images: given.images, settings)
    let tolerance = given.images > 256 ? 1e-5 : 1e-8
    for pair in given.pairs {
      let names = ("tap.\(pair.a)", "tap.\(pair.b)")
      for (estimator, expected) in [
        (Similarity.Estimator.secondFromFirst, pair.forward), (.firstFromSecond, pair.backward),
      ] {
        let row = try #require(result.row(names.0, names.1, .linearPredictivity, estimator))
        #expect(abs(try #require(row.value) - expected) < tolerance, "\(pair) \(estimator)")
        #expect(row.low == nil && row.high == nil)
      }
      let angle = try #require(result.row(names.0, names.1, .procrustesAngle, .exact)?.value)
      // Near 0 an arc cosine keeps half of the digits.
      #expect(abs(angle - pair.angle) < (pair.a == pair.b ? 1e-6 : 10 * tolerance), "\(pair)")
      let similarity = try #require(result.row(names.0, names.1, .procrustes, .exact)?.value)
      #expect(abs(cos(angle) - similarity) < 1e-12)
    }
    // Independent features predict nothing.
    let independent = try #require(given.pairs.first { $0.a == 0 && $0.b == 2 })
    #expect(independent.forward < 0.05)
  }

  /// A distance is the more alike the lower it is: its p-values and calibrated scores say the same as the similarity's.
  @Test func chanceOfADistanceIsThatOfItsSimilarity() throws {
    let given = fixture.cases[0]
    var settings = SimilarityTests.settings(measures: [.procrustes, .procrustesAngle, .linearPredictivity])
    settings.permutations = 39
    let result = try SimilarityTests.analyze(given.taps, images: given.images, settings)
    func rows(_ measure: Similarity.Measure) -> [Similarity.NullRow] {
      result.nullRows.filter { $0.measure == measure }
    }
    for (angle, similarity) in zip(rows(.procrustesAngle), rows(.procrustes)) {
      #expect(angle.pValue == similarity.pValue)
      let (threshold, other) = (try #require(angle.calibrated).threshold, try #require(similarity.calibrated).threshold)
      #expect(angle.a == angle.b || abs(cos(threshold) - other) < 1e-12)
      #expect((angle.calibrated?.value ?? 0) >= 0 && (angle.calibrated?.value ?? 2) <= 1)
    }
    let related = try #require(rows(.procrustesAngle).first { $0.a.tap == "tap.0" && $0.b.tap == "tap.1" })
    #expect(related.pValue == 0.025 && (related.calibrated?.value ?? 0) > 0.1)
    // Its zero is chance by itself; it has no null band.
    #expect(rows(.linearPredictivity).allSatisfy { $0.mean == nil && $0.pValue == nil && $0.calibrated == nil })
  }

  @Test func outlierColumnsAreStandardisedOrClamped() throws {
    let given = fixture.outliers
    func value(_ change: (inout Similarity.Settings) -> Void) throws -> (value: Double, notes: [String]) {
      var settings = SimilarityTests.settings()
      change(&settings)
      let result = try SimilarityTests.analyze(given.taps, images: given.images, settings)
      return (try #require(result.row("tap.0", "tap.1")?.value), result.notes)
    }
    #expect(abs(try value { _ in }.value - given.plain) < 1e-7)
    let standardized = try value { $0.standardizes = true }
    #expect(abs(standardized.value - given.standardized) < 1e-6)
    #expect(
      standardized.notes == [
        "store: tap tap.0: 1 of 12 columns are the same for all images and stay 0 with --standardize"
      ])
    #expect(abs(try value { $0.clip = 0.7 }.value - given.clamped) < 1e-6)
    let both = try value {
      $0.clip = 0.7
      $0.standardizes = true
    }
    #expect(abs(both.value - given.both) < 1e-6)
    // The two columns hide what the others share; brought to one variance they do not.
    #expect(given.plain < 0.2 && given.without > 0.4 && given.standardized > 0.3)
  }

  @Test func whatCannotBeIsRefused() throws {
    for (change, sentence) in [
      ({ $0.clip = 0 }, "the quantile at which features are clamped is 0.0; expected a number above 0, at most 1"),
      ({ $0.folds = 1 }, "1 folds are too few; expected at least 2"),
    ] as [((inout Similarity.Settings) -> Void, String)] {
      var settings = SimilarityTests.settings()
      change(&settings)
      #expect(throws: AnalysisError(.badInput, sentence)) {
        try SimilarityTests.analyze(fixture.cases[0].taps, images: 30, settings)
      }
    }
  }
}
