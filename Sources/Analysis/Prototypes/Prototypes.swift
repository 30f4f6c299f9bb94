import Activations
import Formats
import Results

/// What the mean activation of a class says of its images, tap by tap.
///
/// Definitions with their sources: docs/definitions.md.
public enum Prototypes {
  public struct Settings: Sendable {
    /// Which condition, taps and images, and whether there are intervals: they come from a jackknife over images, see
    /// `ClassJackknife`.
    public var selection = MeasureSelection(bootstrap: 1000)
    /// Label permutations for the null distribution; 0 for none.
    public var permutations = 100
    /// Bytes of features held at once.
    public var memoryLimit = 256 << 20
    /// Whether figures come from sums of columns over classes instead of inner products of all pairs of images; nil for what costs less.
    /// For tests.
    package var usesMoments: Bool?

    public init() {}

    func validate() throws {
      try selection.validateOne(for: AnalysisDefinition.prototypes.name)
      try DrawnCounts.requirePermutations(permutations)
    }
  }

  /// Metrics of a tap; each also of shuffled labels, with `MetricDefinition.shuffledSuffix`: the mean over the shufflings,
  /// between the 2.5th and the 97.5th percentile of them.
  public typealias Metric = PrototypeMetric

  /// The image that stands nearest to the mean of its class.
  public struct Medoid: Sendable, Equatable {
    public let store: String
    public let tap: String
    public let label: String
    public let path: String
    /// Euclidean distance to the class mean.
    public let distance: Double
    /// Images of the class.
    public let n: Int
  }

  public struct Result: Sendable {
    /// `prototypes.csv`: of all classes together.
    public let rows: [EstimateRow]
    /// `prototypes_classes.csv`: of each class.
    public let classRows: [EstimateRow]
    /// `medoids.csv`
    public let medoids: [Medoid]
    /// Images measured, of each store.
    public let images: [Int]
    public let leftOut: [LeftOutImage]
    /// How figures were made: `moments`, `kernels` or both.
    public let way: String?
    public let notes: [String]

    public var table: TidyTable { EstimateRow.table(.prototypes, rows) }
    public var classTable: TidyTable { EstimateRow.table(.prototypeClasses, classRows) }
    public var medoidTable: TidyTable {
      var table = TidyTable(.medoids)
      for medoid in medoids {
        table.append([
          .text(medoid.store), .text(medoid.tap), .text(medoid.label), .text(medoid.path), .real(medoid.distance),
          .integer(medoid.n),
        ])
      }
      return table
    }
  }

  /// Measures every tap of all stores.
  ///
  /// - Parameters:
  ///   - visit: takes each image's figures; may throw to stop the work.
  ///   - keep: takes the class means of a tap, `[classes, tokens · channels]`, of each store's classes in turn.
  ///   - progress: called with taps done, of how many; may throw to stop the work.
  /// - Throws: ``AnalysisError`` where there are no labels or a name is unknown; `StoreError` where reading fails.
  public static func analyze(
    _ stores: [(name: String, store: FeatureStore)], settings: Settings = Settings(),
    visit: (ImageValue) throws -> Void = { _ in },
    keep: (_ store: Int, _ tap: TapShape, _ means: [Float]) throws -> Void = { _, _, _ in },
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Result {
    try settings.validate()
    let identityNotes = try stores.map { PixelStore(name: $0.name, store: $0.store) }.requireSameImages()
    let parts = try stores.map { try StorePrototypeMeasurement(name: $0.name, store: $0.store, settings) }
    for part in parts { try part.requireMemory() }
    let total = parts.reduce(0) { $0 + $1.taps.count }
    var ways: Set<Bool> = []
    var (done, rows, classRows, medoids) = (0, [EstimateRow](), [EstimateRow](), [Medoid]())
    var constant: [StoreNote] = []
    for (place, part) in parts.enumerated() {
      for tap in part.taps {
        let measured = try part.measure(tap, visit: visit) { try progress(done, total) }
        ways.insert(measured.usesMoments)
        rows += measured.rows
        classRows += measured.classRows
        medoids += measured.medoids
        if measured.isConstant {
          let tapName = part.source.taps[tap].name
          constant.append(
            StoreNote(
              "every image of ", part.name, " has the same features at \(tapName), which therefore has no values"))
        }
        try keep(place, part.source.taps[tap], measured.means)
        done += 1
        try progress(done, total)
      }
    }
    return Result(
      rows: rows, classRows: classRows, medoids: medoids, images: parts.map(\.rows.count),
      leftOut: parts.flatMap(\.leftOut), way: StatisticsWay.text(ways),
      notes: identityNotes + parts.flatMap(\.notes) + StoreNote.sentences(constant))
  }

  /// The classes of a store that have prototypes, in the order of their labels.
  public static func classes(of store: FeatureStore, settings: Settings) throws -> [String] {
    try StorePrototypeMeasurement(name: "", store: store, settings).classes
  }
}
