import Activations
import Results

/// What of the structure of an image comes back: inside objects, along their boundaries and in the background.
///
/// Definitions with their sources: docs/definitions.md.
public enum Shape {
  public struct Settings: Sendable {
    /// Which conditions, taps and images, and how intervals are drawn.
    public var selection = MeasureSelection(bootstrap: 1000)
    /// Bytes of pixels held at once.
    public var memoryLimit = 128 << 20

    public init() {}

  }

  public struct Result: Sendable {
    /// `shape.csv`: stores in the order given, conditions and taps as the store has them, then groups, regions, metrics.
    public let rows: [EstimateRow]
    /// Images measured, of each store.
    public let images: [Int]
    public let leftOut: [LeftOutImage]
    public let notes: [String]

    public var table: TidyTable { EstimateRow.table(.shape, rows) }
  }

  /// Measures every reconstruction of all stores.
  ///
  /// - Parameters:
  ///   - visit: takes each image's figures: stores, conditions, images, taps, groups, regions, metrics in turn.
  ///   - progress: called with the number of reconstructions measured and of all of them; may throw to stop the work.
  /// - Throws: ``AnalysisError`` where there is nothing to measure or a name is unknown; `StoreError` where reading fails.
  public static func analyze(
    _ stores: [PixelStore], settings: Settings = Settings(), visit: (ImageValue) throws -> Void = { _ in },
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Result {
    try settings.selection.validate(for: AnalysisDefinition.shape.name)
    let identityNotes = try stores.requireSameImages()
    let selections = try stores.flatMap { try ReconstructionSelection.of($0, settings.selection) }
    try selections.requireMemory(
      settings.selection.memory, for: .shape, block: settings.memoryLimit, values: 64)
    let total = selections.reduce(0) { $0 + $1.rows.count * $1.taps.count }
    var done = 0
    var rows: [EstimateRow] = []
    var notes: [StoreNote] = []
    for selection in selections {
      let part = StoreShapeMeasurement(selection: selection, settings: settings)
      let found = try part.measure(visit: visit) {
        done += $0
        try progress(done, total)
      }
      rows += found.rows
      rows += try ContextProbe(selection, settings)?.measure(visit: visit) ?? []
      notes += found.notes
    }
    return Result(
      rows: rows, images: ReconstructionSelection.images(selections, of: stores),
      leftOut: ReconstructionSelection.leftOut(selections), notes: identityNotes + StoreNote.sentences(notes))
  }
}
