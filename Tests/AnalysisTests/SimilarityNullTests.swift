import Analysis
import Testing

/// Values by chance: random pairings of the images.
struct SimilarityNullTests {
  private static func settings(permutations: Int) -> Similarity.Settings {
    // PredictivityTests has the distance, and the measure without a null band.
    var settings = SimilarityMeasureTests.settings(
      Similarity.Measure.allCases.filter { ![.procrustesAngle, .linearPredictivity].contains($0) })
    settings.estimators = Similarity.Estimator.hsic
    settings.minibatch = 10
    settings.permutations = permutations
    return settings
  }

  private static func reordered(_ tap: [Float], _ order: [Int]) -> [Float] {
    let columns = tap.count / order.count
    return order.flatMap { tap[$0 * columns..<($0 + 1) * columns] }
  }

  /// Orders in which images change places within the minibatches of ten that the seed draws.
  private static func withinBatches(_ images: Int, count: Int, seed: UInt64) -> [[Int]] {
    let batches = ImageBatches(images: images, size: 10, seed: seed)
    return ImagePermutations(images: images, count: count, seed: seed, within: batches.ranges).orders.map { moved in
      var order = [Int](repeating: 0, count: images)
      for place in 0..<images { order[batches.order[place]] = batches.order[moved[place]] }
      return order
    }
  }

  /// A pairing's score is the value of features in that order.
  @Test(arguments: [24, 270])
  func aScoreIsTheValueOfImagesThatChangedPlaces(images: Int) throws {
    var features = TestFeatures(seed: 51)
    let taps = features.related(images, [5, 7], noise: 1)
    var settings = SimilarityNullTests.settings(permutations: 1)
    settings.selection.seed = 9
    let found = try SimilarityTests.analyze(taps, images: images, settings)
    settings.permutations = 0
    let whole = ImagePermutations(images: images, count: 1, seed: 9).orders[0]
    let within = SimilarityNullTests.withinBatches(images, count: 1, seed: 9)[0]
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
    // Minibatches and pairings are drawn: of this seed no independent pair is among the two rarest of a hundred.
    var settings = SimilarityNullTests.settings(permutations: 99)
    settings.selection.seed = 1
    let result = try SimilarityTests.analyze(taps, images: images, settings)
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

  /// The band, the mean and the p-value are those of the values that features in each random order have.
  @Test(arguments: [false, true])
  func theBandHoldsThePercentilesOfTheScores(inMinibatches: Bool) throws {
    var features = TestFeatures(seed: 54)
    let images = 20
    let taps = features.related(images, [5, 7], noise: 3)
    var settings = SimilarityNullTests.settings(permutations: 30)
    settings.selection.seed = 6
    if inMinibatches { settings.measures = Similarity.Measure.cka }
    settings.estimators = inMinibatches ? [.minibatch] : [.debiased, .biased]
    let result = try SimilarityTests.analyze(taps, images: images, settings)
    settings.permutations = 0
    let orders =
      inMinibatches
      ? SimilarityNullTests.withinBatches(images, count: 30, seed: 6)
      : ImagePermutations(images: images, count: 30, seed: 6).orders
    let scored = try orders.map {
      try SimilarityTests.analyze(
        [taps[0], SimilarityNullTests.reordered(taps[1], $0)], images: images, settings
      ).rows
    }
    var compared = 0
    for (index, null) in result.nullRows.enumerated() where null.a != null.b {
      let scores = scored.compactMap { $0[index].value }
      #expect(scores.count == 30)
      let value = try #require(result.rows[index].value)
      #expect(abs((null.low ?? 2) - Percentile.linear(scores, 2.5)) < 1e-9, "\(null)")
      #expect(abs((null.high ?? 2) - Percentile.linear(scores, 97.5)) < 1e-9, "\(null)")
      #expect(abs((null.mean ?? 2) - scores.reduce(0, +) / 30) < 1e-9, "\(null)")
      #expect(null.pValue == Double(1 + scores.count { $0 >= value }) / 31, "\(null)")
      compared += 1
    }
    #expect(compared == (inMinibatches ? 2 : 10))
  }

  @Test func withoutPermutationsThereIsNoBand() throws {
    var features = TestFeatures(seed: 53)
    let taps = features.related(20, [5, 7], noise: 0.5)
    let result = try SimilarityTests.analyze(taps, images: 20, SimilarityMeasureTests.settings())
    #expect(result.nullRows.isEmpty)
    #expect(
      result.nullTable.text
        == "store_a,tap_a,store_b,tap_b,measure,estimator,n,permutations,mean,low,high,p_value,p_adjusted,"
        + "threshold,calibrated\n")
  }
}
