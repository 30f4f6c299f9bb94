import Activations
import Results

/// What a change of an image's colours does to a model's features, and to what can be reconstructed from them.
///
/// Definitions with their sources: docs/definitions.md.
public enum ColorResponse {
  public struct Settings: Sendable {
    /// Which conditions, taps and images, and how intervals are drawn.
    public var selection = MeasureSelection(bootstrap: 1000)
    /// Bytes of features, of kernel matrices or of pixels held at once.
    public var memoryLimit = 512 << 20
    /// Whether CKA comes from products of columns instead of kernels; nil for what costs less. For tests.
    package var usesMoments: Bool?

    public init() {}
  }

  /// Metrics of features; each also of shuffled pairs, with `MetricDefinition.shuffledSuffix`.
  public typealias Metric = ColorMetric

  public struct Result: Sendable {
    /// `color.csv`.
    public let color: [EstimateRow]
    /// `hue.csv`; empty where no store has a curve.
    public let hue: [EstimateRow]
    /// `recovery.csv`; empty where no store has reconstructions.
    public let recovery: [EstimateRow]
    /// Images measured, of each store.
    public let images: [Int]
    public let leftOut: [LeftOutImage]
    /// How CKA was made: `moments`, `kernels` or both; nil where there is none.
    public let way: String?
    /// One sentence for each thing that a reader of the tables should know.
    public let notes: [String]

    public var colorTable: TidyTable { EstimateRow.table(.color, color) }
    public var hueTable: TidyTable { EstimateRow.table(.hue, hue) }
    public var recoveryTable: TidyTable { EstimateRow.table(.recovery, recovery) }
  }

  /// Where every image's figures go.
  public struct Visitor {
    /// Lines of `color_images.csv`: stores, taps, conditions, images, metrics in turn.
    public var feature: (ImageValue) throws -> Void = { _ in }
    /// Lines of `recovery_images.csv`: stores, conditions, images, taps, regions, metrics in turn.
    public var recovery: (ImageValue) throws -> Void = { _ in }

    public init() {}
  }

  /// Measures the features under every condition of all stores, and the reconstructions where there are any.
  ///
  /// - Parameters:
  ///   - visit: takes each image's figures; may throw to stop the work.
  ///   - progress: called with the share of the work done and what is being done; may throw to stop the work.
  /// - Throws: ``AnalysisError`` where there is nothing to measure or a name is unknown; `StoreError` where reading fails.
  public static func analyze(
    _ stores: [PixelStore], settings: Settings = Settings(), visit: Visitor = Visitor(),
    progress: (_ fraction: Double, _ phase: String) throws -> Void = { _, _ in }
  ) throws -> Result {
    try settings.selection.validate(for: AnalysisDefinition.color.name)
    let identityNotes = try stores.requireSameImages()
    let parts = try stores.map { try StoreColorMeasurement($0, settings) }
    for part in parts { try part.requireMemory() }
    let total = max(1, try parts.reduce(0) { try $0 + $1.work() })
    var done = 0.0
    var color: [EstimateRow] = []
    var hue: [EstimateRow] = []
    var recovery: [EstimateRow] = []
    var notes: [StoreNote] = []
    var ways: Set<Bool> = []
    let originals = try RepeatedFeatures.originals(parts)
    for (part, original) in zip(parts, originals) {
      func advance(_ work: Double, _ phase: String) throws {
        done += work
        try progress(done / total, "\(part.store.name) \(phase)")
      }
      if let original {
        notes.append(
          StoreNote(
            "\(TableDefinition.color.file) and \(TableDefinition.hue.file) have nothing of ", part.store.name,
            ": its features are those of \(parts[original].store.name), number by number"))
        try advance(part.workOfFeatures(), "features")
      } else {
        let features = try part.features(visit.feature, advance)
        color += features.rows
        hue += features.hue
        ways.formUnion(features.ways)
        notes += features.notes
        if settings.selection.taps == nil, let note = AttentionWeights.note(part.attentionWeights, of: part.store.name)
        {
          notes.append(note)
        }
      }
      let back = try part.recovery(visit.recovery, advance)
      recovery += back.rows
      notes += back.notes
    }
    return Result(
      color: color, hue: hue, recovery: recovery, images: parts.map(\.rows.count), leftOut: parts.flatMap(\.leftOut),
      way: StatisticsWay.text(ways), notes: identityNotes + StoreNote.sentences(notes))
  }
}

extension ColorMetric {
  /// What the metric says of two equal images.
  var ofEqual: Double { self == .relativeL2 ? 0 : 1 }

  /// As the tables have it, of the images as they are or of the shuffled pairs.
  func key(shuffled: Bool) -> String { rawValue + (shuffled ? MetricDefinition.shuffledSuffix : "") }
}
