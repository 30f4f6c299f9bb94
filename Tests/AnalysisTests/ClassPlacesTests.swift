import Activations
import Analysis
import Foundation
import Results
import Testing
import Torch

/// A detector's classes at places, against values of `scripts/fixtures/places.py`: numpy and scikit-image.
struct ClassPlacesTests {
  struct Fixture: Decodable {
    struct Place: Decodable {
      let name: String
      let box: [Double]
      let query: Int
    }
    struct Value: Decodable {
      let `class`: String
      let place: String
      let changeInside: Double
      let changeOutside: Double
      let changeShareInside: Double?
      let classDifference: Double

      subscript(metric: ClassPlaces.Metric) -> Double? {
        switch metric {
        case .changeInside: changeInside
        case .changeOutside: changeOutside
        case .changeShareInside: changeShareInside
        case .classDifference: classDifference
        case .foundOverlap: nil
        }
      }
    }
    let rows: Int
    let columns: Int
    let width: Double
    let height: Double
    let classes: [Int]
    let names: [String]
    let places: [Place]
    let meanBoxes: [[Double]]
    let pictureNames: [String]
    let values: [Value]
  }

  let fixture: Fixture
  let store: FeatureStore

  init() throws {
    let folder = SimilarityFixtureTests.folder
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    fixture = try decoder.decode(
      Fixture.self, from: Data(contentsOf: folder.appendingPathComponent("places.json")))
    store = try FeatureStore(path: folder.appendingPathComponent("places.h5").path)
  }

  private var settings: ClassPlaces.Settings {
    var settings = ClassPlaces.Settings()
    (settings.rows, settings.columns) = (fixture.rows, fixture.columns)
    (settings.width, settings.height) = (fixture.width, fixture.height)
    return settings
  }

  private func close(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  @Test func classesAndQueriesAreThoseOfTheStore() throws {
    #expect(try ClassPlaces.isDetector(store))
    let sweep = try ClassPlaces(store, settings: settings)
    #expect(sweep.classes.map(\.number) == fixture.classes && sweep.classes.map(\.name) == fixture.names)
    #expect(sweep.places.map(\.name) == fixture.places.map(\.name))
    #expect(sweep.places.map(\.query) == fixture.places.map(\.query))
    for (place, expected) in zip(sweep.places, fixture.places) {
      let box = place.box
      #expect(close([box.centerX, box.centerY, box.width, box.height], expected.box), "\(place)")
    }
    #expect(sweep.rows.map(\.name) == fixture.pictureNames)
  }

  /// One query says the class and the box, the others that there is nothing, each where it usually looks.
  @Test func activationsSayOneObjectEach() throws {
    let sweep = try ClassPlaces(store, settings: settings)
    let (scores, boxes) = (sweep.scores(), sweep.boxes())
    let (queries, width) = (fixture.meanBoxes.count, sweep.shapes.scores.channels)
    #expect(sweep.shapes.boxes.channels == 4 && sweep.shapes.boxes.tokens == queries && width == 6)
    #expect(scores.count == sweep.rows.count * queries * width && boxes.count == sweep.rows.count * queries * 4)
    for (number, row) in sweep.rows.enumerated() {
      for query in 0..<queries {
        let at = number * queries + query
        let own = Array(scores[at * width..<(at + 1) * width])
        let shown = row.place.flatMap { place in sweep.places[place.place].query == query ? place : nil }
        let said = shown.map { fixture.classes[$0.label] } ?? width - 1
        #expect(own.indices.allSatisfy { own[$0] == ($0 == said ? 1 : 0) }, "\(row.name), query \(query)")
        let box = boxes[at * 4..<at * 4 + 4].map { Double($0) }
        #expect(close(box, shown.map { fixture.places[$0.place].box } ?? fixture.meanBoxes[query]), "\(row.name)")
      }
    }
  }

  @Test func picturesAreMeasured() throws {
    let sweep = try ClassPlaces(store, settings: settings)
    let back = try FeatureStore(path: SimilarityFixtureTests.folder.appendingPathComponent("places-back.h5").path)
    var figures: [ImageValue] = []
    let rows = try sweep.measure(name: "detr", back, visit: { figures.append($0) })
    // One picture shows no change, of which no share lies anywhere.
    #expect(figures.count == fixture.values.count * 4 - 1)
    for value in fixture.values {
      for metric in ClassPlaces.Metric.allCases {
        let labels = [value.class, value.place, metric.rawValue]
        let got = figures.first { [$0.labels[1], $0.labels[2], $0.labels[8]] == labels }
        guard let wanted = value[metric] else {
          #expect(got == nil)
          continue
        }
        let figure = try #require(got, "\(value)")
        #expect(abs(figure.value - wanted) < 2e-4, "\(value), \(metric): \(figure.value)")
      }
    }
    #expect(TableDefinition.placementImages.columns.count == figures[0].labels.count + 1)
    #expect(figures[0].labels.prefix(8) == ["detr", "bee", "1-1", "5", "0.2", "0.25", "0.4", "0.25"])
    for label in fixture.names + [ClassPlaces.allClasses] {
      let own = fixture.values.filter { $0.class == label || label == ClassPlaces.allClasses }
      for metric in ClassPlaces.Metric.allCases where metric != .foundOverlap {
        let row = try #require(rows.first { $0.labels == ["detr", label, metric.rawValue] })
        let values = own.compactMap { $0[metric] }
        #expect(row.n == values.count)
        let mean = values.reduce(0, +) / Double(values.count)
        #expect(abs((row.value ?? .nan) - mean) < 2e-4, "\(label) \(metric)")
        // Places are a fixed grid and no sample.
        #expect(row.low == nil && row.high == nil)
      }
    }
    #expect(rows.count == 16)
  }

  /// A detector that finds class 4 where the first place is, whatever it sees, and something else it has no doubt about.
  final class FixedDetector: ObservingModel {
    let taps: Set<String> = ["logits", "boxes"]
    let classTap: String? = nil
    let detectionTaps: (scores: String, boxes: String)? = ("logits", "boxes")
    var shown = 0
    /// Rows in which it finds what is no number.
    var broken: Set<Int> = []

    func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor] {
      shown += rows.count
      let scores: [Float] = [0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 0, 0]
      let boxes: [Float] = [0.2, 0.25, 0.4, 0.25, 0.5, 0.5, 1, 1]
      return [
        "logits": try Tensor(rows.flatMap { _ in scores }, shape: [rows.count, 2, 6]),
        "boxes": try Tensor(
          rows.flatMap { broken.contains($0) ? boxes.map { _ in .nan } : boxes }, shape: [rows.count, 2, 4]),
      ]
    }
  }

  @Test func theDetectorIsAskedWhatItFinds() throws {
    let sweep = try ClassPlaces(store, settings: settings)
    let back = try FeatureStore(path: SimilarityFixtureTests.folder.appendingPathComponent("places-back.h5").path)
    let model = FixedDetector()
    var found: [[String]: Double] = [:]
    let rows = try sweep.measure(
      name: "detr", back, model: model,
      visit: { if $0.labels[8] == "found_iou" { found[[$0.labels[1], $0.labels[2]]] = $0.value } })
    #expect(model.shown == 18 && found.count == 18)
    #expect(found.filter { $0.key[0] != "elk" }.values.allSatisfy { $0 == 0 })
    #expect(abs((found[["elk", "1-1"]] ?? 0) - 1) < 1e-6)
    // Boxes of 0.4 whose centres are 0.3 apart share a quarter of each.
    #expect(abs((found[["elk", "1-2"]] ?? 0) - 1.0 / 7) < 1e-6)
    #expect(found[["elk", "2-1"]] == 0)
    let row = try #require(rows.first { $0.labels == ["detr", "elk", "found_iou"] })
    #expect(row.n == 6 && abs((row.value ?? 0) - (1 + 1.0 / 7) / 6) < 1e-6)
  }

  @Test func aPictureThatTheDetectorCannotJudgeIsLeftOutAndSaid() throws {
    let sweep = try ClassPlaces(store, settings: settings)
    let back = try FeatureStore(path: SimilarityFixtureTests.folder.appendingPathComponent("places-back.h5").path)
    let model = FixedDetector()
    model.broken = [4, 9]
    var notes: [String] = []
    let rows = try sweep.measure(name: "detr", back, model: model, note: { notes.append($0) })
    #expect(rows.first { $0.labels == ["detr", "all", "found_iou"] }?.n == 16)
    #expect(
      notes == [
        "found_iou of detr: 2 of 18 pictures are left out because the model gives numbers that are not finite for them, the "
          + "first: \(sweep.rows[4].name); check its weights with palimpsest verify"
      ])
  }

  @Test func namedClassesAreShownAndUnknownOnesRefused() throws {
    var settings = settings
    settings.classes = ["dog", "0"]
    #expect(try ClassPlaces(store, settings: settings).classes.map(\.name) == ["dog", "ant"])
    func refusal() throws -> String? {
      do {
        _ = try ClassPlaces(store, settings: settings)
        return nil
      } catch let error as AnalysisError {
        return error.description.replacing(SimilarityFixtureTests.folder.path + "/", with: "")
      }
    }
    settings.classes = ["cat"]
    #expect(
      try refusal() == "the model of places.h5 has no class 'cat'; it has ant, bee, cow/bull, dog, elk")
    settings.classes = nil
    settings.confidence = 0.99999
    #expect(
      try refusal()
        == "the model finds nothing with a confidence above 0.99999 in the images of places.h5, so there is no class to "
        + "show; name some with --classes")
  }

  @Test func otherStoresAreNoDetectors() throws {
    for name in ["ordinary", "places-back"] {
      let other = try FeatureStore(path: SimilarityFixtureTests.folder.appendingPathComponent(name + ".h5").path)
      #expect(try !ClassPlaces.isDetector(other))
    }
    #expect(try !ClassPlaces.isDetector(store, condition: "red"))
  }
}
