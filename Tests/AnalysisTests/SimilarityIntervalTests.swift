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
    let half = try #require(
      PlainJackknife.half(without: without, shares: PlainJackknife.shares(kernels[0], kernels[1])))
    let width = half / (1 - value * value)
    #expect(abs(try #require(row.low) - tanh(atanh(value) - width)) < 1e-9)
    #expect(abs(try #require(row.high) - tanh(atanh(value) + width)) < 1e-9)
  }

  /// scipy.stats: the figures without each image are those of `rng = np.random.default_rng(4); x = rng.standard_t(5, 12)`, and s² with
  /// its degrees of freedom follows from `np.var`, `stats.kurtosis(bias=False)` and `stats.t.ppf`.
  @Test(arguments: [
    // Nothing to take away; an eighth; half of it; more than there is, so that half of what pairs have stays.
    (0.0, 0.1, 4.275227384583441, 7.114656348908633, 10.076373781968428),
    (2.284696, 0.1, 3.999109049512424, 5.447158868452234, 10.031325509732525),
    (9.138785, 0.1, 3.0230422077589596, 2.8458625395634534, 9.922276503099317),
    (36.555138, 9.138785, 2.1376137396639274, 2.8458625395634534, 7.016109311121074),
  ])
  func degreesOfFreedomAreWhatTailsAndPairsLeave(
    excess: Double, pairs: Double, error: Double, degrees: Double, half: Double
  )
    throws
  {
    let figures = [
      -0.7438423577159806, 1.4217051971596861, -0.637264299731093, 0.24024235662935756,
      0.28865193883604945, 2.718723940266935, -0.9030504142228717, -0.07658033152695468,
      -0.004642642007127515, -2.5691931538590005, -1.1786627551755395, 0.8053635883969382,
    ]
    let powers = (1...4).map { power in
      figures.reduce(0) { total, value in total + (0..<power).reduce(1) { product, _ in product * (value - 0.5) } }
    }
    let found = try #require(JackknifeError(powers: powers, excess: excess, pairs: pairs, images: 12))
    #expect(abs(found.error - error) < 1e-9 && abs(found.degrees - degrees) < 1e-8, "\(found)")
    #expect(abs(try #require(found.half) - half) < 1e-9)
    #expect(JackknifeError(powers: [.nan, 1, 1, 1], excess: 0, pairs: 0, images: 12) == nil)
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
      .biased, .truncated, .exact, .kendall, .cosine, .secondFromFirst, .firstFromSecond,
    ]
    for row in result.rows {
      #expect(row.value != nil)
      #expect((row.low == nil) == without.contains(row.estimator) && (row.low == nil) == (row.high == nil), "\(row)")
    }
    for name in [
      "cka_linear (biased)", "cka_rbf (biased)", "svcca (truncated)", "procrustes (exact)", "rsa_tau (tau_a)",
      "mutual_knn (cosine)",
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
