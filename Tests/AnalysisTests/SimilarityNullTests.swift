import Analysis
import Testing

/// Values by chance: random pairings of the images.
struct SimilarityNullTests {
  private static func settings(permutations: Int) -> Similarity.Settings {
    var settings = SimilarityMeasureTests.settings(Similarity.Measure.allCases)
    settings.estimators = Similarity.Estimator.hsic
    settings.minibatch = 10
    settings.permutations = permutations
    return settings
  }

  private static func reordered(_ tap: [Float], _ order: [Int]) -> [Float] {
    let columns = tap.count / order.count
    return order.flatMap { tap[$0 * columns..<($0 + 1) * columns] }
  }

  /// A pairing's score is the value of features in that order.
  @Test(arguments: [24, 270])
  func aScoreIsTheValueOfImagesThatChangedPlaces(images: Int) throws {
    var features = TestFeatures(seed: 51)
    let taps = features.related(images, [5, 7], noise: 1)
    var settings = SimilarityNullTests.settings(permutations: 1)
    settings.seed = 9
    let found = try SimilarityTests.analyze(taps, images: images, settings)
    settings.permutations = 0
    let whole = Pairings(images: images, count: 1, seed: 9).orders[0]
    let starts = Array(stride(from: 0, to: images, by: 10))
    let batches = starts.map { $0..<min(images, $0 + 10) }.filter { $0.count >= 4 }
    let within = Pairings(images: images, count: 1, seed: 9, within: batches).orders[0]
    #expect(whole.sorted() == Array(0..<images) && whole != within)
    for order in [whole, within] {
      let moved = try SimilarityTests.analyze(
        [taps[0], SimilarityNullTests.reordered(taps[1], order)], images: images, settings)
      for (null, row) in zip(found.nullRows, moved.rows)
      where null.a.tap == "tap.0" && null.b.tap == "tap.1" && (null.estimator == .minibatch) == (order == within) {
        let (score, value) = (try #require(null.mean), try #require(row.value))
        #expect(abs(score - value) < (images > 256 ? 1e-5 : 1e-8), "\(null) \(row)")
        #expect(null.low == score && null.high == score && null.permutations == 1 && null.n == row.n)
      }
    }
  }

  @Test func relatedTapsLieAboveTheBandAndIndependentOnesInIt() throws {
    var features = TestFeatures(seed: 52)
    let images = 60
    let taps = features.related(images, [5, 7], noise: 0.5) + [features.independent(images, 6)]
    let result = try SimilarityTests.analyze(taps, images: images, SimilarityNullTests.settings(permutations: 99))
    for (null, row) in zip(result.nullRows, result.rows) {
      #expect(null.a == row.a && null.b == row.b && null.measure == row.measure && null.estimator == row.estimator)
      let (low, high) = (try #require(null.low), try #require(null.high))
      let (value, mean, p) = (try #require(row.value), try #require(null.mean), try #require(null.pValue))
      #expect(low < mean && mean < high)
      if row.b.tap == "tap.2" && row.a.tap != "tap.2" {
        #expect(p > 0.02, "\(row) \(null)")
      } else {
        #expect(value > high && p == 0.01, "\(row) \(null)")
      }
      // An unbiased estimator is 0 by chance; others are not.
      if row.estimator == .debiased { #expect(abs(mean) < 0.03, "\(null)") }
      if row.measure == .rsa { #expect(abs(mean) < 0.05, "\(null)") }
      if row.measure == .svcca { #expect(mean > 0.1, "\(null)") }
    }
  }

  @Test func withoutPermutationsThereIsNoBand() throws {
    var features = TestFeatures(seed: 53)
    let taps = features.related(20, [5, 7], noise: 0.5)
    let result = try SimilarityTests.analyze(taps, images: 20, SimilarityMeasureTests.settings())
    #expect(result.nullRows.isEmpty)
    #expect(
      result.nullTable.text
        == "store_a,tap_a,store_b,tap_b,measure,estimator,n,permutations,mean,low,high,p_value\n")
  }
}
