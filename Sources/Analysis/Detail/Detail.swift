import Activations

/// Which detail comes back: spectra of reconstructions and inputs by radial frequency.
///
/// Definitions with their sources: docs/definitions.md.
public enum Detail {
  public struct Settings: Sendable {
    /// Names of conditions; nil for all that have reconstructions.
    public var conditions: [String]?
    /// Names of taps; nil for all.
    public var taps: [String]?
    /// Side of a patch in pixels; nil for the cells of each tap's own grid.
    public var patch: Int?
    /// Replicates of the bootstrap over images; 0 for no intervals.
    public var bootstrap = 1000
    public var seed: UInt64 = 0
    /// Use only the first so many images that can be used; nil for all.
    public var limit: Int?
    /// How many images are measured at once.
    public var threads = 2
    /// Bytes of pixels held at once.
    public var memoryLimit = 64 << 20

    public init() {}

    func validate() throws {
      guard bootstrap >= 0 else {
        throw AnalysisError(.badInput, "\(bootstrap) bootstrap replicates are not possible; expected 0 or more")
      }
      if let limit, limit < 1 {
        throw AnalysisError(.badInput, "detail needs at least 1 image, the limit is \(limit)")
      }
      if let patch, patch < 1 {
        throw AnalysisError(.badInput, "a patch of \(patch) pixels is not possible; expected at least 1")
      }
    }

    /// As the choice of reconstructions takes them.
    var selection: ReconstructionSelection.Settings { .init(conditions: conditions, taps: taps, limit: limit) }
  }

  public enum Metric: String, CaseIterable, Sendable {
    /// Where coherence, and where the power ratio, falls below one half: in cycles per image and per patch.
    case cutoffCoherence = "cutoff_coherence"
    case cutoffCoherencePerPatch = "cutoff_coherence_per_patch"
    case cutoffPower = "cutoff_power"
    case cutoffPowerPerPatch = "cutoff_power_per_patch"
    /// Power on the patch lattice above the power beside it, in dB, mean over images.
    case latticeInput = "lattice_excess_input"
    case latticeReconstruction = "lattice_excess_reconstruction"
  }

  /// One frequency of one tap.
  public struct Spectrum: Sendable, Equatable {
    public let store: String
    public let condition: String
    public let tap: String
    /// Cycles per image, along the shorter side.
    public let frequency: Int
    /// Cycles per patch; nil where no patch is known.
    public let frequencyPerPatch: Double?
    /// Mean power of an image, and the ratio and coherence of all images together.
    public let powerInput: Double
    public let powerReconstruction: Double
    public let powerRatio: Double?
    public let coherence: Double?
    public let n: Int
  }

  public struct Result: Sendable {
    /// `detail.csv`: stores in the order given, conditions and taps as the store has them.
    public let rows: [EstimateRow]
    /// `detail_spectrum.csv`.
    public let spectra: [Spectrum]
    /// Images measured, of each store.
    public let images: [Int]
    public let leftOut: [LeftOutImage]
    public let notes: [String]

    public var table: TidyTable { EstimateRow.table(["store", "condition", "tap", "metric"], rows) }

    public var spectrumTable: TidyTable {
      var table = TidyTable(header: [
        "store", "condition", "tap", "frequency", "frequency_per_patch", "power_input", "power_reconstruction",
        "power_ratio", "coherence", "n",
      ])
      for one in spectra {
        table.append([
          .text(one.store), .text(one.condition), .text(one.tap), .integer(one.frequency),
          .real(one.frequencyPerPatch), .real(one.powerInput), .real(one.powerReconstruction), .real(one.powerRatio),
          .real(one.coherence), .integer(one.n),
        ])
      }
      return table
    }
  }

  /// Measures every reconstruction of all stores.
  ///
  /// - Parameter progress: called with the number of images measured and of all of them; may throw to stop the work.
  /// - Throws: ``AnalysisError`` where there is nothing to measure or a name is unknown; `StoreError` where reading fails.
  public static func analyze(
    _ stores: [PixelStore], settings: Settings = Settings(),
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Result {
    try settings.validate()
    let selections = try stores.flatMap { try ReconstructionSelection.of($0, settings.selection) }
    let total = selections.reduce(0) { $0 + $1.rows.count }
    var done = 0
    var rows: [EstimateRow] = []
    var spectra: [Spectrum] = []
    var notes: [String] = []
    for selection in selections {
      let part = try DetailPart(selection, settings)
      let sums = try part.measure {
        done += $0
        try progress(done, total)
      }
      let found = try part.results(sums)
      rows += found.rows
      spectra += found.spectra
      for note in found.notes where !notes.contains(note) { notes.append(note) }
    }
    return Result(
      rows: rows, spectra: spectra, images: ReconstructionSelection.images(selections, of: stores),
      leftOut: ReconstructionSelection.leftOut(selections), notes: notes)
  }
}
