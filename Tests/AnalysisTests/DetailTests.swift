import Activations
import Analysis
import Formats
import Foundation
import Testing

/// Spectra against `scripts/fixtures/detail.py`, and what they must do whatever the images.
struct DetailTests {
  struct Fixture: Decodable {
    struct Value: Decodable {
      let store: String
      let tap: String
      let powerInput: [Double]
      let powerReconstruction: [Double]
      let powerRatio: [Double]
      let coherence: [Double]
      let cutoffCoherence: Double
      let cutoffPower: Double
      let latticeExcessInput: Double
      let latticeExcessReconstruction: Double
      let cells: Int
    }
    let values: [Value]
  }

  private func fixture() throws -> [Fixture.Value] {
    let url = SimilarityFixtureTests.folder.appendingPathComponent("detail.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Fixture.self, from: Data(contentsOf: url)).values
  }

  private func store(_ name: String) throws -> PixelStore {
    let path = SimilarityFixtureTests.folder.appendingPathComponent("detail-\(name).h5").path
    return PixelStore(name: name, store: try FeatureStore(path: path))
  }

  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * abs(b) }

  @Test func spectraAgreeWithTheirReference() throws {
    let values = try fixture()
    #expect(values.count == 9)
    let result = try Detail.analyze(["square", "wide", "tall"].map(store))
    for expected in values {
      let own = result.spectra.filter { $0.store == expected.store && $0.tap == expected.tap }
      #expect(own.map(\.frequency) == Array(1...expected.coherence.count))
      for (place, one) in own.enumerated() {
        #expect(isClose(one.powerInput, expected.powerInput[place]), "\(expected.store) \(one)")
        #expect(isClose(one.powerReconstruction, expected.powerReconstruction[place]), "\(expected.store) \(one)")
        #expect(isClose(one.powerRatio ?? -1, expected.powerRatio[place]))
        #expect(abs((one.coherence ?? -1) - expected.coherence[place]) < 1e-5)
        #expect(abs((one.frequencyPerPatch ?? -1) - Double(place + 1) / Double(expected.cells)) < 1e-12)
      }
      func value(_ metric: Detail.Metric) -> Double {
        result.rows.first { $0.labels == [expected.store, "original", expected.tap, metric.rawValue] }?.value ?? .nan
      }
      // Crossings were searched in steps of 1e-5.
      #expect(abs(value(.cutoffCoherence) - expected.cutoffCoherence) < 3e-5, "\(expected.store) \(expected.tap)")
      #expect(abs(value(.cutoffPower) - expected.cutoffPower) < 3e-5, "\(expected.store) \(expected.tap)")
      #expect(isClose(value(.cutoffCoherencePerPatch) * Double(expected.cells), value(.cutoffCoherence)))
      #expect(abs(value(.latticeInput) - expected.latticeExcessInput) < 1e-3)
      #expect(abs(value(.latticeReconstruction) - expected.latticeExcessReconstruction) < 1e-3)
    }
    #expect(
      result.notes.contains(
        "square sharp under original: the coherence stays above 0.5 up to 16 cycles per image, the highest frequency; "
          + "its cut-off is at least that"))
    for row in result.rows {
      let (low, high) = (try #require(row.low), try #require(row.high))
      #expect(low <= high && row.n == (row.labels[0] == "square" ? 4 : 3))
    }
  }

  @Test func blocksThreadsAndPaddingChangeNothing() throws {
    let whole = try Detail.analyze([store("wide")])
    var settings = Detail.Settings()
    settings.memoryLimit = 1
    settings.selection.threads = 1
    let small = try Detail.analyze([store("wide")], settings: settings)
    for (a, b) in zip(small.spectra, whole.spectra) { #expect(isClose(a.powerInput, b.powerInput)) }
    for (a, b) in zip(small.rows, whole.rows) {
      #expect(a.labels == b.labels && abs((a.value ?? 9) - (b.value ?? 0)) < 1e-4)
    }
    // Part of the input is padding: frequencies count along what is picture, and nothing is said per patch.
    let part = PixelStore(
      name: "part", store: try store("wide").store, validSize: { row in ImageSize(height: 20 - 2 * row, width: 32) })
    let padded = try Detail.analyze([part])
    #expect(padded.spectra.filter { $0.tap == "blur" }.map(\.n) == [3, 3, 3, 3, 3, 3, 3, 3, 2, 1, 0, 0])
    #expect(!padded.rows.contains { $0.labels[3].hasSuffix("per_patch") || $0.labels[3].hasPrefix("lattice") })
    #expect(
      padded.notes.contains(
        "part: nothing is said per patch, for its images have different sizes within padded inputs"))
  }

  @Test func aPatchCanBeGiven() throws {
    var settings = Detail.Settings()
    settings.patch = 4
    settings.selection.taps = ["blur"]
    let result = try Detail.analyze([store("wide")], settings: settings)
    #expect(result.spectra[0].frequencyPerPatch == 4.0 / 24)
    settings.patch = 25
    #expect(throws: AnalysisError.self) { try Detail.analyze([try store("wide")], settings: settings) }
  }

  @Test func cutOffsAreInterpolated() {
    #expect(CutOff.frequency([1, 0.75, 0.25])?.value == 2.5)
    #expect(CutOff.frequency([0.4, 0.9])?.value == 0)
    #expect(CutOff.frequency([0.5, 0.5])?.value == 2 && CutOff.frequency([0.5, 0.5])?.isReached == false)
    // The first crossing counts, whatever comes later.
    #expect(CutOff.frequency([1, 0.4, 1, 0.2]).map { abs($0.value - (1 + 0.5 / 0.6)) < 1e-12 } == true)
    #expect(CutOff.frequency([1, nil]) == nil && CutOff.frequency([]) == nil)
  }

  @Test func theLatticeNeedsRoom() {
    #expect(SpectrumPlan(height: 96, width: 96, cells: ImageSize(height: 6, width: 6)).hasLattice)
    #expect(!SpectrumPlan(height: 96, width: 96, cells: ImageSize(height: 3, width: 3)).hasLattice)
    #expect(!SpectrumPlan(height: 97, width: 96, cells: ImageSize(height: 6, width: 6)).hasLattice)
    #expect(!SpectrumPlan(height: 96, width: 96, cells: nil).hasLattice)
    #expect(SpectrumPlan(height: 480, width: 640, cells: nil).rings == 240)
  }
}
