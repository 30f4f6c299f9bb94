import Activations
import Analysis
import Formats
import Foundation
import Results
import Testing

/// Prototypes against values of `scripts/fixtures/prototypes.py`: numpy's and scipy's, in double precision.
@Suite struct PrototypeTests {
  struct Fixture: Decodable {
    struct Tap: Decodable {
      struct Medoid: Decodable {
        let path: String
        let distance: Double

        init(from decoder: any Decoder) throws {
          var fields = try decoder.unkeyedContainer()
          path = try fields.decode(String.self)
          distance = try fields.decode(Double.self)
        }
      }

      let values: [String: Double]
      let intervals: [String: [Double]]
      let classIntervals: [String: [Double]]
      let images: [String: [Double]]
      let medoids: [String: Medoid]
      let means: [String: [Double]]
    }

    let paths: [String]
    let taps: [String: Tap]
  }

  let fixture: Fixture
  let store: FeatureStore

  init() throws {
    let folder = SimilarityFixtureTests.folder
    let decoder = JSONDecoder()
    fixture = try decoder.decode(
      Fixture.self, from: Data(contentsOf: folder.appendingPathComponent("prototypes.json")))
    store = try FeatureStore(path: folder.appendingPathComponent("prototypes.h5").path)
  }

  private func near(_ a: Double, _ b: Double, _ tolerance: Double = 1e-6) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(b))
  }

  @Test func everyFigureIsTheReferences() throws {
    var figures: [[String]: Double] = [:]
    var means: [String: [Float]] = [:]
    let result = try Prototypes.analyze(
      [("toy", store)], visit: { figures[$0.labels] = $0.value }, keep: { means[$1.name] = $2 })
    #expect(result.images == [24])
    #expect(result.leftOut.map(\.reason) == ["it has no label"])
    #expect(
      result.notes == [
        "toy: 1 class has a single image and no prototype",
        "toy: no intervals of the spread of small classes, for 1 class has fewer than 8 images",
        "every image of toy has the same features at constant, which therefore has no values",
      ])
    let classes = try Prototypes.classes(of: store, settings: .init())
    #expect(classes == ["cat", "dog", "owl"])
    for (name, tap) in fixture.taps {
      for (metric, expected) in tap.values {
        let row = try #require(result.rows.first { $0.labels == ["toy", name, metric] }, "\(name) \(metric)")
        #expect(near(try #require(row.value), expected), "\(name) \(metric)")
        #expect(row.n == 24)
        if metric == "nearest_accuracy" || metric == "silhouette" {
          #expect(row.low == nil && row.high == nil)
        } else {
          let (interval, low, high) = try (
            #require(tap.intervals[metric]), #require(row.low), #require(row.high)
          )
          #expect(near(low, interval[0]) && near(high, interval[1]), "\(row)")
        }
      }
      for (metric, expected) in tap.images {
        for (path, expected) in zip(fixture.paths, expected) {
          let own = try #require(figures.first { $0.key[1] == name && $0.key[2] == path && $0.key[4] == metric }?.value)
          #expect(near(own, expected, 1e-5), "\(name) \(metric) \(path)")
        }
      }
      #expect(Set(tap.classIntervals.keys) == ["dog", "owl"])
      let small = try #require(result.classRows.first { $0.labels == ["toy", name, "cat", "within_spread"] })
      #expect(small.value != nil && small.low == nil && small.high == nil)
      for (label, interval) in tap.classIntervals {
        let row = try #require(result.classRows.first { $0.labels == ["toy", name, label, "within_spread"] })
        let (low, high) = try (#require(row.low), #require(row.high))
        #expect(near(low, interval[0]) && near(high, interval[1]), "\(row)")
        let other = try #require(result.classRows.first { $0.labels == ["toy", name, label, "silhouette"] })
        #expect(other.low == nil && other.high == nil)
      }
      for (label, medoid) in tap.medoids {
        let own = try #require(result.medoids.first { $0.tap == name && $0.label == label })
        #expect(own.path == medoid.path && near(own.distance, medoid.distance, 1e-5), "\(name) \(label)")
      }
      let own = try #require(means[name])
      for (place, label) in classes.enumerated() {
        let expected = try #require(tap.means[label])
        #expect(expected.enumerated().allSatisfy { near(Double(own[place * 30 + $0]), $1, 1e-6) })
      }
    }
  }

  /// No number comes of nothing: a tap that is the same for every image has neither values nor medoids, whatever was read before.
  @Test(arguments: [["constant"], ["block.1", "constant"]]) func aConstantTapHasNoValues(taps: [String]) throws {
    var settings = Prototypes.Settings()
    settings.selection.taps = taps
    settings.permutations = 3
    var figures: [ImageValue] = []
    let result = try Prototypes.analyze([("toy", store)], settings: settings, visit: { figures.append($0) })
    let rows = result.rows.filter { $0.labels[1] == "constant" }
    #expect(rows.count == 2 * Prototypes.Metric.allCases.count)
    #expect(rows.allSatisfy { $0.value == nil && $0.low == nil && $0.high == nil })
    #expect(!figures.contains { $0.labels[1] == "constant" })
    #expect(
      !result.medoids.contains { $0.tap == "constant" } && !result.classRows.contains { $0.labels[1] == "constant" })
  }

  /// What classes that mean nothing come to, whatever their sizes: 1/k, 1 and 0.
  @Test func shuffledLabelsAreAtChance() throws {
    var settings = Prototypes.Settings()
    settings.permutations = 300
    settings.selection.taps = ["embed", "block.1", "levels"]
    let result = try Prototypes.analyze([("toy", store)], settings: settings)
    for tap in ["embed", "block.1", "levels"] {
      func baseline(_ metric: String) throws -> Double {
        try #require(result.rows.first { $0.labels == ["toy", tap, metric + "_shuffled"] }?.value)
      }
      // Over 300 shufflings of 24 images the mean scatters by less than 0.01.
      #expect(abs(try baseline("nearest_accuracy") - 1.0 / 3) < 0.03, "\(tap)")
      #expect(abs(try baseline("within_spread") - 1) < 0.01, "\(tap)")
      #expect(abs(try baseline("separability_adjusted")) < 0.02, "\(tap)")
      #expect(abs(try baseline("separability") - 2.0 / 23) < 0.02, "\(tap)")
    }
  }

  /// Where features know nothing of the classes, the labels do as well as shuffled ones; where they do, better than all.
  @Test func labelsAreComparedWithShuffledOnes() throws {
    let result = try Prototypes.analyze([("toy", store)])
    func row(_ tap: String, _ metric: String) throws -> EstimateRow {
      try #require(result.rows.first { $0.labels == ["toy", tap, metric] })
    }
    for metric in Prototypes.Metric.allCases.map(\.rawValue) {
      let (own, null) = (try row("embed", metric), try row("embed", metric + MetricDefinition.shuffledSuffix))
      let (low, high) = (try #require(null.low), try #require(null.high))
      let spread = high - low
      #expect(try #require(own.value) > low - spread && #require(own.value) < high + spread, "\(metric)")
    }
    for metric in ["separability", "nearest_accuracy", "silhouette"] {
      let null = try row("block.1", metric + MetricDefinition.shuffledSuffix)
      #expect(try #require(row("block.1", metric).value) > #require(null.high), "\(metric)")
    }
    #expect(
      try #require(row("block.1", "within_spread").value)
        < #require(row("block.1", "within_spread" + MetricDefinition.shuffledSuffix).low))
    // Again the same.
    #expect(try Prototypes.analyze([("toy", store)]).rows == result.rows)
  }

  @Test func whatIsMissingIsSaid() throws {
    let minimal = try FeatureStore(
      path: SimilarityFixtureTests.folder.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("ActivationsTests/Fixtures/minimal.h5").path)
    let error = #expect(throws: AnalysisError.self) { _ = try Prototypes.analyze([("minimal", minimal)]) }
    #expect(
      error.map { "\($0)" }?.hasSuffix(
        "has no labels to make prototypes of; make it with palimpsest extract --labels FILE (a CSV of path,label, as"
          + " palimpsest scenes writes it), or with --annotations FILE where each image has objects of one category alone"
      )
        == true)
    var settings = Prototypes.Settings()
    settings.selection.images = .first(2)
    #expect(throws: AnalysisError.self) { _ = try Prototypes.analyze([("toy", store)], settings: settings) }
    settings = Prototypes.Settings()
    settings.selection.images = .first(0)
    #expect(throws: AnalysisError(.badInput, "prototypes needs at least 1 image, the limit is 0")) {
      _ = try Prototypes.analyze([("toy", store)], settings: settings)
    }
    settings = Prototypes.Settings()
    settings.selection.taps = ["blok.1"]
    let unknown = #expect(throws: AnalysisError.self) {
      _ = try Prototypes.analyze([("toy", store)], settings: settings)
    }
    #expect(
      unknown.map { "\($0)".hasSuffix("has no tap 'blok.1'; it has block.0, block.1, constant, embed, levels") } == true
    )
  }
}
