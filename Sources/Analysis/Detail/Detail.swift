import Activations
import Results

/// Which detail comes back: spectra of reconstructions and inputs by radial frequency.
///
/// Definitions with their sources: docs/definitions.md.
public enum Detail {
  public struct Settings: Sendable {
    /// Which conditions, taps and images, and how intervals are drawn.
    public var selection = MeasureSelection(bootstrap: 1000)
    /// Side of a patch in pixels; nil for the cells of each tap's own grid.
    public var patch: Int?
    /// Bytes of pixels held at once.
    public var memoryLimit = 64 << 20

    public init() {}

    func validate() throws {
      try selection.validate(for: AnalysisDefinition.detail.name)
      if let patch, patch < 1 {
        throw AnalysisError(.badInput, "a patch of \(patch) pixels is not possible; expected at least 1")
      }
    }
  }

  public typealias Metric = DetailMetric

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
    /// The Fourier ring correlation, −1 … 1: the coherence is its square.
    public let ringCorrelation: Double?
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

    public var table: TidyTable { EstimateRow.table(.detail, rows) }

    public var spectrumTable: TidyTable {
      var table = TidyTable(.detailSpectrum)
      for spectrum in spectra {
        table.append([
          .text(spectrum.store), .text(spectrum.condition), .text(spectrum.tap), .integer(spectrum.frequency),
          .real(spectrum.frequencyPerPatch), .real(spectrum.powerInput), .real(spectrum.powerReconstruction),
          .real(spectrum.powerRatio),
          .real(spectrum.coherence), .real(spectrum.ringCorrelation), .integer(spectrum.n),
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
    var notes = try stores.requireSameImages()
    let selections = try stores.flatMap { try ReconstructionSelection.of($0, settings.selection) }
    // Of an image at a tap the power and the products of every radius.
    try selections.requireMemory(
      settings.selection.memory, for: .detail, block: settings.memoryLimit, values: 1024,
      replicates: settings.selection.bootstrap)
    let total = selections.reduce(0) { $0 + $1.rows.count }
    var done = 0
    var rows: [EstimateRow] = []
    var spectra: [Spectrum] = []
    for selection in selections {
      let part = try StoreDetailMeasurement(selection, settings)
      let sums = try part.measure {
        done += $0
        try progress(done, total)
      }
      let results = part.results(sums)
      rows += results.rows
      spectra += results.spectra
      for note in results.notes where !notes.contains(note) { notes.append(note) }
    }
    return Result(
      rows: rows, spectra: spectra, images: ReconstructionSelection.images(selections, of: stores),
      leftOut: ReconstructionSelection.leftOut(selections), notes: notes)
  }
}
