import Analysis
import Testing

/// What one concludes by several token modes, and tokens of objects.
struct TokenConclusionTests {
  private static let images = 30

  /// `x` has tokens u + v and u − v, `tokens` much the same, `mean` has u alone.
  private static func sources() throws -> [NamedSource] {
    var features = TestFeatures(seed: 61)
    let (u, v, noise) = (
      features.independent(images, 3), features.independent(images, 3), features.independent(images, 6)
    )
    func tokens(_ share: Float) -> [Float] {
      (0..<images).flatMap { image -> [Float] in
        let (a, b) = (u[image * 3..<image * 3 + 3], v[image * 3..<image * 3 + 3])
        let pair = zip(a, b).map { $0 + $1 } + zip(a, b).map { $0 - $1 }
        return zip(pair, noise[image * 6..<image * 6 + 6]).map { $0 + share * $1 }
      }
    }
    let shape = { TapShape(name: $0, tokens: $1, channels: 3) }
    return [
      NamedSource(name: "first", source: try MemorySource(taps: [(shape("x", 2), tokens(0))])),
      NamedSource(
        name: "second", source: try MemorySource(taps: [(shape("tokens", 2), tokens(0.5)), (shape("mean", 1), u)])),
    ]
  }

  @Test func aBestMatchThatChangesIsFlagged() throws {
    var results: [(tokens: TokenMode, result: Similarity.Result)] = []
    for mode in [TokenMode.flatten, .mean] {
      var settings = SimilarityTests.settings()
      settings.tokens = mode
      results.append((mode, try Similarity.analyze(try TokenConclusionTests.sources(), settings: settings)))
    }
    let found = TokenConclusions(results)
    // Only the second store has two taps to choose from.
    #expect(found.conclusions.map(\.tap.tap) == ["x", "x"])
    #expect(found.conclusions.map(\.best) == ["tokens", "mean"])
    #expect(found.conclusions.map(\.changes) == [false, true])
    #expect(found.conclusions.map(\.orderAgreement) == [1, -1])
    let own = found.pairs.filter { $0.row.a.store == "first" && $0.row.b.store == "second" }
    #expect(own.map(\.row.b.tap) == ["tokens", "mean", "tokens", "mean"])
    #expect(own.map(\.isBest) == [true, false, false, true])
    #expect(own.allSatisfy { $0.changes })
    #expect(found.pairs.filter { $0.row.a.store == $0.row.b.store }.allSatisfy { !$0.changes && !$0.isBest })
    #expect(
      found.conclusionTable.text.hasPrefix(
        "store,tap,other_store,measure,estimator,tokens,best_tap,value,low,high,order_agreement,changes\n"
          + "first,x,second,cka_linear,debiased,flatten,tokens,"))
    #expect(
      found.pairTable.text.hasPrefix(
        "store_a,tap_a,store_b,tap_b,measure,estimator,tokens,n,value,is_best,changes\n"
          + "first,x,first,x,cka_linear,debiased,flatten,30,1.0,0,0\n"))
    let same = TokenConclusions([results[0], results[0]])
    #expect(same.conclusions.allSatisfy { !$0.changes } && same.pairs.allSatisfy { !$0.changes })
  }

  // MARK: Objects

  @Test func coverageIsTheShareOfACell() {
    // 3 rows of 5 pixels on a grid of 2 × 2: cells of 2 × 3 pixels, those at the border cut off.
    let mask: [UInt8] = [
      1, 1, 0, 0, 0,
      1, 0, 0, 1, 1,
      0, 0, 0, 1, 0,
    ]
    let masks = ObjectMasks(height: 3, width: 5, masks: [mask, [UInt8](repeating: 0, count: 15), []])
    #expect(masks.hasObject(image: 0) && !masks.hasObject(image: 1) && !masks.hasObject(image: 2))
    #expect(masks.coverage(image: 0, grid: .init(height: 2, width: 2)) == [0.5, 0.5, 0, 0.5])
    #expect(masks.coverage(image: 1, grid: .init(height: 2, width: 2)) == [0, 0, 0, 0])
    #expect(masks.coverage(image: 0, grid: .init(height: 1, width: 1)) == [Float(6) / 15])
    #expect(masks.coverage(image: 0, grid: .init(height: 3, width: 5)) == mask.map(Float.init))
  }

  @Test(arguments: [14, 270])
  func tokensInsideObjectsAreAveragedByWhatTheyCover(images: Int) throws {
    var features = TestFeatures(seed: 62)
    let shape = TapShape(name: "t", tokens: 5, channels: 3, grid: .init(height: 2, width: 2), prefixTokens: 1)
    let cell = TapShape(name: "cell", tokens: 1, channels: 4, grid: .init(height: 1, width: 1))
    let plain = TapShape(name: "plain", tokens: 2, channels: 2)
    let taps = features.related(images, [15, 4, 4], noise: 1)
    // Every fourth image has no object; others cover a varying part of the four cells of 2 × 2 pixels.
    let masks = (0..<images).map { image -> [UInt8] in
      image % 4 == 3 ? [] : (0..<16).map { ($0 * 7 + image) % (2 + image % 3) == 0 ? 1 : 0 }
    }
    let source = NamedSource(
      name: "s", source: try MemorySource(taps: [(shape, taps[0]), (cell, taps[1]), (plain, taps[2])]),
      objects: ObjectMasks(height: 4, width: 4, masks: masks))
    var settings = SimilarityMeasureTests.settings([.ckaLinear, .rsa, .mutualKNN])
    settings.tokens = .object
    let result = try Similarity.analyze([source], settings: settings)
    let chosen = (0..<images).filter { $0 % 4 != 3 }
    #expect(result.images.count == chosen.count)
    #expect(
      result.notes == [
        "s: tap plain is left out with --tokens object: its tokens lie on no grid",
        "s: \(images / 4) of \(images) images are left out, the first is 'image.3': it has no object",
      ])
    let reduced = chosen.flatMap { image -> [Float] in
      let weights = [0, 2, 8, 10].map { corner in
        Double([0, 1, 4, 5].reduce(0) { $0 + Int(masks[image][corner + $1]) }) / 4
      }
      return (0..<3).map { channel in
        let sum = (0..<4).reduce(0.0) { $0 + weights[$1] * Double(taps[0][image * 15 + 3 + $1 * 3 + channel]) }
        return Float(sum / weights.reduce(0, +))
      }
    }
    let other = chosen.flatMap { taps[1][$0 * 4..<$0 * 4 + 4] }
    settings.tokens = .flatten
    let direct = try SimilarityTests.analyze([reduced, other], images: chosen.count, settings)
    for (a, b) in zip(result.rows, direct.rows) { #expect(abs((a.value ?? 2) - (b.value ?? -2)) < 1e-6, "\(a) \(b)") }
    // Images without an object are left out of other modes too where that is asked for.
    settings.needsObjects = true
    #expect(try Similarity.analyze([source], settings: settings).images == result.images)
    #expect(
      throws: AnalysisError(
        .badInput, "s: where the objects of its images are is not known; give --annotations")
    ) { try Similarity.analyze([NamedSource(name: "s", source: source.source)], settings: settings) }
  }
}
