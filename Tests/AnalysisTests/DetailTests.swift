import Activations
import Analysis
import Formats
import Foundation
import Results
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
      let frc: [Double]
      let cutoffFrcHalf: Double
      let cutoffFrcSeventh: Double
      let cutoffCoherence: Double
      let cutoffPower: Double
      let latticeExcessInput: Double
      let latticeExcessReconstruction: Double
      let cells: Int
      /// By metric its low and high.
      let intervals: [String: [Double]]
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
    #expect(values.count == 12)
    let result = try Detail.analyze(["square", "wide", "tall"].map(store))
    for expected in values {
      let own = result.spectra.filter { $0.store == expected.store && $0.tap == expected.tap }
      #expect(own.map(\.frequency) == Array(1...expected.coherence.count))
      for (place, one) in own.enumerated() {
        #expect(isClose(one.powerInput, expected.powerInput[place]), "\(expected.store) \(one)")
        #expect(isClose(one.powerReconstruction, expected.powerReconstruction[place]), "\(expected.store) \(one)")
        #expect(isClose(one.powerRatio ?? -1, expected.powerRatio[place]))
        #expect(abs((one.coherence ?? -1) - expected.coherence[place]) < 1e-5)
        #expect(abs((one.ringCorrelation ?? -9) - expected.frc[place]) < 1e-5)
        #expect(abs((one.frequencyPerPatch ?? -1) - Double(place + 1) / Double(expected.cells)) < 1e-12)
      }
      func value(_ metric: Detail.Metric) -> Double {
        result.rows.first { $0.labels == [expected.store, "original", expected.tap, metric.rawValue] }?.value ?? .nan
      }
      // Crossings were searched in steps of 1e-5.
      #expect(abs(value(.cutoffCoherence) - expected.cutoffCoherence) < 3e-5, "\(expected.store) \(expected.tap)")
      #expect(abs(value(.cutoffPower) - expected.cutoffPower) < 3e-5, "\(expected.store) \(expected.tap)")
      #expect(abs(value(.cutoffCorrelationHalf) - expected.cutoffFrcHalf) < 3e-5)
      #expect(abs(value(.cutoffCorrelationSeventh) - expected.cutoffFrcSeventh) < 3e-5)
      #expect(isClose(value(.cutoffCoherencePerPatch) * Double(expected.cells), value(.cutoffCoherence)))
      #expect(abs(value(.latticeInput) - expected.latticeExcessInput) < 1e-3)
      #expect(abs(value(.latticeReconstruction) - expected.latticeExcessReconstruction) < 1e-3)
      for metric in [
        Detail.Metric.cutoffCoherence, .cutoffPower, .cutoffCorrelationHalf, .cutoffCorrelationSeventh, .latticeInput,
        .latticeReconstruction,
      ] {
        let row = result.rows.first { $0.labels == [expected.store, "original", expected.tap, metric.rawValue] }
        let ends = try #require(expected.intervals[metric.rawValue])
        let within = metric == .latticeInput || metric == .latticeReconstruction ? 1e-2 : 1e-3
        #expect(abs((row?.low ?? .nan) - ends[0]) < within, "\(expected.store) \(expected.tap) \(metric)")
        #expect(abs((row?.high ?? .nan) - ends[1]) < within, "\(expected.store) \(expected.tap) \(metric)")
      }
    }
    #expect(
      result.notes.contains(
        "square sharp under original: cutoff_coherence, cutoff_power, cutoff_frc_half, cutoff_frc_seventh are at least 16"
          + " cycles per image, the highest frequency"))
    for row in result.rows where row.labels[2] != "flat" {
      let (low, high) = (try #require(row.low), try #require(row.high))
      #expect(low <= high && row.n == (row.labels[0] == "square" ? 4 : 3))
    }
  }

  /// A picture of one colour has no power: no coherence and no lattice are made of rounding, whatever its size.
  @Test func aFlatPictureHasNoSpectrum() throws {
    for name in ["square", "wide", "tall"] {
      let result = try Detail.analyze([store(name)])
      let images = name == "square" ? 4 : 3
      #expect(
        result.notes.contains(
          "\(name) flat under original: \(images) of \(images) reconstructions are of one colour: they have no power, and"
            + " nothing is said of their coherence and their lattice"))
      for spectrum in result.spectra where spectrum.tap == "flat" {
        #expect(spectrum.coherence == nil && spectrum.ringCorrelation == nil)
        #expect(spectrum.powerReconstruction == 0 && spectrum.powerRatio == 0)
      }
      func row(_ metric: Detail.Metric) throws -> EstimateRow {
        try #require(result.rows.first { $0.labels == [name, "original", "flat", metric.rawValue] })
      }
      for metric in [Detail.Metric.cutoffCoherence, .cutoffCorrelationHalf, .latticeReconstruction] {
        let empty = try row(metric)
        #expect(empty.value == nil && empty.low == nil && empty.high == nil && empty.n == 0, "\(empty)")
      }
      #expect(try row(.cutoffPower).value == 0)
    }
  }

  /// A negative has the input's coherence, and the correlation −1.
  @Test func aNegativeIsCorrelatedNegatively() throws {
    let result = try Detail.analyze([store("square")])
    for spectrum in result.spectra where spectrum.tap == "negative" {
      #expect(abs((spectrum.ringCorrelation ?? 0) + 1) < 1e-6 && abs((spectrum.coherence ?? 0) - 1) < 1e-6)
    }
    let cut = result.rows.first { $0.labels == ["square", "original", "negative", "cutoff_frc_seventh"] }
    #expect(cut?.value == 0)
  }

  @Test func blocksThreadsAndPaddingChangeNothing() throws {
    let whole = try Detail.analyze([store("wide")])
    var settings = Detail.Settings()
    settings.memoryLimit = 1
    settings.selection.threads = 1
    let small = try Detail.analyze([store("wide")], settings: settings)
    for (a, b) in zip(small.spectra, whole.spectra) { #expect(isClose(a.powerInput, b.powerInput)) }
    for (a, b) in zip(small.rows, whole.rows) {
      #expect(a.labels == b.labels && (a.value == nil) == (b.value == nil))
      #expect(abs((a.value ?? 0) - (b.value ?? 0)) < 1e-4)
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
    #expect(CutOff.frequency([1, 0.5, 0], below: 0.25)?.value == 2.5)
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
