import Activations
import Analysis
import Foundation
import Results
import Testing

/// Prototypes and colour from products of columns: against numpy (`scripts/fixtures/moments.py`), and against products of all pairs of images.
@Suite struct ClassMomentsTests {
  struct Fixture: Decodable {
    struct Tap: Decodable {
      let cka: Double
      let low: Double
      let high: Double
      let shuffled: Double
      let values: [String: Double]
      let intervals: [String: [Double]]
      let images: [String: [Double]]
      let medoids: [String]
    }

    let taps: [String: Tap]
  }

  private let fixture: Fixture

  init() throws {
    fixture = try JSONDecoder().decode(
      Fixture.self, from: Data(contentsOf: SimilarityFixtureTests.folder.appendingPathComponent("classes.json")))
  }

  private static func store(_ name: String = "classes") throws -> FeatureStore {
    try FeatureStore(path: SimilarityFixtureTests.folder.appendingPathComponent(name + ".h5").path)
  }

  private func prototypes(
    _ usesMoments: Bool?, _ name: String = "classes", permutations: Int = 0
  ) throws -> (result: Prototypes.Result, figures: [ImageValue]) {
    var settings = Prototypes.Settings()
    settings.usesMoments = usesMoments
    settings.permutations = permutations
    var figures: [ImageValue] = []
    let result = try Prototypes.analyze(
      [("toy", try Self.store(name))], settings: settings, visit: { figures.append($0) })
    return (result, figures)
  }

  @Test func prototypesAreNumpys() throws {
    let (result, figures) = try prototypes(true)
    #expect(result.way == "moments")
    for (name, tap) in fixture.taps {
      for (metric, expected) in tap.values {
        let row = try #require(result.rows.first { $0.labels == ["toy", name, metric] })
        #expect(abs(try #require(row.value) - expected) < 1e-10, "\(row)")
        guard let interval = tap.intervals[metric] else { continue }
        let (low, high) = (try #require(row.low), try #require(row.high))
        #expect(abs(low - interval[0]) < 1e-9 && abs(high - interval[1]) < 1e-9, "\(row)")
      }
      for (metric, expected) in tap.images {
        let own = figures.filter { $0.labels[1] == name && $0.labels[4] == metric }.map(\.value)
        #expect(own.count == expected.count)
        for (value, expected) in zip(own, expected) { #expect(abs(value - expected) < 1e-9, "\(name) \(metric)") }
      }
      #expect(result.medoids.filter { $0.tap == name }.map(\.path) == tap.medoids)
    }
  }

  /// Few images, whose products of pairs are in double precision too: every row, also of shuffled labels and of tied distances.
  @Test func bothWaysSayTheSame() throws {
    let (moments, kernels) = (
      try prototypes(true, "prototypes", permutations: 40), try prototypes(false, "prototypes", permutations: 40)
    )
    #expect(moments.result.way == "moments" && kernels.result.way == "kernels")
    #expect(moments.result.rows.count == kernels.result.rows.count && !moments.result.classRows.isEmpty)
    let rows = zip(
      moments.result.rows + moments.result.classRows, kernels.result.rows + kernels.result.classRows)
    for (a, b) in rows {
      #expect(a.labels == b.labels && a.n == b.n)
      for (x, y) in [(a.value, b.value), (a.low, b.low), (a.high, b.high)] {
        #expect((x == nil) == (y == nil) && abs((x ?? 0) - (y ?? 0)) < 1e-10, "\(a) \(b)")
      }
    }
    #expect(moments.result.medoids.map(\.path) == kernels.result.medoids.map(\.path))
    #expect(moments.figures.map(\.labels) == kernels.figures.map(\.labels))
    #expect(zip(moments.figures, kernels.figures).allSatisfy { abs($0.value - $1.value) < 1e-9 })
  }

  @Test func pairsOfASampleStandForAll() {
    // A few large classes and a small one, out of order.
    let labels = (0..<1200).map { $0 % 7 == 0 ? ($0 % 3 == 0 ? 2 : 0) : 1 }
    let counts = (0..<3).map { label in labels.count { $0 == label } }
    for most in [64, 100, 1199, 1200] {
      let sample = ClassPairSample(labels: labels, counts: counts, seed: 3, most: most)
      var (all, touching) = (0.0, [0.0, 0, 0])
      for group in sample.groups {
        for (place, i) in group.images.enumerated() {
          for j in group.images[(place + 1)...] {
            guard let weights = group.weights(labels[i], labels[j]) else { continue }
            all += weights.all
            touching[labels[i]] += weights.first
            if labels[i] != labels[j] { touching[labels[j]] += weights.second }
          }
        }
      }
      #expect(abs(all - Double(1200 * 1199 / 2)) < 1e-6 * all, "\(most)")
      for label in 0..<3 {
        let (own, others) = (Double(counts[label]), Double(1200 - counts[label]))
        #expect(abs(touching[label] - own * (own - 1) / 2 - own * others) < 1e-6 * all, "\(most) \(label)")
      }
    }
  }

  // MARK: Colour

  private func color(_ usesMoments: Bool?, path: String) throws -> ColorResponse.Result {
    var settings = ColorResponse.Settings()
    settings.usesMoments = usesMoments
    settings.selection.bootstrap = 300
    return try ColorResponse.analyze(
      [PixelStore(name: "color", store: try FeatureStore(path: path))], settings: settings)
  }

  private static var path: String { SimilarityFixtureTests.folder.appendingPathComponent("classes.h5").path }

  @Test func alignmentIsNumpys() throws {
    let result = try color(nil, path: Self.path)
    #expect(result.way == "moments")
    for (name, tap) in fixture.taps {
      let row = try #require(result.color.first { $0.labels == ["color", "gray", name, "cka_debiased"] })
      #expect(abs(try #require(row.value) - tap.cka) < 1e-10, "\(row)")
      let (low, high) = (try #require(row.low), try #require(row.high))
      #expect(abs(low - tap.low) < 1e-9 && abs(high - tap.high) < 1e-9, "\(row)")
      let shuffled = try #require(result.color.first { $0.labels == ["color", "gray", name, "cka_debiased_shuffled"] })
      #expect(abs(try #require(shuffled.value) - tap.shuffled) < 1e-10, "\(shuffled)")
    }
  }

  /// Hue curves too; replicates leave out what two images say only together, so that their intervals are near.
  @Test func conditionsSayTheSame() throws {
    let (moments, kernels) = (
      try color(true, path: ColorFixtureTests.path), try color(false, path: ColorFixtureTests.path)
    )
    #expect(moments.way == "moments" && kernels.way == "kernels")
    #expect(moments.color.count == kernels.color.count && !moments.hue.isEmpty)
    for (a, b) in zip(moments.color, kernels.color) {
      #expect(a.labels == b.labels)
      for (x, y) in [(a.value, b.value), (a.low, b.low), (a.high, b.high)] {
        #expect((x == nil) == (y == nil) && abs((x ?? 0) - (y ?? 0)) < 1e-9, "\(a) \(b)")
      }
    }
    for (a, b) in zip(moments.hue, kernels.hue) {
      #expect(a.labels == b.labels && abs((a.value ?? 0) - (b.value ?? 0)) < 1e-9, "\(a) \(b)")
    }
  }

  // MARK: Memory

  @Test func whatNeedsMoreMemoryIsRefusedBeforeItIsRead() throws {
    var settings = Prototypes.Settings()
    settings.selection.memory = 1 << 20
    let error = #expect(throws: AnalysisError.self) {
      try Prototypes.analyze([("toy", try Self.store())], settings: settings)
    }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.hasPrefix("prototypes (toy, tap deep, 300 images) needs about "), "\(text)")
    #expect(text.contains(" and may take 1.0 MiB: give more with --memory"), "\(text)")
    settings.selection.memory = 1 << 30
    #expect(try Prototypes.analyze([("toy", try Self.store())], settings: settings).images == [300])
    var color = ColorResponse.Settings()
    color.selection.memory = 1 << 20
    #expect(throws: AnalysisError.self) {
      try ColorResponse.analyze([PixelStore(name: "c", store: try Self.store())], settings: color)
    }
    var similarity = Similarity.Settings()
    similarity.selection.memory = 1 << 20
    #expect(throws: AnalysisError.self) {
      try Similarity.analyze(
        [NamedSource(name: "c", source: try StoreSource(Self.store()))], settings: similarity)
    }
  }
}
