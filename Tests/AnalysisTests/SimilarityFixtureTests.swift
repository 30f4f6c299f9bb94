import Activations
import Analysis
import Foundation
import Testing

/// Values of `scripts/fixtures/similarity.py`, computed in double precision from stores written by h5py.
struct SimilarityFixtureTests {
  struct Comparison: Decodable, Sendable {
    let storeA: String
    let tapA: String
    let storeB: String
    let tapB: String
    let tokens: String
    let measure: String
    let estimator: String
    let fraction: Double?
    let batch: Int?
    let low: Double?
    let high: Double?
    let n: Int
    let value: Double?
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

  static func store(_ name: String) throws -> StoreSource {
    try StoreSource(FeatureStore(path: folder.appendingPathComponent(name + ".h5").path))
  }

  static func comparisons() throws -> [Comparison] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      [Comparison].self, from: Data(contentsOf: folder.appendingPathComponent("similarity.json")))
  }

  /// The row of the two taps of a comparison.
  static func row(_ comparison: Comparison, stores: [String: StoreSource]) throws -> Similarity.Row? {
    guard let a = stores[comparison.storeA], let b = stores[comparison.storeB] else { return nil }
    var settings = Similarity.Settings()
    settings.measures = Similarity.Measure.allCases.filter { $0.rawValue == comparison.measure }
    settings.estimators = Similarity.Estimator.allCases.filter { $0.rawValue == comparison.estimator }
    settings.tokens = try TokenMode(comparison.tokens)
    settings.rbfFraction = comparison.fraction ?? 1
    settings.minibatch = comparison.batch ?? 256
    settings.selection.bootstrap = comparison.low != nil ? 1 : 0
    let sources =
      comparison.storeA == comparison.storeB
      ? [
        NamedSource(
          name: comparison.storeA,
          source: ChosenTaps(a, [comparison.tapA] + (comparison.tapA == comparison.tapB ? [] : [comparison.tapB])))
      ]
      : [
        NamedSource(name: comparison.storeA, source: ChosenTaps(a, [comparison.tapA])),
        NamedSource(name: comparison.storeB, source: ChosenTaps(b, [comparison.tapB])),
      ]
    let result = try Similarity.analyze(sources, settings: settings)
    return result.rows.first {
      $0.a == .init(store: comparison.storeA, tap: comparison.tapA)
        && $0.b == .init(store: comparison.storeB, tap: comparison.tapB)
    }
  }

  @Test func everyValueAgreesWithNumpy() throws {
    let comparisons = try SimilarityFixtureTests.comparisons()
    #expect(comparisons.count > 400)
    var stores: [String: StoreSource] = [:]
    var intervals = 0
    for comparison in comparisons {
      for name in [comparison.storeA, comparison.storeB] where stores[name] == nil {
        stores[name] = try SimilarityFixtureTests.store(name)
      }
      let row = try #require(try SimilarityFixtureTests.row(comparison, stores: stores))
      #expect(row.n == comparison.n, "\(comparison)")
      guard let expected = comparison.value else {
        #expect(row.value == nil, "\(comparison)")
        continue
      }
      let got = try #require(row.value, "\(comparison)")
      // So few images are compared in double precision throughout; only means over tokens are rounded once.
      let tolerance = comparison.tokens == "flatten" || comparison.tokens == "prefix" ? 1e-9 : 1e-7
      #expect(abs(got - expected) <= tolerance, "\(got) instead of \(expected): \(comparison)")
      guard let low = comparison.low, let high = comparison.high else { continue }
      intervals += 1
      #expect(abs((row.low ?? 2) - low) < 1e-8 && abs((row.high ?? 2) - high) < 1e-8, "\(row) \(comparison)")
    }
    #expect(intervals == 22)
  }

  @Test func storesThatCannotBeComparedAreRefusedInOneLine() throws {
    func message(_ names: [String]) throws -> String? {
      let sources = try names.map { NamedSource(name: $0, source: try SimilarityFixtureTests.store($0)) }
      do {
        _ = try Similarity.analyze(sources)
        return nil
      } catch let error as AnalysisError {
        #expect(error.kind == .badInput)
        return error.description
      }
    }
    #expect(try message(["three"]) == "three: similarity needs at least 4 images, there are 3; extract more images")
    #expect(
      try message(["ordinary", "other-images"])
        == "ordinary and other-images hold different images: image 1 is 'photo 000 é.jpg' in ordinary and"
        + " 'other 0.jpg' in other-images; extract both stores from the same images")
    #expect(
      try message(["ordinary", "four"])
        == "ordinary and four hold different images: image 5 is 'photo 004 é.jpg' in ordinary and missing in four;"
        + " extract both stores from the same images")
    #expect(
      try message(["not-finite"])
        == "not-finite: tap norm holds a number that is not finite for image 'photo 009 é.jpg'; the model gives"
        + " such numbers: check its weights with palimpsest verify, or extract the other taps alone (--taps)")
  }

  @Test func incompleteImagesAreLeftOutOfEveryStoreAndNamed() throws {
    let names = ["ordinary", "incomplete"]
    let sources = try names.map { NamedSource(name: $0, source: try SimilarityFixtureTests.store($0)) }
    var settings = Similarity.Settings()
    settings.selection.bootstrap = 0
    let result = try Similarity.analyze(sources, settings: settings)
    #expect(result.images.count == 22)
    #expect(
      result.leftOut == [
        LeftOutImage(store: "incomplete", path: "photo 003 é.jpg", reason: "its features are not complete"),
        LeftOutImage(store: "incomplete", path: "photo 017 é.jpg", reason: "not a JPEG file"),
      ])
    #expect(
      result.notes == [
        "ordinary, incomplete do not record what the images hold: that they are those of the other stores is known by their"
          + " names alone",
        "incomplete: 2 of 24 images are left out, the first is 'photo 003 é.jpg': its features are not complete",
      ])
    let across = try #require(
      result.rows.first { $0.a.store == "ordinary" && $0.a.tap == $0.b.tap && $0.b.store == "incomplete" })
    #expect(across.value.map { abs($0 - 1) < 1e-12 } == true)
  }

  @Test func emptyValuesAreExplained() throws {
    var settings = Similarity.Settings()
    settings.selection.bootstrap = 0
    let source = NamedSource(name: "special", source: try SimilarityFixtureTests.store("special"))
    let result = try Similarity.analyze([source], settings: settings)
    #expect(
      result.notes == [
        "special: cka_linear (debiased) of tap constant is empty: every image has the same features",
        "special: cka_linear (debiased) of tap constant-rows is empty: every image has the same features",
        "special: cka_linear (debiased) of tap one-differs is empty: its HSIC with itself vanishes, for at most one"
          + " image differs from the others",
        "special: cka_rbf (debiased) of tap constant is empty: every image has the same features",
        "special: cka_rbf (debiased) of tap constant-rows is empty: every image has the same features",
        "special: cka_rbf (debiased) of tap most-equal is empty: the median distance between images is 0",
        "special: cka_rbf (debiased) of tap one-differs is empty: the median distance between images is 0",
      ])
    for row in result.rows { #expect(row.value?.isFinite != false) }
  }
}

/// Some taps of a source.
final class ChosenTaps: FeatureSource {
  let source: any FeatureSource
  let chosen: [Int]

  init(_ source: any FeatureSource, _ names: [String]) {
    self.source = source
    chosen = names.compactMap { name in source.taps.firstIndex { $0.name == name } }
  }

  var imagePaths: [String] { source.imagePaths }
  var imageProblems: [String?] { source.imageProblems }
  var taps: [TapShape] { chosen.map { source.taps[$0] } }

  func readsWholeRows(tap: Int) throws -> Bool { try source.readsWholeRows(tap: chosen[tap]) }

  func read(tap: Int, images: [Int], columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws {
    try source.read(tap: chosen[tap], images: images, columns: columns, into: target)
  }
}
