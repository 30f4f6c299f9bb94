import Analysis
import Formats
import Foundation
import Results
import Testing

/// Components, norms and outliers of tokens against `scripts/fixtures/tokens.py`, and what they must do whatever the numbers.
struct TokensTests {
  struct Fixture: Decodable {
    struct Tap: Decodable {
      let store: String
      let tap: String
      let channels: Int
      let grid: [Int]
      let prefix: Int
      let features: [Float]

      var shape: TapShape {
        TapShape(
          name: tap, tokens: prefix + grid[0] * grid[1], channels: channels,
          grid: ImageSize(height: grid[0], width: grid[1]), prefixTokens: prefix)
      }
    }

    struct Norms: Decodable {
      let mean: Double
      let byImage: [Double]
      let fence: Double
      let outliers: [Double]
      let norms: [Double]
    }

    struct Components: Decodable {
      let basis: Int
      let shares: [Double]
      let own: [Double]
      let scores: [Double]
    }

    let images: Int
    let taps: [Tap]
    let norms: [Norms]
    let components: [String: [Components]]
  }

  private func fixture() throws -> Fixture {
    let url = SimilarityFixtureTests.folder.appendingPathComponent("tokens.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Fixture.self, from: Data(contentsOf: url))
  }

  private func sources(_ taps: [Fixture.Tap]) throws -> [NamedSource] {
    try ["first", "second"].map { store in
      let own = taps.filter { $0.store == store }
      return NamedSource(name: store, source: try MemorySource(taps: own.map { ($0.shape, $0.features) }))
    }
  }

  private func isClose(_ a: Double, _ b: Double, _ scale: Double = 1) -> Bool {
    abs(a - b) <= 2e-6 * max(abs(b), scale)
  }

  @Test(arguments: ComponentSharing.allCases)
  func componentsAgreeWithTheirReference(sharing: ComponentSharing) throws {
    let fixture = try fixture()
    var settings = Tokens.Settings()
    settings.components = sharing
    settings.maps = fixture.images
    let result = try Tokens.analyze(sources(fixture.taps), settings: settings)
    let expected = try #require(fixture.components[sharing.rawValue])
    #expect(result.taps.map(\.name.tap) == fixture.taps.map(\.tap))
    for (tap, expected) in zip(result.taps, expected) {
      #expect(tap.basis == expected.basis - 1)
      #expect(tap.shares.count == min(3, tap.channels) && expected.shares.count == tap.shares.count)
      for (place, share) in tap.shares.enumerated() {
        #expect(isClose(share.basis, expected.shares[place]) && isClose(share.tap, expected.own[place]))
      }
      let scores = tap.maps.flatMap { $0 }.flatMap(\.components)
      #expect(scores.count == expected.scores.count)
      for (own, other) in zip(scores, expected.scores) { #expect(isClose(own, other), "\(tap.name)") }
    }
  }

  @Test func normsAndOutliersAgreeWithTheirReference() throws {
    let fixture = try fixture()
    var settings = Tokens.Settings()
    settings.maps = fixture.images
    let result = try Tokens.analyze(sources(fixture.taps), settings: settings)
    for (tap, expected) in zip(result.taps, fixture.norms) {
      #expect(isClose(tap.outlierNorm, expected.fence))
      for (own, other) in zip(tap.norms, expected.byImage) { #expect(isClose(own, other)) }
      #expect(tap.outlierShares == expected.outliers)
      let tokens = tap.maps.flatMap { $0 }
      for (token, norm) in zip(tokens, expected.norms) {
        #expect(isClose(token.norm, norm) && token.isOutlier == (norm > expected.fence))
      }
    }
    let row = try #require(result.rows.first { $0.labels == ["first", "original", "block.0", "token_norm"] })
    #expect(isClose(row.value ?? -1, fixture.norms[1].mean) && row.n == 6 && row.low != nil)
    #expect(result.mapTable.rows.count == 6 * (6 + 6 + 9 + 2) && result.componentTable.rows.count == 3 * 3 + 2)
  }

  /// Tokens lie row after row, behind the prefix tokens.
  @Test func tokensAreAtTheirPlaces() throws {
    let fixture = try fixture()
    let result = try Tokens.analyze(sources(fixture.taps))
    let first = try #require(result.taps.first?.maps.first)
    #expect(first.map { [$0.row, $0.column] } == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
    #expect(result.mapped == ["image.1", "image.3", "image.5"])
  }

  /// The scale and the offset of a tap's numbers change nothing but its norms.
  @Test func colorsDoNotDependOnScaleAndOffset() throws {
    let fixture = try fixture()
    let tap = fixture.taps[0]
    let moved = tap.features.map { $0 * 64 + 1024 }
    func components(_ features: [Float]) throws -> [Double] {
      let source = NamedSource(name: "s", source: try MemorySource(taps: [(tap.shape, features)]))
      return try Tokens.analyze([source]).taps[0].maps.flatMap { $0 }.flatMap(\.components)
    }
    for (one, other) in zip(try components(tap.features), try components(moved)) {
      #expect(abs(one - other) < 1e-4)
    }
  }

  @Test func whatHasNoGridOrNoVarianceIsLeftOutAndNamed() throws {
    let grid = TapShape(name: "grid", tokens: 4, channels: 2, grid: .init(height: 2, width: 2))
    let flat = TapShape(name: "flat", tokens: 4, channels: 2, grid: .init(height: 2, width: 2))
    let alias = TapShape(name: "again", tokens: 4, channels: 2, grid: .init(height: 2, width: 2), isAlias: true)
    let head = TapShape(name: "logits", tokens: 1, channels: 3)
    var features = TestFeatures(seed: 5)
    let own = features.independent(3, 8)
    let source = try MemorySource(taps: [
      (grid, own), (flat, [Float](repeating: 0.3, count: 24)), (alias, own), (head, features.independent(3, 3)),
    ])
    let result = try Tokens.analyze([NamedSource(name: "s", source: source)])
    #expect(result.taps.map(\.name.tap) == ["grid"])
    #expect(
      result.notes == [
        "logits of s is left out: no tokens on a grid", "again of s is another name of a tap, and left out",
        "flat of s is left out: all its tokens are equal",
      ])
    var settings = Tokens.Settings()
    settings.selection.taps = ["again"]
    #expect(try Tokens.analyze([NamedSource(name: "s", source: source)], settings: settings).taps.count == 1)
    settings.selection.taps = ["logits"]
    #expect(throws: AnalysisError.self) {
      try Tokens.analyze([NamedSource(name: "s", source: source)], settings: settings)
    }
  }

  @Test func impossibleWorkIsRefusedBeforeItBegins() throws {
    let fixture = try fixture()
    var settings = Tokens.Settings()
    settings.memoryLimit = 1000
    do {
      _ = try Tokens.analyze(sources(fixture.taps), settings: settings) { _, _ in Issue.record("it began") }
      Issue.record("it is not refused")
    } catch let error as AnalysisError {
      #expect(error.description.contains("embed of first: 6 images of 6 tokens of 5 numbers need"))
    }
    var broken = fixture.taps[0].features
    broken[broken.count - 1] = .infinity
    let source = NamedSource(name: "s", source: try MemorySource(taps: [(fixture.taps[0].shape, broken)]))
    do {
      _ = try Tokens.analyze([source])
      Issue.record("it is not refused")
    } catch let error as AnalysisError {
      #expect(error.description.hasPrefix("s: tap embed holds a number that is not finite for image 'image.5'"))
    }
  }
}
