import Activations
import Analysis
import Foundation
import Results
import Testing

/// Values of `scripts/fixtures/color.py`: numpy's, scipy's and scikit-image's, in double precision.
struct ColorFixtureTests {
  struct Fixture: Decodable {
    struct Features: Decodable {
      let condition: String
      let tap: String
      let metric: String
      let images: [Double]?
      let value: Double?
    }
    struct Hue: Decodable {
      let tap: String
      let metric: String
      let values: [String: Double?]
    }
    struct Recovery: Decodable {
      let condition: String
      let tap: String
      let row: Int
      let region: String
      let values: [String: Double]
    }
    struct Object: Decodable {
      let category: String
      let crowd: Bool
      let pixels: String
    }
    struct Shares: Decodable {
      let condition: String
      let tap: String
      let region: String
      let values: [String: Double]
    }
    let pairings: [[Int]]
    let features: [Features]
    let hue: [Hue]
    let recovery: [Recovery]
    let shares: [Shares]
    let objects: [[Object]?]
  }

  let fixture: Fixture

  init() throws {
    let url = SimilarityFixtureTests.folder.appendingPathComponent("color.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }

  static let path = SimilarityFixtureTests.folder.appendingPathComponent("color.h5").path

  func store(withObjects: Bool = true) throws -> PixelStore {
    let objects = fixture.objects.map { image in
      image?.map { one in
        ObjectMask(category: one.category, isCrowd: one.crowd, pixels: one.pixels.utf8.map { $0 == 0x31 ? 1 : 0 })
      }
    }
    let store = try FeatureStore(path: ColorFixtureTests.path)
    guard withObjects else { return PixelStore(name: "color", store: store) }
    return PixelStore(name: "color", store: store, objects: { row in objects[row] })
  }

  struct Figures {
    var feature: [ImageValue] = []
    var recovery: [ImageValue] = []
  }

  func analyze(
    _ settings: ColorResponse.Settings = ColorResponse.Settings(), withObjects: Bool = true
  ) throws -> (result: ColorResponse.Result, figures: Figures) {
    var figures = Figures()
    var visitor = ColorResponse.Visitor()
    visitor.feature = { figures.feature.append($0) }
    visitor.recovery = { figures.recovery.append($0) }
    let result = try ColorResponse.analyze([store(withObjects: withObjects)], settings: settings, visit: visitor)
    return (result, figures)
  }

  @Test func thePairingsAreThoseOfTheSeed() {
    #expect(ShuffledPairing.several(count: 8, seed: 0).map(\.partners) == fixture.pairings)
    #expect(ShuffledPairing(count: 8, seed: 0).partners == fixture.pairings[0])
    #expect(ShuffledPairing(count: 8, seed: 1).partners != fixture.pairings[0])
    for count in [1, 2, 3, 50] {
      let partners = ShuffledPairing(count: count, seed: 7).partners
      #expect(partners.sorted() == Array(0..<count))
      #expect(count == 1 || partners.enumerated().allSatisfy { $0.offset != $0.element })
    }
  }

  @Test func featuresAgreeWithTheirReference() throws {
    let (result, figures) = try analyze()
    #expect(result.color.count == fixture.features.count)
    for expected in fixture.features {
      let labels = ["color", expected.condition, expected.tap, expected.metric]
      let row = try #require(result.color.first { $0.labels == labels })
      let value = try #require(row.value)
      #expect(row.n == 8)
      if let images = expected.images {
        let own = figures.feature.filter {
          $0.labels[1] == expected.condition && $0.labels[2] == expected.tap && $0.labels[4] == expected.metric
        }
        #expect(own.map { $0.labels[3] } == (0..<8).map { "\($0).png" })
        for (figure, wanted) in zip(own, images) { #expect(abs(figure.value - wanted) < 1e-6, "\(labels)") }
        #expect(abs(value - images.reduce(0, +) / 8) < 1e-6)
      } else {
        #expect(abs(value - (try #require(expected.value))) < 1e-9, "\(labels): \(value)")
      }
      guard row.low != nil || row.high != nil else {
        // Half of the eight images or more have the least or the greatest figure: they do not say how much others differ.
        if let images = expected.images {
          let most = [images.min(), images.max()].map { end in images.count { abs($0 - (end ?? .nan)) < 1e-9 } }.max()
          #expect((most ?? 0) >= 4, "\(labels): \(images)")
        }
        continue
      }
      let (low, high) = (try #require(row.low), try #require(row.high))
      #expect(low <= high)
    }
    // Equal features are equal, and have nothing in common with those of other images.
    func value(_ metric: String) -> Double? {
      result.color.first { $0.labels == ["color", "brightness*1", "embed", metric] }?.value
    }
    #expect(value("relative_l2") == 0)
    #expect(abs((value("cosine") ?? 0) - 1) < 1e-12 && abs((value("cka_debiased") ?? 0) - 1) < 1e-12)
    #expect((value("relative_l2_shuffled") ?? 0) > 0.5)
  }

  @Test func hueCurvesAgreeWithTheirReference() throws {
    let result = try analyze().result
    #expect(result.hue.count == fixture.hue.count * HueStatistic.allCases.count)
    for expected in fixture.hue {
      for statistic in HueStatistic.allCases {
        let labels = ["color", expected.tap, expected.metric, statistic.rawValue]
        let row = try #require(result.hue.first { $0.labels == labels })
        let wanted = try #require(expected.values[statistic.rawValue])
        #expect((row.value == nil) == (wanted == nil), "\(labels)")
        guard let value = row.value, let wanted else { continue }
        // Crossings were searched in steps of 1e-4 degrees.
        #expect(abs(value - wanted) < (statistic.rawValue.hasPrefix("half") ? 2e-4 : 1e-6), "\(labels): \(value)")
        if let low = row.low, let high = row.high { #expect(low <= high, "\(labels)") }
      }
    }
  }

  @Test func recoveredColorsAgreeWithTheirReference() throws {
    let (result, figures) = try analyze()
    var compared: [String: Int] = [:]
    for expected in fixture.recovery {
      let own = figures.recovery.filter {
        $0.labels[0..<5] == ["color", expected.condition, expected.tap, "\(expected.row).png", expected.region]
      }
      let values = Dictionary(
        uniqueKeysWithValues: own.filter { RecoveryMetric(rawValue: $0.labels[5])?.isShared == false }
          .map { ($0.labels[5], $0.value) })
      #expect(values.keys.sorted() == expected.values.keys.sorted(), "\(expected)")
      for (metric, wanted) in expected.values {
        compared[metric, default: 0] += 1
        let value = try #require(values[metric])
        // Colours in single precision; the hue difference is the root of a difference.
        let tolerance = metric == "hue_difference" || metric == "hue_angle" ? 1e-3 : 2e-4
        #expect(abs(value - wanted) < tolerance, "\(metric) of \(expected): \(value)")
      }
    }
    #expect(compared.count == 10 && compared.values.allSatisfy { $0 > 20 }, "\(compared)")
    for row in result.recovery where !row.labels[4].hasSuffix("_shuffled") {
      let own = figures.recovery.filter {
        $0.labels[1] == row.labels[1] && $0.labels[2] == row.labels[2] && $0.labels[4...] == row.labels[3...]
      }
      #expect(own.count == row.n)
      let mean = own.map(\.value).reduce(0, +) / Double(row.n)
      #expect(abs(mean - (row.value ?? .nan)) <= 1e-9 * max(1, abs(mean)))
    }
    #expect(
      result.notes
        == ["brightness*1", "hue+60"].map {
          "recovery.csv has nothing of color under \($0): there are no reconstructions"
        } + [
          "shown, usual, other and fit have no value in some regions of color under hue+180: the shown and the original "
            + "colours lie too close to one line to be told apart"
        ]
        + ["hue+240", "hue+315"].map {
          "recovery.csv has nothing of color under \($0): there are no reconstructions"
        })
  }

  /// numpy's least squares over the pixels of all images; baselines by putting every other image's reconstruction in the place.
  @Test func sharesOfColorAgreeWithTheirReference() throws {
    let result = try analyze().result
    var compared: [String: Int] = [:]
    for expected in fixture.shares {
      let rows = result.recovery.filter { row in
        let metric = row.labels[4]
        return row.labels[0..<4] == ["color", expected.condition, expected.tap, expected.region]
          && RecoveryMetric(rawValue: MetricDefinition.unshuffled(metric) ?? metric)?.isShared == true
      }
      #expect(rows.map { $0.labels[4] }.sorted() == expected.values.keys.sorted(), "\(expected)")
      for row in rows {
        compared[row.labels[4], default: 0] += 1
        let (value, wanted) = (try #require(row.value), try #require(expected.values[row.labels[4]]))
        #expect(abs(value - wanted) < 1e-4, "\(row)")
        // Images whose objects are not known, or that have none, have the whole image alone.
        #expect(row.n == (expected.region == "image" ? 8 : expected.region == "background" ? 7 : 6), "\(row)")
        let (low, high) = (try #require(row.low), try #require(row.high))
        #expect(low <= high)
      }
    }
    #expect(compared.count == 9 && compared.values.allSatisfy { $0 >= 8 }, "\(compared)")
    // A turn by half the circle puts both colours on one line: no shares of the two, but one of the change.
    let turned = fixture.shares.filter { $0.condition == "hue+180" && $0.region == "image" }
    #expect(turned.count == 2 && turned.allSatisfy { $0.values["shown"] == nil && $0.values["carried"] != nil })
  }

  /// The share that is carried was 0.9 at the one tap and 0.2 at the other.
  @Test func carriedColorIsToldFromOtherColor() throws {
    let result = try analyze().result
    func value(_ tap: String, _ metric: String) throws -> Double {
      let row = result.recovery.first { $0.labels == ["color", "hue+120", tap, "image", metric] }
      return try #require(row?.value)
    }
    #expect(try value("embed", "carried") > 0.55 && value("embed", "usual") < 0.2)
    #expect(try value("deep", "carried") < 0.15 && value("deep", "shown") < 0.15)
    #expect(try value("deep", "other") > value("embed", "other") + 0.2)
  }

  /// The same images, draws and kernels as `analyze similarity` has.
  @Test func intervalsOfAlignmentAreThoseOfSimilarity() throws {
    var settings = ColorResponse.Settings()
    settings.selection.conditions = ["hue+120", "gray"]
    settings.selection.bootstrap = 60
    settings.selection.seed = 3
    let result = try analyze(settings).result
    let file = try FeatureStore(path: ColorFixtureTests.path)
    var others = Similarity.Settings()
    others.measures = [.ckaLinear]
    others.selection.seed = 3
    let similarity = try Similarity.analyze(
      ["original", "hue+120"].map { NamedSource(name: $0, source: try StoreSource(file, condition: $0)) },
      settings: others)
    for tap in ["embed", "deep"] {
      let row = try #require(result.color.first { $0.labels == ["color", "hue+120", tap, "cka_debiased"] })
      let other = try #require(
        similarity.rows.first {
          $0.a == .init(store: "original", tap: tap) && $0.b == .init(store: "hue+120", tap: tap)
        })
      for (a, b) in [(row.value, other.value), (row.low, other.low), (row.high, other.high)] {
        #expect(abs((a ?? .nan) - (b ?? 0)) < 1e-12)
      }
    }
  }

  @Test func blocksAndThreadsChangeNothing() throws {
    let whole = try analyze()
    var settings = ColorResponse.Settings()
    settings.memoryLimit = 1
    settings.selection.threads = 1
    let small = try analyze(settings)
    #expect(small.figures.feature == whole.figures.feature && small.figures.recovery == whole.figures.recovery)
    #expect(small.result.recovery == whole.result.recovery)
    for (a, b) in zip(small.result.color, whole.result.color) {
      #expect(a.labels == b.labels && abs((a.value ?? 9) - (b.value ?? 9)) < 1e-12)
    }
  }

  @Test func withoutMasksOnlyWholeImagesAreMeasured() throws {
    let result = try analyze(withObjects: false).result
    #expect(Set(result.recovery.map { $0.labels[3] }) == ["image"])
    #expect(
      result.notes.first
        == "recovery.csv looks at whole images of color: give a COCO instances JSON with --annotations to tell objects, "
        + "the ring around them and the background apart")
  }

  /// A store of reconstructions has the features of the store that it was made of.
  @Test func featuresThatRepeatAreMeasuredOnce() throws {
    let (whole, part) = (try store(), try store())
    func named(_ name: String, _ store: PixelStore) -> PixelStore {
      PixelStore(name: name, store: store.store, objects: store.objects)
    }
    let both = try ColorResponse.analyze([named("first", whole), named("second", part)])
    #expect(Set(both.color.map { $0.labels[0] }) == ["first"] && Set(both.hue.map { $0.labels[0] }) == ["first"])
    #expect(Set(both.recovery.map { $0.labels[0] }) == ["first", "second"])
    #expect(
      both.notes.contains(
        "color.csv and hue.csv have nothing of second: its features are those of first, number by number"))
  }

  @Test func whatCannotBeMeasuredIsRefused() throws {
    func refusal(_ change: (inout ColorResponse.Settings) -> Void, store: String = "color") throws -> String {
      var settings = ColorResponse.Settings()
      change(&settings)
      let path = SimilarityFixtureTests.folder.appendingPathComponent(store + ".h5").path
      do {
        _ = try ColorResponse.analyze(
          [PixelStore(name: store, store: try FeatureStore(path: path))], settings: settings)
        return "nothing"
      } catch let error as AnalysisError {
        return error.description.replacing(SimilarityFixtureTests.folder.path + "/", with: "")
      }
    }
    #expect(
      try refusal({ _ in }, store: "ordinary")
        == "ordinary.h5 holds the original images only; make more with palimpsest extract --conditions, such as "
        + "red,green,blue")
    #expect(
      try refusal { $0.selection.conditions = ["red"] }
        == "color.h5 has no condition 'red'; it has brightness*1, gray, hue+60, hue+120, hue+180, hue+240, hue+315")
    #expect(try refusal { $0.selection.taps = ["block.1"] } == "color.h5 has no tap 'block.1'; it has embed, deep")
    #expect(
      try refusal { $0.selection.conditions = ["original"] }
        == "the original alone has nothing to be compared with; name brightness*1, gray, hue+60, hue+120, hue+180, "
        + "hue+240, hue+315")
  }
}
