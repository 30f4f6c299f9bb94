import Figures
import Formats
import Results

/// What `prototypes_classes.csv` and `medoids.csv` say of single classes at the deepest tap of every store.
struct ClassTables {
  let folder: AnalysisFolder
  let identifier: String
  private let classes: EstimateTable
  /// The image nearest to the mean of a class, by store, tap and class; empty where the folder does not say.
  private let medoids: [[String]: String]
  /// Of every store, with the classes' rows.
  private let deepest: [(store: String, tap: String)]

  private static let metrics = PrototypeMetric.ofImages

  /// - Throws: `ReportError` with file and line.
  init(folder: AnalysisFolder, identifier: String) throws {
    self.folder = folder
    self.identifier = identifier
    let classes = try folder.estimates(.prototypeClasses, required: [.store, .tap, .className, .metric])
    self.classes = classes
    medoids = try folder.has(.medoids) ? Self.medoids(of: folder) : [:]
    let index = EstimateIndex(classes, by: [.store, .tap])
    deepest = classes.entries(.store).compactMap { store in
      folder.tapTree.deepest(of: index.entries(.tap, where: [(.store, store)]), in: store).map { (store, $0) }
    }
  }

  /// The image nearest to the mean of a class, by store, tap and class.
  static func medoids(of folder: AnalysisFolder) throws -> [[String]: String] {
    let file = folder.path(of: .medoids)
    let table = try CommaSeparatedValues(parsing: folder.text(of: .medoids), file: file)
    let columns: [Column] = [.store, .tap, .className, .path]
    let indices = columns.compactMap { table.column($0) }
    guard indices.count == columns.count else {
      throw ReportError("\(file): line 1: expected the columns \(columns.map(\.name).joined(separator: ","))")
    }
    return Dictionary(
      table.records.map { record in (indices.dropLast().map { record.fields[$0] }, record.fields[indices[3]]) }
    ) { first, _ in first }
  }

  /// The classes of a store at its deepest tap, with the row of a metric each.
  private func rows(_ metric: PrototypeMetric, of store: String, at tap: String) -> [(
    name: String, row: EstimateTable.Row
  )] {
    let index = EstimateIndex(classes, by: [.store, .tap, .className, .metric])
    return index.entries(.className, where: [(.store, store), (.tap, tap)]).compactMap { name in
      index.row([store, tap, name, metric.rawValue]).flatMap { $0.value == nil ? nil : (name, $0) }
    }
  }

  /// Which classes their prototype stands for best and worst, at the deepest tap of every store.
  func finding() -> Finding? {
    let metric = PrototypeMetric.nearestAccuracy
    let items = deepest.compactMap { store, tap -> String? in
      let sorted = rows(metric, of: store, at: tap).sorted { ($0.row.value ?? 0) > ($1.row.value ?? 0) }
      guard let best = sorted.first, let worst = sorted.last, best.row.value != worst.row.value else { return nil }
      let facts = metric.definition
      return
        "In \(store) at \(tap), most often for \(best.name) (\(facts.text(best.row))), least often for \(worst.name) "
        + "(\(facts.text(worst.row)))."
    }
    guard !items.isEmpty else { return nil }
    return Finding(
      lead: "Classes",
      text:
        "How often the nearest prototype is that of the image's own class (extremes of many classes, each of few images):",
      items: items)
  }

  /// A line for each class at the deepest tap of every store; as CSV all taps.
  func table() -> ResultTable {
    let index = EstimateIndex(classes, by: [.store, .tap, .className, .metric])
    let metrics = Self.metrics.filter { classes.entries(.metric).contains($0.rawValue) }
    let lines = deepest.flatMap { store, tap -> [ResultTable.Line] in
      index.entries(.className, where: [(.store, store), (.tap, tap)]).map { name in
        (
          [store, tap, name] + (medoids.isEmpty ? [] : [medoids[[store, tap, name]] ?? "–"]), store,
          metrics.map { index.row([store, tap, name, $0.rawValue]).map(ResultTable.Value.init) }
        )
      }
    }
    return ResultTable(
      name: "\(identifier)-classes",
      caption:
        "Every class at the deepest tap of its model: means over the images of the class, in brackets 95 % intervals."
        + (medoids.isEmpty ? "" : " Nearest image: the one nearest to the mean of the class.")
        + " The CSV has all taps.",
      nameColumns: ["Model", "Tap", "Class"] + (medoids.isEmpty ? [] : ["Nearest image"]),
      columns: metrics.map { ResultTable.Column($0.definition) }, rows: lines,
      commaSeparated: classes.text(of: classes.rows))
  }
}
