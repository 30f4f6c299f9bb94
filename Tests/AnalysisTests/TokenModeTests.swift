import Analysis
import Testing

struct TokenModeTests {
  /// Similarity with a token mode is similarity of what the mode makes of the features.
  private static func compare(_ mode: TokenMode, _ shape: TapShape, by columns: ([Float]) -> [Double]) throws {
    for images in [9, 260] {
      var features = TestFeatures(seed: 31)
      let values = features.related(images, [shape.columns, 5], noise: 1)
      let reduced = (0..<images).flatMap { image in
        columns(values[0][image * shape.columns..<(image + 1) * shape.columns].map { $0 })
      }
      let mapped = reduced.map(Float.init)
      var settings = SimilarityTests.settings()
      settings.tokens = mode
      let other = TapShape(name: "other", tokens: 1, channels: 5, grid: .init(height: 1, width: 1))
      let prefix = TapShape(name: "other", tokens: 1, channels: 5, prefixTokens: 1)
      let source = try MemorySource(taps: [(shape, values[0]), (mode == .prefix ? prefix : other, values[1])])
      let result = try Similarity.analyze([NamedSource(name: "s", source: source)], settings: settings)
      let direct = try SimilarityTests.analyze([mapped, values[1]], images: images, SimilarityTests.settings())
      let value = try #require(result.rows[1].value)
      #expect(abs(value - (direct.rows[1].value ?? 2)) < 1e-6, "\(mode) of \(shape)")
    }
  }

  @Test func meanLeavesPrefixTokensOut() throws {
    let shape = TapShape(name: "t", tokens: 5, channels: 3, prefixTokens: 2)
    try TokenModeTests.compare(.mean, shape) { row in
      (0..<3).map { c in (2..<5).reduce(0.0) { $0 + Double(row[$1 * 3 + c]) } / 3 }
    }
    let onlyPrefix = TapShape(name: "t", tokens: 2, channels: 3, prefixTokens: 2)
    try TokenModeTests.compare(.mean, onlyPrefix) { row in
      (0..<3).map { c in (Double(row[c]) + Double(row[3 + c])) / 2 }
    }
  }

  @Test func prefixTakesPrefixTokensOnly() throws {
    let shape = TapShape(name: "t", tokens: 5, channels: 3, prefixTokens: 2)
    try TokenModeTests.compare(.prefix, shape) { row in row[..<6].map(Double.init) }
  }

  @Test(arguments: [1, 2, 3, 5])
  func gridAveragesAsAdaptivePoolingDoes(size: Int) throws {
    let (height, width, channels) = (3, 4, 2)
    let shape = TapShape(
      name: "t", tokens: 1 + height * width, channels: channels, grid: .init(height: height, width: width),
      prefixTokens: 1)
    try TokenModeTests.compare(.grid(size), shape) { row in
      var out: [Double] = []
      for r in 0..<size {
        for q in 0..<size {
          let rows = r * height / size..<((r + 1) * height + size - 1) / size
          let columns = q * width / size..<((q + 1) * width + size - 1) / size
          for c in 0..<channels {
            var sum = 0.0
            for y in rows { for x in columns { sum += Double(row[(1 + y * width + x) * channels + c]) } }
            out.append(sum / Double(rows.count * columns.count))
          }
        }
      }
      // A tap of one cell is the same for every size.
      return out
    }
  }

  @Test func tapsWithoutSuchTokensAreLeftOutAndNamed() throws {
    var features = TestFeatures(seed: 32)
    let with = TapShape(name: "with", tokens: 3, channels: 2, grid: .init(height: 1, width: 2), prefixTokens: 1)
    let without = TapShape(name: "without", tokens: 3, channels: 2)
    let source = NamedSource(
      name: "s",
      source: try MemorySource(taps: [(with, features.independent(6, 6)), (without, features.independent(6, 6))]))
    var settings = SimilarityTests.settings()
    settings.tokens = .prefix
    let prefix = try Similarity.analyze([source], settings: settings)
    #expect(prefix.rows.count == 1)
    #expect(prefix.notes == ["s: tap without is left out with --tokens prefix: it has no prefix tokens"])
    settings.tokens = .grid(2)
    let grid = try Similarity.analyze([source], settings: settings)
    #expect(grid.rows.count == 1)
    #expect(grid.notes == ["s: tap without is left out with --tokens grid:2: its tokens lie on no grid"])
  }

  @Test func modesReadBackWhatTheyWrite() throws {
    for mode in [TokenMode.flatten, .mean, .prefix, .object, .grid(7)] {
      #expect(try TokenMode(mode.description) == mode)
    }
  }
}
