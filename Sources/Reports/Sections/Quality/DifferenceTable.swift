import Figures
import Formats
import Results

/// `quality_differences.csv`: how two stores differ on the same images, the first less the second. Intervals and p-values are
/// those of the analysis; nothing is computed here.
struct DifferenceTable {
  struct Row {
    let storeA: String
    let storeB: String
    let condition: String
    /// How the taps were paired: by name, or by depth.
    let match: String
    let tapA: String
    let tapB: String
    let metric: String
    let count: Int
    let difference: Double?
    let low: Double?
    let high: Double?
    /// After correction for multiple comparisons.
    let adjusted: Double?
    /// The record as it stands in the file.
    let fields: [String]
  }

  let header: [String]
  let rows: [Row]

  /// Reads the text of the table.
  /// - Throws: `ReportError` with file and line.
  init(parsing text: String, file: String) throws(ReportError) {
    let table = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try table.indices(of: TableDefinition.qualityDifferences.columns, file: file)
    var rows: [Row] = []
    for record in table.records {
      let fields = TypedRecord(record, indices, file)
      rows.append(
        Row(
          storeA: fields.text(.storeA), storeB: fields.text(.storeB), condition: fields.text(.condition),
          match: fields.text(.match), tapA: fields.text(.tap), tapB: fields.text(.tapB), metric: fields.text(.metric),
          count: try fields.integer(.count), difference: try fields.number(.difference), low: try fields.number(.low),
          high: try fields.number(.high), adjusted: try fields.number(.adjustedPValue), fields: record.fields))
    }
    header = table.header
    self.rows = rows
  }

  /// The header and some of the rows, as they stand in the file.
  func text(of rows: [Row]) -> String {
    CommaSeparatedValues.line(header) + rows.map { CommaSeparatedValues.line($0.fields) }.joined()
  }

  /// For people: a line for each two taps and condition, with the difference and the adjusted p-value of these metrics. As
  /// CSV it is the whole file.
  func table(metrics: [String], name: String) -> ResultTable {
    let conditions = Set(rows.map(\.condition)).count
    var keys: [[String]] = []
    var found: [[String]: Row] = [:]
    for row in rows where metrics.contains(row.metric) {
      let key = [row.storeA, row.storeB, row.condition, row.tapA, row.tapB, row.match]
      guard found[key + [row.metric]] == nil else { continue }
      if !metrics.contains(where: { found[key + [$0]] != nil }) { keys.append(key) }
      found[key + [row.metric]] = row
    }
    let lines = keys.map { key -> ResultTable.Line in
      let names = conditions > 1 ? key : Array(key[0..<2]) + Array(key[3...])
      let values = metrics.flatMap { metric -> [ResultTable.Value?] in
        let row = found[key + [metric]]
        return [
          row.map { ResultTable.Value($0.difference, low: $0.low, high: $0.high) }, ResultTable.Value(row?.adjusted),
        ]
      }
      return (names, "", values)
    }
    return ResultTable(
      name: name,
      caption:
        "Paired differences, model A less model B on the same images: mean difference, in brackets its 95 % "
        + "interval over images, and the p-value of the sign-flip test, adjusted for all comparisons of the metric with taps "
        + "paired in the same way (by name, or by depth). The CSV has every metric, the p-values before adjustment and effect "
        + "sizes.",
      nameColumns: ["Model A", "Model B"] + (conditions > 1 ? ["Condition"] : []) + [
        "Tap of A", "Tap of B", "Paired by",
      ],
      columns: metrics.flatMap { metric -> [ResultTable.Column] in
        let definition = MetricDefinition.named(metric)
        return [
          ResultTable.Column("Difference of \(definition.label)", digits: definition.digits),
          .probability("p of \(definition.title), adjusted"),
        ]
      }, rows: lines, commaSeparated: text(of: rows))
  }
}
