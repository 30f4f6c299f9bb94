import Activations

/// What of the structure of an image comes back: inside objects, along their boundaries and in the background.
///
/// Definitions with their sources: docs/definitions.md.
public enum Shape {
  public struct Settings: Sendable {
    /// Names of conditions; nil for all that have reconstructions.
    public var conditions: [String]?
    /// Names of taps; nil for all.
    public var taps: [String]?
    /// Replicates of the bootstrap over images; 0 for no intervals.
    public var bootstrap = 1000
    public var seed: UInt64 = 0
    /// Use only the first so many images that can be used; nil for all.
    public var limit: Int?
    /// How many images are measured at once.
    public var threads = 2
    /// Bytes of pixels held at once.
    public var memoryLimit = 128 << 20

    public init() {}

    func validate() throws {
      guard bootstrap >= 0 else {
        throw AnalysisError(.badInput, "\(bootstrap) bootstrap replicates are not possible; expected 0 or more")
      }
      if let limit, limit < 1 {
        throw AnalysisError(.badInput, "shape needs at least 1 image, the limit is \(limit)")
      }
    }

    /// As the choice of reconstructions takes them.
    var selection: ReconstructionSelection.Settings { .init(conditions: conditions, taps: taps, limit: limit) }
  }

  public struct Result: Sendable {
    /// `shape.csv`: stores in the order given, conditions and taps as the store has them, then groups, regions, metrics.
    public let rows: [EstimateRow]
    /// Images measured, of each store.
    public let images: [Int]
    public let leftOut: [LeftOutImage]
    public let notes: [String]

    public var table: TidyTable {
      EstimateRow.table(["store", "condition", "tap", "region", "group", "metric"], rows)
    }
  }

  /// Columns of `shape_images.csv`.
  public static let imageHeader = ["store", "condition", "tap", "path", "region", "group", "metric", "value"]

  /// Measures every reconstruction of all stores.
  ///
  /// - Parameters:
  ///   - visit: takes each image's figures: stores, conditions, images, taps, groups, regions, metrics in turn.
  ///   - progress: called with the number of reconstructions measured and of all of them; may throw to stop the work.
  /// - Throws: ``AnalysisError`` where there is nothing to measure or a name is unknown; `StoreError` where reading fails.
  public static func analyze(
    _ stores: [PixelStore], settings: Settings = Settings(), visit: (ImageFigure) throws -> Void = { _ in },
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Result {
    try settings.validate()
    let selections = try stores.flatMap { try ReconstructionSelection.of($0, settings.selection) }
    let total = selections.reduce(0) { $0 + $1.rows.count * $1.taps.count }
    var done = 0
    var rows: [EstimateRow] = []
    var notes: [StoreNote] = []
    for selection in selections {
      let part = ShapePart(selection: selection, settings: settings)
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
      leftOut: ReconstructionSelection.leftOut(selections), notes: StoreNote.sentences(notes))
  }
}
