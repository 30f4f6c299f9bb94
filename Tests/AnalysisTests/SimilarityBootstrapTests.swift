import Analysis
import Testing

struct SimilarityBootstrapTests {
  /// ⟨K, L⟩_w of the debiased estimator as docs/definitions.md writes it, by whole centred matrices.
  private static func inner(
    _ k: PlainCKA.Matrix, _ l: PlainCKA.Matrix, _ w: [Double]
  ) -> Double {
    let n = k.count
    let total = w.reduce(0, +)
    func centred(_ m: PlainCKA.Matrix) -> PlainCKA.Matrix {
      var sums = [Double](repeating: 0, count: n)
      var (weighted, share) = (0.0, 1.0)
      for i in 0..<n {
        for j in 0..<n where j != i { sums[i] += w[j] * m[i][j] }
        weighted += w[i] * sums[i] / (total - 2 * w[i])
        share += w[i] / (total - 2 * w[i])
      }
      let a = (0..<n).map { (sums[$0] - weighted / share) / (total - 2 * w[$0]) }
      var result = m
      for i in 0..<n {
        for j in 0..<n { result[i][j] = i == j ? 0 : m[i][j] - a[i] - a[j] }
      }
      return result
    }
    let (a, b) = (centred(k), centred(l))
    var sum = 0.0
    for i in 0..<n { for j in 0..<n { sum += w[i] * w[j] * a[i][j] * b[i][j] } }
    return sum
  }

  @Test(arguments: [15, 300])
  func everyReplicateFollowsTheWeightedDefinition(images: Int) throws {
    var features = TestFeatures(seed: 21)
    let taps = features.related(images, [4, 11], noise: 2)
    for replicate in 0..<3 {
      let draws = Bootstrap(images: images, replicates: 1, seed: UInt64(replicate))
      let result = try SimilarityTests.analyze(
        taps, images: images, SimilarityTests.settings([.debiased, .biased], measures: Similarity.Measure.cka),
        bootstrap: draws)
      let weights = draws.weights[0].map(Double.init)
      let copies = draws.weights[0].enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
      for (measure, kernels) in [
        (Similarity.Measure.ckaLinear, taps.map { PlainCKA.linear($0, images: images) }),
        (.ckaRBF, taps.map { PlainCKA.gaussian($0, images: images) }),
      ] {
        let debiased = PlainCKA.value(kernels[0], kernels[1]) {
          SimilarityBootstrapTests.inner($0, $1, weights)
        }
        // The biased estimator is that of the images written out as often as they were drawn.
        let biased = PlainCKA.value(
          PlainCKA.part(kernels[0], copies), PlainCKA.part(kernels[1], copies),
          by: PlainCKA.biasedHSIC)
        for (estimator, expected) in [(Similarity.Estimator.debiased, debiased), (.biased, biased)] {
          let row = try #require(result.row("tap.0", "tap.1", measure, estimator))
          #expect(row.low == row.high)
          #expect(abs((row.low ?? 2) - expected) < (images > 256 ? 2e-6 : 1e-10), "\(measure) \(estimator)")
        }
      }
    }
  }

  @Test(arguments: [15, 300])
  func weightsOfOneGiveThePlainValue(images: Int) throws {
    var features = TestFeatures(seed: 22)
    let taps = features.related(images, [4, 11], noise: 2)
    var settings = SimilarityTests.settings(Similarity.Estimator.hsic, measures: Similarity.Measure.cka)
    settings.minibatch = 7
    let result = try SimilarityTests.analyze(
      taps, images: images, settings, bootstrap: Bootstrap(weights: [[Int](repeating: 1, count: images)]))
    for row in result.rows { #expect(abs((row.value ?? 2) - (row.low ?? -2)) < 1e-6, "\(row)") }
  }

  @Test func replicatesWithTooFewDifferentImagesCountAsNone() throws {
    var features = TestFeatures(seed: 23)
    let taps = features.related(8, [3, 4], noise: 1)
    let good = [2, 2, 1, 1, 1, 1, 0, 0]
    let three = [3, 3, 2, 0, 0, 0, 0, 0]
    let half = [4, 1, 1, 1, 1, 0, 0, 0]
    func row(_ weights: [[Int]]) throws -> Similarity.Row {
      try #require(
        try SimilarityTests.analyze(
          taps, images: 8, SimilarityTests.settings(), bootstrap: Bootstrap(weights: weights)
        ).row("tap.0", "tap.1"))
    }
    let alone = try row([good])
    #expect(alone.low != nil)
    #expect(try row([good, three]).low == alone.low)
    #expect(try row([good, half]).high == alone.high)
    let mostly = try row([good, half, three])
    #expect(mostly.value != nil && mostly.low == nil && mostly.high == nil)
  }

  @Test func intervalsHoldTheValueAndNarrowWithMoreImages() throws {
    func width(_ images: Int) throws -> Double {
      var features = TestFeatures(seed: 24)
      let taps = features.related(images, [6, 6], noise: 1)
      let row = try #require(
        try SimilarityTests.analyze(taps, images: images, SimilarityTests.settings(bootstrap: 200)).row(
          "tap.0", "tap.1"))
      let (value, low, high) = (try #require(row.value), try #require(row.low), try #require(row.high))
      #expect(low < value && value < high)
      return high - low
    }
    let (few, many) = (try width(30), try width(270))
    #expect(many < few * 0.6)
  }

  /// A run with one replicate has that replicate's value as both ends of its interval; a run with all of them has the
  /// percentiles of these.
  @Test func intervalsReachFromTheTwoAndAHalfthPercentileOfTheReplicatesToThe97AndAHalfth() throws {
    var features = TestFeatures(seed: 25)
    let images = 24
    let taps = features.related(images, [4, 11], noise: 2)
    var settings = SimilarityTests.settings(
      Similarity.Estimator.hsic, measures: [.ckaLinear, .ckaRBF, .rsa, .mutualKNN])
    settings.minibatch = 12
    let draws = Bootstrap(images: images, replicates: 30, seed: 4)
    let result = try SimilarityTests.analyze(taps, images: images, settings, bootstrap: draws)
    let single = try draws.weights.map {
      try SimilarityTests.analyze(taps, images: images, settings, bootstrap: Bootstrap(weights: [$0])).rows
    }
    var compared = 0
    for (index, row) in result.rows.enumerated() where row.a != row.b {
      let replicates = single.compactMap { $0[index].low }
      #expect(replicates.count > 25, "\(row)")
      let (low, high) = (try #require(row.low), try #require(row.high))
      #expect(abs(low - Percentile.linear(replicates, 2.5)) < 1e-12, "\(row)")
      #expect(abs(high - Percentile.linear(replicates, 97.5)) < 1e-12, "\(row)")
      compared += 1
    }
    #expect(compared == 8)
  }

  @Test func theSameSeedDrawsTheSameImages() {
    let a = Bootstrap(images: 50, replicates: 4, seed: 7)
    #expect(a == Bootstrap(images: 50, replicates: 4, seed: 7))
    #expect(a != Bootstrap(images: 50, replicates: 4, seed: 8))
    #expect(a.weights.allSatisfy { $0.reduce(0, +) == 50 })
    #expect(a.weights[0] != a.weights[1])
  }
}
