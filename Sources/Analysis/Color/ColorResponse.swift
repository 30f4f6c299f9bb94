import Activations

/// What a change of an image's colours does to a model's features, and to what can be led back from them.
///
/// Definitions with their sources: docs/definitions.md.
public enum ColorResponse {
  public struct Settings: Sendable {
    /// Names of conditions; nil for all beside original.
    public var conditions: [String]?
    /// Names of taps; nil for all.
    public var taps: [String]?
    /// Replicates of the bootstrap over images; 0 for no intervals.
    public var bootstrap = 200
    public var seed: UInt64 = 0
    /// Use only the first so many images that can be used; nil for all.
    public var limit: Int?
    /// How many images are measured at once.
    public var threads = 2
    /// Bytes of features, of kernel matrices or of pixels held at once.
    public var memoryLimit = 512 << 20

    public init() {}

    func validate() throws {
      guard bootstrap >= 0 else {
        throw AnalysisError(.badInput, "\(bootstrap) bootstrap replicates are not possible; expected 0 or more")
      }
      if let limit, limit < 1 {
        throw AnalysisError(.badInput, "color needs at least 1 image, the limit is \(limit)")
      }
    }
  }

  /// Metrics of features; each also with ``shuffledSuffix``.
  public enum Metric: String, CaseIterable, Sendable {
    case relativeL2 = "relative_l2"
    case cosine
    case alignment = "cka_debiased"

    /// What the metric says of two equal images.
    var ofEqual: Double { self == .relativeL2 ? 0 : 1 }
  }

  /// What the name of a metric ends with where each image is compared with another one.
  public static let shuffledSuffix = "_shuffled"

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
    /// One sentence for each thing that a reader of the tables should know.
    public let notes: [String]

    public var colorTable: TidyTable { EstimateRow.table(["store", "condition", "tap", "metric"], color) }
    public var hueTable: TidyTable { EstimateRow.table(["store", "tap", "metric", "statistic"], hue) }
    public var recoveryTable: TidyTable {
      EstimateRow.table(["store", "condition", "tap", "region", "metric"], recovery)
    }
  }

  /// Columns of `color_images.csv` and of `recovery_images.csv`.
  public static let imageHeader = ["store", "condition", "tap", "path", "metric", "value"]
  public static let recoveryImageHeader = ["store", "condition", "tap", "path", "region", "metric", "value"]

  /// Where every image's figures go.
  public struct Visitor {
    /// Lines of `color_images.csv`: stores, taps, conditions, images, metrics in turn.
    public var feature: (ImageFigure) throws -> Void = { _ in }
    /// Lines of `recovery_images.csv`: stores, conditions, images, taps, regions, metrics in turn.
    public var recovery: (ImageFigure) throws -> Void = { _ in }

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
    try settings.validate()
    let parts = try stores.map { try ColorPart($0, settings) }
    let total = max(1, try parts.reduce(0) { try $0 + $1.work() })
    var done = 0.0
    var color: [EstimateRow] = []
    var hue: [EstimateRow] = []
    var recovery: [EstimateRow] = []
    var notes: [StoreNote] = []
    for part in parts {
      func advance(_ work: Double, _ phase: String) throws {
        done += work
        try progress(done / total, "\(part.store.name) \(phase)")
      }
      let features = try part.features(visit.feature, advance)
      color += features.rows
      hue += features.hue
      let back = try part.recovery(visit.recovery, advance)
      recovery += back.rows
      notes += features.notes + back.notes
    }
    return Result(
      color: color, hue: hue, recovery: recovery, images: parts.map(\.rows.count), leftOut: parts.flatMap(\.leftOut),
      notes: StoreNote.sentences(notes))
  }
}
