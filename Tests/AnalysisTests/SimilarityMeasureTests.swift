import Activations
import Analysis
import Foundation
import Testing

/// SVCCA, PWCCA, Procrustes, RSA and mutual neighbours.
struct SimilarityMeasureTests {
  static let measures: [Similarity.Measure] = [.svcca, .pwcca, .procrustes, .rsa, .mutualKNN]

  static func settings(_ measures: [Similarity.Measure] = measures, hasIntervals: Bool = false) -> Similarity.Settings {
    var settings = SimilarityTests.settings([.debiased], measures: measures, hasIntervals: hasIntervals)
    settings.neighbours = 5
    settings.variance = 0.9
    return settings
  }

  private static func value(
    _ result: Similarity.Result, _ measure: Similarity.Measure, _ a: Int = 0, _ b: Int = 1
  ) -> Double? {
    result.rows.first { $0.measure == measure && $0.a.tap == "tap.\(a)" && $0.b.tap == "tap.\(b)" }?.value
  }

  // MARK: Against scipy

  struct Comparison: Decodable, Sendable {
    let storeA: String
    let tapA: String
    let storeB: String
    let tapB: String
    let tokens: String
    let measure: String
    let variance: Double
    let neighbours: Int
    let low: Double?
    let high: Double?
    let n: Int
    let value: Double?
  }

  @Test func everyValueAgreesWithScipy() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let comparisons = try decoder.decode(
      [Comparison].self,
      from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("measures.json")))
    #expect(comparisons.count > 200)
    var worst: [String: Double] = [:]
    var intervals = 0
    for comparison in comparisons {
      var settings = Similarity.Settings()
      settings.measures = Similarity.Measure.allCases.filter { $0.rawValue == comparison.measure }
      settings.tokens = try TokenMode(comparison.tokens)
      settings.variance = comparison.variance
      settings.neighbours = comparison.neighbours
      settings.selection.bootstrap = comparison.low != nil ? 1 : 0
      let (a, b) = (
        try SimilarityFixtureTests.store(comparison.storeA), try SimilarityFixtureTests.store(comparison.storeB)
      )
      let isOne = comparison.storeA == comparison.storeB
      let sources =
        isOne
        ? [NamedSource(name: "a", source: ChosenTaps(a, [comparison.tapA, comparison.tapB]))]
        : [
          NamedSource(name: "a", source: ChosenTaps(a, [comparison.tapA])),
          NamedSource(name: "b", source: ChosenTaps(b, [comparison.tapB])),
        ]
      let result = try Similarity.analyze(sources, settings: settings)
      let row = try #require(result.rows.first { $0.a != $0.b })
      #expect(row.n == comparison.n)
      guard let expected = comparison.value else {
        #expect(row.value == nil, "\(comparison)")
        #expect(result.notes.contains { $0.contains("canonical correlations need at least") }, "\(result.notes)")
        continue
      }
      let got = try #require(row.value, "\(comparison)")
      worst[comparison.measure] = max(worst[comparison.measure] ?? 0, abs(got - expected))
      // Means over tokens are rounded to single precision, and so is all of the 260 images.
      let isRounded = comparison.storeA == "large" || !["flatten", "prefix"].contains(comparison.tokens)
      #expect(
        abs(got - expected) <= (isRounded ? 1e-5 : 1e-8), "\(got) instead of \(expected): \(comparison)")
      guard let low = comparison.low, let high = comparison.high else { continue }
      intervals += 1
      let ends = [(row.low ?? 2) - low, (row.high ?? 2) - high]
      #expect(ends.allSatisfy { abs($0) < (isRounded ? 1e-5 : 1e-8) }, "\(row) \(comparison)")
    }
    #expect(intervals == 3)
    #expect(worst.count == 5, "\(worst)")
  }

  // MARK: Invariances

  /// What each measure does not see: an orthogonal map, scaling and, where columns are centred, an offset.
  @Test(arguments: [24, 300])
  func mapsThatAMeasureDoesNotSeeChangeNothing(images: Int) throws {
    var features = TestFeatures(seed: 41)
    let taps = features.related(images, [4, 9], noise: 1)
    func changed(offset: Float, isRotated: Bool) -> [Float] {
      (0..<images).flatMap { image -> [Float] in
        let x = taps[0][image * 4..<image * 4 + 4].map { $0 }
        let turned =
          isRotated ? [0.6 * x[0] - 0.8 * x[1], 0.8 * x[0] + 0.6 * x[1], x[3], x[2]] : [x[2], x[0], x[3], x[1]]
        return turned.map { $0 * 7 + offset }
      }
    }
    let settings = SimilarityMeasureTests.settings()
    let plain = try SimilarityTests.analyze(taps, images: images, settings)
    let kinds: [(offset: Float, isRotated: Bool, measures: [Similarity.Measure])] = [
      (3, true, [.svcca, .pwcca, .procrustes]), (0, true, [.svcca, .mutualKNN]), (3, false, [.rsa, .procrustes]),
    ]
    for kind in kinds {
      let moved = try SimilarityTests.analyze(
        [changed(offset: kind.offset, isRotated: kind.isRotated), taps[1]], images: images, settings)
      for measure in kind.measures {
        let (a, b) = (
          try #require(SimilarityMeasureTests.value(plain, measure)),
          try #require(SimilarityMeasureTests.value(moved, measure))
        )
        #expect(abs(a - b) < 2e-5, "\(measure) \(kind.offset) \(kind.isRotated): \(a) \(b)")
        #expect(a > 0.05 && a < 0.995, "\(measure): \(a)")
      }
    }
  }

  @Test func aTapAgreesWithItselfAndWithItsMirrorImage() throws {
    var features = TestFeatures(seed: 42)
    for images in [40, 280] {
      let tap = features.related(images, [12], noise: 0.5)[0]
      let result = try SimilarityTests.analyze(
        [tap, tap.map { -2 * $0 }], images: images, SimilarityMeasureTests.settings(hasIntervals: true))
      for row in result.rows {
        #expect(abs((row.value ?? 0) - 1) < 1e-6, "\(row)")
        if row.a == row.b { #expect(row.value == 1) }
        let hasInterval = row.measure == .rsa
        #expect((row.low != nil) == hasInterval && (row.high != nil) == hasInterval)
      }
    }
  }

  /// Fewer columns than images, or more: two ways to the same components.
  @Test(arguments: [30, 270])
  func productsOfImagesAndOfColumnsGiveTheSameValues(images: Int) throws {
    var features = TestFeatures(seed: 43)
    let taps = features.related(images, [6, 9], noise: 0.7)
    // Columns of zeros change no value, but there are more than images of them.
    let wide = taps.enumerated().map { place, tap in
      (0..<images).flatMap { image in
        let columns = place == 0 ? 6 : 9
        return tap[image * columns..<(image + 1) * columns] + [Float](repeating: 0, count: images)
      }
    }
    let settings = SimilarityMeasureTests.settings([.svcca, .pwcca, .procrustes])
    let narrow = try SimilarityTests.analyze(taps, images: images, settings)
    let other = try SimilarityTests.analyze(wide, images: images, settings)
    for (a, b) in zip(narrow.rows, other.rows) { #expect(abs((a.value ?? 2) - (b.value ?? -2)) < 1e-5, "\(a) \(b)") }
  }

  // MARK: Memory and order

  @Test(arguments: [20, 270])
  func aScratchFileGivesTheSameBytes(images: Int) throws {
    var features = TestFeatures(seed: 44)
    let taps = features.related(images, [5, 8, images + 7], noise: 1) + [features.independent(images, 6)]
    var settings = SimilarityMeasureTests.settings(Similarity.Measure.allCases, hasIntervals: true)
    settings.estimators = Similarity.Estimator.hsic
    settings.minibatch = 8
    settings.permutations = 5
    let plain = try SimilarityTests.analyze(taps, images: images, settings)
    settings.memoryLimit = 1
    let small = try SimilarityTests.analyze(taps, images: images, settings)
    #expect(plain.table.text == small.table.text)
    #expect(plain.nullTable.text == small.nullTable.text)
    #expect(plain.rows.count == plain.nullRows.count)
    settings.selection.seed = 1
    let other = try SimilarityTests.analyze(taps, images: images, settings)
    #expect(plain.nullTable.text != other.nullTable.text)
    // The seed draws minibatches and folds; nothing else of the table is drawn.
    for (a, b) in zip(plain.rows, other.rows) where a.a != a.b && a.value != nil {
      #expect((a == b) == (a.estimator != .minibatch && a.measure != .linearPredictivity), "\(a) \(b)")
    }
  }

  @Test func measuresDoNotDependOnEachOther() throws {
    var features = TestFeatures(seed: 45)
    let taps = features.related(40, [5, 60], noise: 1)
    let all = try SimilarityTests.analyze(
      taps, images: 40, SimilarityMeasureTests.settings(Similarity.Measure.allCases, hasIntervals: true))
    for measure in Similarity.Measure.allCases {
      let alone = try SimilarityTests.analyze(
        taps, images: 40, SimilarityMeasureTests.settings([measure], hasIntervals: true))
      let together = all.rows.filter { $0.measure == measure }
      // Every measure that Results names is made by an accumulator, by an estimator that Results gives it.
      #expect(!together.isEmpty && alone.rows.count == together.count)
      #expect(alone.rows.allSatisfy { measure.definition.estimators.contains($0.estimator) })
      for (a, b) in zip(alone.rows, together) {
        #expect(a.a == b.a && a.b == b.b && (a.low == nil) == (b.low == nil))
        for (own, other) in [(a.value, b.value), (a.low ?? 0, b.low ?? 0), (a.high ?? 0, b.high ?? 0)] {
          #expect(abs((own ?? 2) - (other ?? -2)) < 1e-12, "\(a) \(b)")
        }
      }
    }
  }

  // MARK: Where there is no value

  @Test func emptyValuesAreExplained() throws {
    var features = TestFeatures(seed: 46)
    let images = 12
    let taps = [
      features.independent(images, 40), [Float](repeating: 2, count: images), features.independent(images, 3),
    ]
    let result = try SimilarityTests.analyze(taps, images: images, SimilarityMeasureTests.settings())
    #expect(
      result.notes == [
        "store: svcca (truncated) of tap tap.0 is empty: 0.9 of its variance takes 9 dimensions, for which canonical"
          + " correlations need at least 19 images; use more images or keep less of the variance",
        "store: svcca (truncated) of tap tap.1 is empty: every image has the same features",
        "store: pwcca (truncated) of tap tap.0 is empty: 0.9 of its variance takes 9 dimensions, for which canonical"
          + " correlations need at least 19 images; use more images or keep less of the variance",
        "store: pwcca (truncated) of tap tap.1 is empty: every image has the same features",
        "store: procrustes (exact) of tap tap.1 is empty: every image has the same features",
        "store: rsa (spearman) of tap tap.1 is empty: every image has the same features",
        "store: mutual_knn (cosine) of tap tap.1 is empty: every image has the same features",
      ])
    #expect(SimilarityMeasureTests.value(result, .procrustes, 0, 2) != nil)
    #expect(SimilarityMeasureTests.value(result, .svcca, 2, 2) == 1)
    var settings = SimilarityMeasureTests.settings()
    settings.neighbours = 12
    #expect(
      throws: AnalysisError(
        .badInput,
        "12 nearest neighbours need at least 13 images, there are 12; look at fewer neighbours or extract more images")
    ) { try SimilarityTests.analyze(taps, images: images, settings) }
  }

  /// An image whose row is constant (RSA) or zero (neighbours) at one tap is left out of all pairs of that measure, and the values
  /// are those of the other images.
  @Test func imagesWithoutAValueAreLeftOutOfAllPairs() throws {
    var features = TestFeatures(seed: 47)
    let images = 14
    var taps = features.related(images, [6, 5, 7], noise: 1)
    for column in 0..<5 { taps[1][3 * 5 + column] = 2 }
    for column in 0..<7 { taps[2][9 * 7 + column] = 0 }
    let settings = SimilarityMeasureTests.settings([.rsa, .mutualKNN, .procrustes], hasIntervals: true)
    let result = try SimilarityTests.analyze(taps, images: images, settings)
    #expect(
      result.notes.filter { $0.contains("left out") } == [
        "rsa: 2 of 14 images are left out of all pairs, the first is 'image.3.png': at tap tap.1 of store it has the same"
          + " number in every column, so its correlation with others is undefined",
        "mutual_knn: 1 of 14 images is left out of all pairs, the first is 'image.9.png': at tap tap.2 of store it has"
          + " nothing but zeros, so it has no direction",
      ])
    func without(_ left: Set<Int>) throws -> Similarity.Result {
      let kept = (0..<images).filter { !left.contains($0) }
      let fewer = zip(taps, [6, 5, 7]).map { tap, columns in
        kept.flatMap { tap[$0 * columns..<($0 + 1) * columns] }
      }
      return try SimilarityTests.analyze(fewer, images: kept.count, settings)
    }
    for (measure, left) in [(Similarity.Measure.rsa, Set([3, 9])), (.mutualKNN, [9]), (.procrustes, [])] {
      let expected = try without(left).rows.filter { $0.measure == measure }
      let rows = result.rows.filter { $0.measure == measure }
      #expect(rows == expected && rows.count == 6 && rows.allSatisfy { $0.n == images - left.count && $0.value != nil })
    }
  }

  /// Where most images have none, it is the tap that has no value.
  @Test func aTapOfOneColumnHasNoCorrelationsAndLeavesNoImageOut() throws {
    var features = TestFeatures(seed: 48)
    let taps = features.related(12, [6, 1], noise: 1)
    let result = try SimilarityTests.analyze(taps, images: 12, SimilarityMeasureTests.settings([.rsa]))
    #expect(SimilarityMeasureTests.value(result, .rsa, 0, 0) == 1 && SimilarityMeasureTests.value(result, .rsa) == nil)
    #expect(
      result.notes == [
        "store: rsa (spearman) of tap tap.1 is empty: an image has the same number in every column, so its correlation with"
          + " others is undefined"
      ])
  }

  // MARK: Ties

  private struct Ties: Decodable {
    let images: Int
    let columns: Int
    let neighbours: Int
    let first: [Float]
    let second: [Float]
    let rsa: Double
    let tau: Double
    let mutualKnn: Double
  }

  /// Small whole numbers and copies of images: values of `scripts/fixtures/ties.py` in exact arithmetic. 300 images are in single
  /// precision.
  @Test func tiesAreNotBrokenByRounding() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let cases = try decoder.decode(
      [Ties].self, from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("ties.json")))
    #expect(cases.map(\.images) == [40, 40, 30, 300])
    for ties in cases {
      var settings = SimilarityMeasureTests.settings([.rsa, .rsaKendall, .mutualKNN])
      settings.neighbours = ties.neighbours
      let result = try SimilarityTests.analyze([ties.first, ties.second], images: ties.images, settings)
      let (rsa, shared) = (
        try #require(SimilarityMeasureTests.value(result, .rsa)),
        try #require(SimilarityMeasureTests.value(result, .mutualKNN))
      )
      let tau = try #require(SimilarityMeasureTests.value(result, .rsaKendall))
      #expect(abs(tau - ties.tau) < 1e-12, "\(tau) \(ties.tau)")
      #expect(abs(rsa - ties.rsa) < (ties.images > 256 ? 1e-6 : 1e-12), "\(rsa) \(ties.rsa)")
      #expect(abs(shared - ties.mutualKnn) < 1e-12, "\(shared) \(ties.mutualKnn)")
    }
  }

  /// Worked out by hand: rows are directions in a plane, so that a correlation is the cosine of the angle between two.
  @Test func kendallsTauCountsPairsOfDistances() throws {
    func rows(_ degrees: [Double]) -> [Float] {
      degrees.flatMap { angle -> [Float] in
        let radians = angle * .pi / 180
        // Columns of mean zero: (cos, sin) in the plane orthogonal to (1, 1, 1).
        let (x, y) = (cos(radians) / 2.0.squareRoot(), sin(radians) / 6.0.squareRoot())
        return [Float(x + y), Float(-x + y), Float(-2 * y)]
      }
    }
    // Distances of pairs 01, 02, 03, 12, 13, 23 grow with 10, 30, 80, 20, 70, 50 degrees, and with 40, 60, 70, 20, 30, 10.
    let taps = [rows([0, 10, 30, 80]), rows([0, 40, 60, 70])]
    let result = try SimilarityTests.analyze(taps, images: 4, SimilarityMeasureTests.settings([.rsaKendall]))
    let order = [(10, 40), (30, 60), (80, 70), (20, 20), (70, 30), (50, 10)]
    var agreement = 0
    for i in order.indices {
      for j in order.indices where j > i {
        agreement += ((order[i].0 < order[j].0) == (order[i].1 < order[j].1)) ? 1 : -1
      }
    }
    #expect(agreement == 3)
    #expect(abs(try #require(SimilarityMeasureTests.value(result, .rsaKendall)) - 3.0 / 15) < 1e-12)
    #expect(SimilarityMeasureTests.value(result, .rsaKendall, 0, 0) == 1)
  }
}
