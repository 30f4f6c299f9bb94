import Analysis
import Foundation
import Testing

/// Intervals of similarity: the jackknife over images. Its values against numpy: `SimilarityFixtureTests` and
/// `SimilarityMeasureTests`; how often they hold what they should: `scripts/check_coverage.py`.
struct SimilarityIntervalTests {
  /// The error is that of leaving out each image and computing anew by the plain definition, less what two images say together.
  @Test func theErrorIsThatOfLeavingImagesOut() throws {
    let images = 15
    var features = TestFeatures(seed: 21)
    let taps = features.related(images, [4, 11], noise: 2)
    let result = try SimilarityTests.analyze(taps, images: images, SimilarityTests.settings(hasIntervals: true))
    let row = try #require(result.row("tap.0", "tap.1"))
    let kernels = taps.map { PlainCKA.linear($0, images: images) }
    let value = PlainCKA.value(kernels[0], kernels[1], by: PlainCKA.debiasedHSIC)
    let without = (0..<images).map { image -> Double in
      let others = (0..<images).filter { $0 != image }
      let parts = kernels.map { PlainCKA.part($0, others) }
      return PlainCKA.value(parts[0], parts[1], by: PlainCKA.debiasedHSIC)
    }
    let mean = without.reduce(0, +) / Double(images)
    let jackknife = without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * Double(images - 1) / Double(images)
    let (low, high) = (atanh(try #require(row.low)), atanh(try #require(row.high)))
    #expect(abs(low + high - 2 * atanh(value)) < 1e-9)
    // scipy.stats.t.ppf(0.975, 14)
    let error = (high - low) / 2 / 2.144786687917804 * (1 - value * value)
    #expect(error * error < jackknife && error * error > jackknife / 2 - 1e-9, "\(error) \(jackknife)")
  }

  @Test func intervalsHoldTheValueAndNarrowWithMoreImages() throws {
    func width(_ images: Int) throws -> Double {
      var features = TestFeatures(seed: 24)
      let taps = features.related(images, [6, 6], noise: 1)
      var settings = SimilarityTests.settings(
        [.debiased, .minibatch], measures: Similarity.Measure.cka + [.rsa], hasIntervals: true)
      settings.minibatch = 10
      let result = try SimilarityTests.analyze(taps, images: images, settings)
      for row in result.rows where row.a != row.b {
        let (value, low, high) = (try #require(row.value), try #require(row.low), try #require(row.high))
        #expect(low < value && value < high && high <= 1, "\(row)")
      }
      let row = try #require(result.row("tap.0", "tap.1"))
      return (row.high ?? 0) - (row.low ?? 0)
    }
    let (few, many) = (try width(30), try width(270))
    #expect(many < few * 0.6 && many > few * 0.1)
  }

  /// Copies of images inflate these, or their neighbours are not free: a value below its own interval was printed once.
  @Test func estimatorsWithoutAnIntervalSayWhy() throws {
    var features = TestFeatures(seed: 26)
    let taps = (0..<2).map { _ in features.independent(24, 30) }
    var settings = SimilarityTests.settings(
      Similarity.Estimator.hsic, measures: Similarity.Measure.allCases, hasIntervals: true)
    settings.variance = 0.3
    let result = try SimilarityTests.analyze(taps, images: 24, settings)
    let without: Set<Similarity.Estimator> = [
      .biased, .truncated, .exact, .cosine, .secondFromFirst, .firstFromSecond,
    ]
    for row in result.rows {
      #expect(row.value != nil)
      #expect((row.low == nil) == without.contains(row.estimator) && (row.low == nil) == (row.high == nil), "\(row)")
    }
    for name in [
      "cka_linear (biased)", "cka_rbf (biased)", "svcca (truncated)", "procrustes (exact)", "mutual_knn (cosine)",
    ] {
      #expect(result.notes.contains { $0.hasPrefix("\(name) has no interval: ") }, "\(result.notes)")
    }
    settings.selection.bootstrap = 0
    let plain = try SimilarityTests.analyze(taps, images: 24, settings)
    #expect(plain.notes.isEmpty && plain.rows.allSatisfy { $0.low == nil && $0.high == nil })
    #expect(plain.rows.map(\.value) == result.rows.map(\.value))
  }

  @Test func fewImagesAreTold() throws {
    var features = TestFeatures(seed: 27)
    let taps = features.related(9, [4, 5], noise: 1)
    let settings = SimilarityTests.settings(hasIntervals: true)
    let few = try SimilarityTests.analyze(taps, images: 9, settings)
    #expect(
      few.notes == [
        "there are 9 images: values of so few are far from what more of the same kind would give, and intervals are wide; use"
          + " 10 or more"
      ])
    #expect(few.rows.allSatisfy { $0.low != nil })
    // One of four images cannot be left out: the debiased HSIC needs four.
    let four = try SimilarityTests.analyze(taps.map { Array($0[..<($0.count / 9 * 4)]) }, images: 4, settings)
    #expect(four.rows.allSatisfy { $0.value != nil && $0.low == nil })
  }

  @Test func theSameSeedDrawsTheSameImages() {
    let a = Bootstrap(images: 50, replicates: 4, seed: 7)
    #expect(a == Bootstrap(images: 50, replicates: 4, seed: 7))
    #expect(a != Bootstrap(images: 50, replicates: 4, seed: 8))
    #expect(a.weights.allSatisfy { $0.reduce(0, +) == 50 })
    #expect(a.weights[0] != a.weights[1])
  }
}
