import Analysis
import Formats
import Foundation
import TestSupport
import Testing

struct SimilarityTests {
  static func settings(
    _ estimators: [Similarity.Estimator] = [.debiased], measures: [Similarity.Measure] = [.ckaLinear],
    hasIntervals: Bool = false
  ) -> Similarity.Settings {
    var settings = Similarity.Settings()
    settings.measures = measures
    settings.estimators = estimators
    settings.selection.bootstrap = hasIntervals ? 1 : 0
    return settings
  }

  static func analyze(
    _ features: [[Float]], images: Int, _ settings: Similarity.Settings
  ) throws -> Similarity.Result {
    let source = NamedSource(name: "store", source: try MemorySource.taps(features, images: images))
    return try Similarity.analyze([source], settings: settings)
  }

  // MARK: Against the definitions

  /// 300 images are more than double precision is used for: products are in single precision.
  @Test(arguments: [12, 300])
  func agreesWithTheDefinitions(images: Int) throws {
    var features = TestFeatures(seed: 1)
    var taps = features.related(images, [1, 7, 40], noise: 2)
    taps.append(features.independent(images, 900))
    taps.append(taps[1].map { $0 + 10_000 })
    let result = try SimilarityTests.analyze(
      taps, images: images,
      SimilarityTests.settings([.debiased, .biased], measures: Similarity.Measure.cka))
    for (measure, kernel) in [
      (Similarity.Measure.ckaLinear, { PlainCKA.linear($0, images: images) }),
      (.ckaRBF, { PlainCKA.gaussian($0, images: images) }),
    ] as [(Similarity.Measure, ([Float]) -> PlainCKA.Matrix)] {
      let kernels = taps.map(kernel)
      for a in taps.indices {
        for b in a..<taps.count {
          for (estimator, hsic) in [
            (Similarity.Estimator.debiased, PlainCKA.debiasedHSIC), (.biased, PlainCKA.biasedHSIC),
          ] {
            let row = try #require(result.row("tap.\(a)", "tap.\(b)", measure, estimator))
            let expected = PlainCKA.value(kernels[a], kernels[b], by: hsic)
            let value = try #require(row.value)
            #expect(abs(value - expected) < (images > 256 ? 2e-6 : 1e-10), "\(measure) \(estimator) \(a) \(b)")
          }
        }
      }
    }
  }

  @Test(arguments: [19, 270])
  func minibatchesAreDrawnAndTheirSumsAreAveraged(images: Int) throws {
    var features = TestFeatures(seed: 2)
    let taps = features.related(images, [5, 6], noise: 1)
    var settings = SimilarityTests.settings([.minibatch], measures: Similarity.Measure.cka)
    settings.minibatch = 8
    settings.selection.seed = 5
    let result = try SimilarityTests.analyze(taps, images: images, settings)
    let drawn = ImageBatches(images: images, size: 8, seed: 5)
    let batches = drawn.ranges.map { Array(drawn.order[$0]) }
    let kernels = taps.map { PlainCKA.linear($0, images: images) }
    let expected = PlainCKA.value(kernels[0], kernels[1]) { PlainCKA.minibatchHSIC($0, $1, batches: batches) }
    let row = try #require(result.row("tap.0", "tap.1", .ckaLinear, .minibatch))
    #expect(abs(try #require(row.value) - expected) < (images > 256 ? 2e-6 : 1e-10))
    #expect(row.n == images && result.notes.isEmpty)
    settings.selection.seed = 6
    let other = try SimilarityTests.analyze(taps, images: images, settings)
    #expect(other.row("tap.0", "tap.1", .ckaLinear, .minibatch)?.value != row.value)
  }

  @Test func batchesHoldEveryImageOnceAndDifferInSizeByAtMostOne() {
    for (images, size, sizes) in [
      (19, 8, [6, 6, 7]), (70, 16, [14, 14, 14, 14, 14]), (9, 4, [4, 5]), (4, 4, [4]), (7, 4, [7]), (20, 256, [20]),
    ] {
      let batches = ImageBatches(images: images, size: size, seed: 1)
      #expect(batches.order.sorted() == Array(0..<images))
      #expect(batches.ranges.map(\.count) == sizes)
      #expect(batches.ranges.allSatisfy { Array(batches.order[$0]) == batches.order[$0].sorted() })
      #expect(batches == ImageBatches(images: images, size: size, seed: 1))
    }
    #expect(ImageBatches(images: 70, size: 16, seed: 1) != ImageBatches(images: 70, size: 16, seed: 2))
  }

  /// A folder sorted by class: 12 classes of 16 images, two taps that share the means of the classes. Batches of consecutive
  /// images are of one class and would score the noise alone, about 0.
  @Test func imagesSortedByClassScoreInMinibatchesWhatAllOfThemScore() throws {
    var features = TestFeatures(seed: 14)
    let (classes, each) = (12, 16)
    let means = features.related(classes, [8, 8], noise: 0.2)
    let taps = means.map { means in
      (0..<classes * each).flatMap { image in (0..<8).map { means[image / each * 8 + $0] + features.normal() } }
    }
    var settings = SimilarityTests.settings([.debiased, .minibatch])
    settings.minibatch = 16
    let result = try SimilarityTests.analyze(taps, images: classes * each, settings)
    let whole = try #require(result.row("tap.0", "tap.1")?.value)
    let batched = try #require(result.row("tap.0", "tap.1", .ckaLinear, .minibatch)?.value)
    #expect(whole > 0.3 && abs(batched - whole) < 0.06, "\(whole) \(batched)")
  }

  @Test func minibatchAloneNeedsNoOtherPairs() throws {
    var features = TestFeatures(seed: 3)
    let taps = features.related(40, [5, 6], noise: 1)
    var together = SimilarityTests.settings(
      [.debiased, .minibatch], measures: Similarity.Measure.cka, hasIntervals: true)
    together.minibatch = 12
    var alone = together
    alone.estimators = [.minibatch]
    let both = try SimilarityTests.analyze(taps, images: 40, together).rows.filter { $0.estimator == .minibatch }
    let rows = try SimilarityTests.analyze(taps, images: 40, alone).rows
    #expect(rows.count == both.count)
    for (a, b) in zip(rows, both) {
      let (value, low, high) = (try #require(a.value), try #require(a.low), try #require(a.high))
      #expect(abs(value - (b.value ?? 2)) < 1e-12)
      #expect(abs(low - (b.low ?? 2)) < 1e-12)
      #expect(abs(high - (b.high ?? 2)) < 1e-12)
    }
  }

  @Test func aValueBelowZeroIsReported() throws {
    let taps: [[Float]] = [[1, -1, 1, -1, 0, 0], [1, 1, -1, -1, 0, 0]]
    let result = try SimilarityTests.analyze(taps, images: 6, SimilarityTests.settings())
    let kernels = taps.map { PlainCKA.linear($0, images: 6) }
    let expected = PlainCKA.value(kernels[0], kernels[1], by: PlainCKA.debiasedHSIC)
    let value = try #require(result.row("tap.0", "tap.1")?.value)
    #expect(expected < -0.1)
    #expect(abs(value - expected) < 1e-12)
  }

  // MARK: Invariances

  @Test(arguments: [20, 300])
  func scalingRotatingAndReorderingChangeNothing(images: Int) throws {
    var features = TestFeatures(seed: 4)
    let taps = features.related(images, [4, 9], noise: 1)
    let settings = SimilarityTests.settings([.debiased, .biased], measures: Similarity.Measure.cka)
    // A rotation of the first two columns and an exchange of the last two, times a number.
    var changed = taps[0]
    for image in 0..<images {
      let x = taps[0][image * 4..<image * 4 + 4].map { $0 }
      changed.replaceSubrange(
        image * 4..<image * 4 + 4,
        with: [0.6 * x[0] - 0.8 * x[1], 0.8 * x[0] + 0.6 * x[1], x[3], x[2]].map { $0 * 7 + 3 })
    }
    var order = Array(0..<images)
    order.shuffle(using: &features.stream)
    func reordered(_ values: [Float], _ columns: Int) -> [Float] {
      order.flatMap { values[$0 * columns..<($0 + 1) * columns] }
    }
    let plain = try SimilarityTests.analyze(taps, images: images, settings)
    let moved = try SimilarityTests.analyze(
      [reordered(changed, 4), reordered(taps[1], 9)], images: images, settings)
    for (a, b) in zip(plain.rows, moved.rows) {
      #expect(abs((a.value ?? 2) - (b.value ?? -2)) < 1e-6, "\(a) \(b)")
    }
  }

  @Test func identicalFeaturesGiveOne() throws {
    var features = TestFeatures(seed: 5)
    for images in [9, 280] {
      let tap = features.independent(images, 30)
      let result = try SimilarityTests.analyze(
        [tap, tap], images: images,
        SimilarityTests.settings(Similarity.Estimator.hsic, measures: Similarity.Measure.cka, hasIntervals: true))
      for row in result.rows {
        #expect(row.a != row.b || row.value == 1)
        #expect(abs((row.value ?? 0) - 1) < 1e-9)
        guard row.estimator != .biased else {
          #expect(row.low == nil && row.high == nil)
          continue
        }
        #expect(abs((row.low ?? 0) - 1) < 1e-6 && abs((row.high ?? 0) - 1) < 1e-6)
      }
    }
  }

  @Test func veryLargeAndVerySmallNumbersGiveTheSameValues() throws {
    var features = TestFeatures(seed: 6)
    let images = 270
    let taps = features.related(images, [20, 30], noise: 1)
    let settings = SimilarityTests.settings(measures: Similarity.Measure.cka)
    let plain = try SimilarityTests.analyze(taps, images: images, settings)
    for factor: Float in [0x1p-100, 0x1p100] {
      let scaled = try SimilarityTests.analyze(taps.map { $0.map { $0 * factor } }, images: images, settings)
      for (a, b) in zip(plain.rows, scaled.rows) { #expect(abs((a.value ?? 2) - (b.value ?? -2)) < 1e-9) }
    }
  }

  /// Where most images are all but equal and few are far away, distances need more digits than products in single
  /// precision have.
  @Test func smallDistancesAmongLargeNumbersAreExact() throws {
    var features = TestFeatures(seed: 13)
    let images = 300
    var clustered = features.independent(images, 60).map { $0 * 1e-3 }
    for place in 250 * 60..<images * 60 { clustered[place] = 50 * features.normal() }
    let other = features.related(images, [8], noise: 1)[0]
    let settings = SimilarityTests.settings([.debiased, .biased], measures: Similarity.Measure.cka)
    let result = try SimilarityTests.analyze([clustered, other], images: images, settings)
    let kernels = [clustered, other].map { PlainCKA.gaussian($0, images: images) }
    for (estimator, hsic) in [
      (Similarity.Estimator.debiased, PlainCKA.debiasedHSIC), (.biased, PlainCKA.biasedHSIC),
    ] {
      let value = try #require(result.row("tap.0", "tap.1", .ckaRBF, estimator)?.value)
      #expect(abs(value - PlainCKA.value(kernels[0], kernels[1], by: hsic)) < 1e-7)
    }
    // With most images quite equal there is no width for the kernel.
    for place in 0..<250 * 60 { clustered[place] = 0.25 }
    let empty = try SimilarityTests.analyze([clustered, other], images: images, settings)
    #expect(empty.row("tap.0", "tap.1", .ckaRBF)?.value == nil)
    #expect(empty.row("tap.0", "tap.1")?.value != nil)
    #expect(
      empty.notes.first == "store: cka_rbf (debiased) of tap tap.0 is empty: the median distance between images is 0")
  }

  // MARK: Memory

  @Test func aScratchFileAndNarrowSlabsGiveTheSameBytes() throws {
    var features = TestFeatures(seed: 7)
    let images = 270
    // Wider than one slab of the least memory: 16 MB are 12,288 columns of 270 images.
    let wide = features.independent(images, 13_000)
    let taps = features.related(images, [40, 3], noise: 1) + [wide]
    var settings = SimilarityTests.settings(
      Similarity.Estimator.hsic, measures: Similarity.Measure.cka, hasIntervals: true)
    settings.minibatch = 100
    let plain = try SimilarityTests.analyze(taps, images: images, settings)
    settings.memoryLimit = 1
    var phases: [String] = []
    let source = NamedSource(name: "store", source: try MemorySource.taps(taps, images: images))
    let small = try Similarity.analyze([source], settings: settings) { phases.append($0.phase) }
    #expect(phases.first?.hasPrefix("taking ") == true)
    #expect(phases.first?.contains(" bytes of scratch space in ") == true)
    #expect(plain.table.text == small.table.text)
  }

  @Test func aMissingScratchFolderIsNamed() throws {
    var settings = SimilarityTests.settings()
    settings.memoryLimit = 1
    settings.scratchFolder = "/no/such/folder"
    var features = TestFeatures(seed: 8)
    let tap = features.independent(8, 3)
    #expect(
      throws: AnalysisError(
        .workFailed, "cannot create a scratch file in /no/such/folder: No such file or directory")
    ) { try SimilarityTests.analyze([tap], images: 8, settings) }
  }

  // MARK: What is asked for

  @Test func pairsAreThoseAskedFor() throws {
    var features = TestFeatures(seed: 9)
    let sources = try ["a", "b"].map { name in
      NamedSource(name: name, source: try MemorySource.taps(features.related(10, [3, 4], noise: 1), images: 10))
    }
    func names(_ pairs: Similarity.Pairs) throws -> [String] {
      var settings = SimilarityTests.settings(hasIntervals: true)
      settings.pairs = pairs
      let result = try Similarity.analyze(sources, settings: settings)
      for row in result.rows { #expect(row.value != nil && row.low != nil && row.high != nil) }
      return result.rows.map { "\($0.a.store).\($0.a.tap.suffix(1))-\($0.b.store).\($0.b.tap.suffix(1))" }
    }
    #expect(
      try names(.all) == [
        "a.0-a.0", "a.0-a.1", "a.0-b.0", "a.0-b.1", "a.1-a.1", "a.1-b.0", "a.1-b.1", "b.0-b.0", "b.0-b.1", "b.1-b.1",
      ])
    #expect(try names(.within) == ["a.0-a.0", "a.0-a.1", "a.1-a.1", "b.0-b.0", "b.0-b.1", "b.1-b.1"])
    #expect(
      try names(.across) == ["a.0-a.0", "a.0-b.0", "a.0-b.1", "a.1-a.1", "a.1-b.0", "a.1-b.1", "b.0-b.0", "b.1-b.1"])
  }

  @Test func tapsAreThoseNamed() throws {
    var features = TestFeatures(seed: 9)
    let taps = features.related(10, [3, 4, 5], noise: 1)
    let all = try SimilarityTests.analyze(taps, images: 10, SimilarityTests.settings())
    var settings = SimilarityTests.settings()
    settings.selection.taps = ["tap.2", "tap.0"]
    let some = try SimilarityTests.analyze(taps, images: 10, settings)
    #expect(some.rows == all.rows.filter { $0.a.tap != "tap.1" && $0.b.tap != "tap.1" })
    #expect(some.rows.count == 3 && some.notes == all.notes)

    // A tap of one model alone; the other one is then said to have none.
    let shape = TapShape(name: "head", tokens: 1, channels: 1)
    let other = try MemorySource(taps: [(shape, taps[0].prefix(10).map { $0 })], imagePaths: some.images)
    settings.selection.taps = ["head"]
    let sources = [
      NamedSource(name: "a", source: try MemorySource.taps(taps, images: 10)), NamedSource(name: "b", source: other),
    ]
    let head = try Similarity.analyze(sources, settings: settings)
    #expect(head.rows.map(\.a.store) == ["b"] && head.notes.contains("a: none of its taps is named by --taps"))
    settings.selection.taps = ["tap.0", "tap.9"]
    #expect(
      throws: AnalysisError(
        .badInput, "--taps: no store has a tap 'tap.9'; a has tap.0, tap.1, tap.2; b has head")
    ) { try Similarity.analyze(sources, settings: settings) }
  }

  @Test func badSettingsAreRefusedInOneLine() throws {
    func message(_ change: (inout Similarity.Settings) throws -> Void) -> String? {
      do {
        var settings = Similarity.Settings()
        try change(&settings)
        _ = try SimilarityTests.analyze([[1, 2, 3, 4, 5]], images: 5, settings)
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      message { $0.tokens = try TokenMode("all") }
        == "unknown token mode 'all'; expected flatten, mean, prefix, object or grid:G, for example grid:7")
    #expect(
      message { $0.tokens = try TokenMode("grid:0") }
        == "unknown token mode 'grid:0'; expected flatten, mean, prefix, object or grid:G, for example grid:7")
    #expect(message { $0.minibatch = 3 } == "a minibatch of 3 images is too small; expected at least 4")
    #expect(message { $0.selection.images = .first(3) } == "similarity needs at least 4 images, the limit is 3")
    #expect(
      message { $0.selection.conditions = ["original", "gray"] }
        == "similarity takes one condition, but 2 are named (original, gray); name one, or none for original")
    #expect(
      message { $0.selection.bootstrap = -1 } == "-1 bootstrap replicates are not possible; expected 0 or more")
    #expect(
      message { $0.rbfFraction = 0 }
        == "the RBF kernel's fraction of the median distance is 0.0; expected a number above 0")
    #expect(
      message { $0.measures = [] }
        == "no measure is named; expected cka_linear, cka_rbf, svcca, pwcca, procrustes, procrustes_angle, rsa, rsa_tau,"
        + " mutual_knn, linear_predictivity")
    #expect(
      message { $0.tokens = .prefix }
        == "no tap can be compared with --tokens prefix: store: tap tap.0 is left out with --tokens prefix: it has no"
        + " prefix tokens")
    #expect(throws: AnalysisError(.badInput, "no store is named; expected one or more")) {
      try Similarity.analyze([])
    }
  }

  @Test func theSameImagesInAnotherOrderAreRefused() throws {
    let shape = TapShape(name: "t", tokens: 1, channels: 1)
    let a = try MemorySource(taps: [(shape, [1, 2, 3, 4])], imagePaths: ["a", "b", "c", "d"])
    let b = try MemorySource(taps: [(shape, [1, 2, 3, 4])], imagePaths: ["a", "c", "b", "d"])
    #expect(
      throws: AnalysisError(
        .badInput,
        "x and y hold different images, the same images in another order: image 2 is 'b' in x and 'c' in y; extract both"
          + " stores from the same images")
    ) { try Similarity.analyze([NamedSource(name: "x", source: a), NamedSource(name: "y", source: b)]) }
  }

  @Test func limitTakesTheFirstImages() throws {
    var features = TestFeatures(seed: 10)
    let taps = features.related(12, [3, 4], noise: 1)
    var settings = SimilarityTests.settings()
    let first = try SimilarityTests.analyze([Array(taps[0][..<21]), Array(taps[1][..<28])], images: 7, settings)
    settings.selection.images = .first(7)
    let limited = try SimilarityTests.analyze(taps, images: 12, settings)
    #expect(limited.rows == first.rows)
    #expect(limited.images == (0..<7).map { "image.\($0).png" })
  }

  /// Which they are says `scripts/fixtures/samples.py`.
  @Test func aSampleTakesTheSameImagesOfAllStores() throws {
    var features = TestFeatures(seed: 10)
    let taps = features.related(12, [3, 4], noise: 1)
    var settings = SimilarityTests.settings()
    settings.selection.images = .random(6, seed: 3)
    let sampled = try SimilarityTests.analyze(taps, images: 12, settings)
    let rows = [3, 4, 5, 9, 10, 11]
    #expect(sampled.images == rows.map { "image.\($0).png" })
    #expect(sampled.notes.contains("a random sample of 6 of 12 images is taken (--sample 6:3)"))
    settings.selection.images = .all
    let alone = try SimilarityTests.analyze(
      [rows.flatMap { taps[0][3 * $0..<3 * $0 + 3] }, rows.flatMap { taps[1][4 * $0..<4 * $0 + 4] }], images: 6,
      settings)
    #expect(sampled.rows == alone.rows)
    settings.selection.images = .random(3, seed: 0)
    #expect(throws: AnalysisError(.badInput, "similarity needs at least 4 images, the sample is 3")) {
      try SimilarityTests.analyze(taps, images: 12, settings)
    }
  }

  @Test func progressGrowsToOneAndCanStopTheWork() throws {
    struct Stop: Error {}
    var features = TestFeatures(seed: 11)
    let source = NamedSource(
      name: "store", source: try MemorySource.taps(features.related(30, [3, 4], noise: 1), images: 30))
    var settings = SimilarityTests.settings(
      [.debiased, .minibatch], measures: Similarity.Measure.cka, hasIntervals: true)
    settings.minibatch = 10
    var fractions: [Double] = []
    _ = try Similarity.analyze([source], settings: settings) { fractions.append($0.fraction) }
    #expect(fractions == fractions.sorted())
    #expect(fractions.last == 1)
    #expect(fractions.count > 6)
    for limit in [0.0, 0.5] {
      #expect(throws: Stop.self) {
        try Similarity.analyze([source], settings: settings) { if $0.fraction >= limit { throw Stop() } }
      }
    }
  }

  @Test func tablesHaveTheColumnsOfTheContract() throws {
    var features = TestFeatures(seed: 12)
    var settings = SimilarityTests.settings(hasIntervals: true)
    settings.selection.seed = 3
    let taps = [features.independent(8, 2), [Float](repeating: 1.5, count: 8)]
    let result = try SimilarityTests.analyze(taps, images: 8, settings)
    let lines = result.table.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high")
    #expect(lines[1] == "store,tap.0,store,tap.0,cka_linear,debiased,8,1.0,1.0,1.0")
    #expect(lines[2] == "store,tap.0,store,tap.1,cka_linear,debiased,8,,,")
    #expect(lines[3] == "store,tap.1,store,tap.1,cka_linear,debiased,8,,,")
    #expect(lines.count == 5 && lines[4].isEmpty)
    #expect(result.imageTable.text.hasPrefix("index,path\n0,image.0.png\n1,image.1.png\n"))
    #expect(try SimilarityTests.analyze(taps, images: 8, settings).table.text == result.table.text)
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    try result.write(to: folder.path)
    #expect(
      try String(contentsOf: folder.appendingPathComponent("similarity.csv"), encoding: .utf8) == result.table.text)
    #expect(
      try String(contentsOf: folder.appendingPathComponent("similarity_images.csv"), encoding: .utf8)
        == result.imageTable.text)
    #expect(throws: FileWritingError.self) { try result.write(to: folder.path + "/missing") }
  }
}
