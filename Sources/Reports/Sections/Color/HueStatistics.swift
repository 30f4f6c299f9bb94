import Figures
import Formats
import Results

/// What `hue.csv` holds: circular statistics of similarity over the hue circle, and the turn at which half of it is lost.
struct HueStatistics {
  private let depth: DepthFigure
  private let name: String
  private let methods: StoreMethods

  /// - Parameters:
  ///   - prefix: begins the names of figures and of the table.
  ///   - leavingOut: stores whose features are those of another one.
  /// - Throws: `ReportError` with file and line.
  init(folder: AnalysisFolder, prefix: String, style: FigureStyle, leavingOut: [String]) throws {
    let file = folder.path(of: .hue)
    let read = try CommaSeparatedValues(parsing: folder.text(of: .hue), file: file)
    guard let store = read.column(.store), let metric = read.column(.metric), read.column(.tap) != nil,
      let statistic = read.column(.statistic)
    else {
      let expected = [Column.store, .tap, .metric, .statistic].map(\.name).joined(separator: ",")
      throw ReportError("\(file): line 1: expected the columns \(expected)")
    }
    // Each statistic is a metric of its own, and the metric it is of tells curves apart.
    var header = read.header
    header[metric] = Self.similarity.name
    header[statistic] = Column.metric.name
    let lines = read.records.filter { !leavingOut.contains($0.fields[store]) }.map { record in
      var fields = record.fields
      fields[metric] = MetricDefinition.named(fields[metric]).title
      fields[statistic] = HueStatistic.identifierPrefix + fields[statistic]
      return CommaSeparatedValues.line(fields)
    }
    let table = try EstimateTable(
      parsing: CommaSeparatedValues.line(header) + lines.joined(), file: file,
      required: [.store, .tap, Self.similarity, .metric])
    depth = DepthFigure(table: table, prefix: prefix, style: style, tree: folder.tapTree)
    name = "\(prefix)-statistics"
    methods = folder.methods(of: table.entries(.store))
  }

  private static let halfAngle = HueStatistic.halfAngle.identifier
  /// The metric that a hue curve is of, beside the statistic of the curve.
  private static let similarity = Column("similarity", "Which metric the hue curve is of.")

  /// How far hue must be turned at the first and the last tap of every store, by the first measure of similarity.
  func finding() -> Finding? {
    let table = depth.table
    guard let measure = table.entries(Self.similarity).first, let tap = table.index(of: .tap) else { return nil }
    let facts = MetricDefinition.named(Self.halfAngle)
    let index = EstimateIndex(table, by: [.store, .tap, Self.similarity, .metric])
    let items = table.entries(.store).compactMap { store -> String? in
      let taps = depth.tree.course(of: index.entries(.tap, where: [(.store, store)]), in: store).trunk
      let ends = [taps.first, taps.count > 1 ? taps.last : nil].compactMap { $0 }
      let found = ends.compactMap { index.row([store, $0, measure, Self.halfAngle]) }
      guard !found.isEmpty else { return nil }
      return "In \(store): "
        + found.map { row in
          row.value == nil
            ? "at \(row.labels[tap]) no turn loses half of it"
            : "\(facts.text(row)) degrees at \(row.labels[tap])"
        }.joined(separator: ", ") + "."
    }
    guard !items.isEmpty else { return nil }
    return Finding(
      lead: "The turn that loses half",
      text:
        "How far hue must be turned until half of the similarity to the original is lost (none is left where an image is "
        + "as far from the original as another image), by \(measure):", items: items)
  }

  func figures() -> [ReportFigure] { [depth.figure(Self.halfAngle)].compactMap { $0 } }

  func further() -> [ReportFigure] { [HueStatistic.mean, .resultantLength].map(\.identifier).compactMap(depth.figure) }

  func table() -> ResultTable {
    let metrics = depth.table.entries(.metric)
    return EstimateTableLayout(table: depth.table, name: name, subject: "The hue curves", methods: methods).table(
      metrics: metrics,
      caption: "Similarity to the original as a curve over the hue circle: its mean, first harmonic, circular mean and "
        + "resultant length, and the turn at which half is lost (none where a half never is). Angles in degrees. "
        + "Brackets: 95 % intervals."
    )
  }
}
