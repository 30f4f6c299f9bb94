import Activations
import Analysis
import Foundation
import Results
import Testing

/// Prototypes against values of `scripts/fixtures/prototypes.py`: numpy's and scikit-learn's, in double precision.
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

      let separability: Double
      let withinSpread: [Double]
      let nearestAccuracy: [Double]
      let silhouette: [Double]
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
    decoder.keyDecodingStrategy = .convertFromSnakeCase
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
    #expect(result.notes == ["toy: 1 class has a single image and no prototype"])
    let classes = try Prototypes.classes(of: store, settings: .init())
    #expect(classes == ["cat", "dog", "owl"])
    for (name, tap) in fixture.taps {
      func value(_ metric: String) throws -> EstimateRow {
        try #require(result.rows.first { $0.labels == ["toy", name, metric] }, "\(name) \(metric)")
      }
      #expect(near(try #require(value("separability").value), tap.separability), "\(name)")
      for (metric, expected) in [
        ("within_spread", tap.withinSpread), ("nearest_accuracy", tap.nearestAccuracy),
        ("silhouette", tap.silhouette),
      ] {
        let mean = expected.reduce(0, +) / Double(expected.count)
        let row = try value(metric)
        #expect(near(try #require(row.value), mean), "\(name) \(metric)")
        let (low, high) = (try #require(row.low), try #require(row.high))
        #expect(low <= mean && mean <= high && row.n == 24)
        for (path, expected) in zip(fixture.paths, expected) {
          let own = try #require(figures.first { $0.key[1] == name && $0.key[2] == path && $0.key[4] == metric }?.value)
          #expect(near(own, expected, 1e-5), "\(name) \(metric) \(path)")
        }
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
        "has no labels to make prototypes of; make it with palimpsest extract --labels FILE (a CSV path,label) or"
          + " --annotations FILE") == true)
    var settings = Prototypes.Settings()
    settings.limit = 2
    #expect(throws: AnalysisError.self) { _ = try Prototypes.analyze([("toy", store)], settings: settings) }
    settings = Prototypes.Settings()
    settings.taps = ["blok.1"]
    let unknown = #expect(throws: AnalysisError.self) {
      _ = try Prototypes.analyze([("toy", store)], settings: settings)
    }
    #expect(unknown.map { "\($0)".hasSuffix("has no tap 'blok.1'; it has embed, block.0, block.1") } == true)
  }
}
