import Results

/// The table of all estimates: a line a store, condition and tap, a column a metric, the best marked.
struct EstimateTableLayout {
  let table: EstimateTable
  let name: String
  let subject: String
  /// Which model and method the stores are of.
  let methods: StoreMethods
  /// Paired differences of the stores; nil where none were computed.
  var differences: DifferenceTable?
  /// What the table of a paper shows; it has no table where no model was inverted by several methods.
  var paperMetrics: [String] = []

  /// - Parameter caption: in place of the usual one, which names the subject.
  /// - Parameter data: what the table as CSV holds, where it is more.
  func table(metrics: [String], caption: String? = nil, data all: EstimateTable? = nil) -> ResultTable {
    let shown = metrics.filter { !$0.hasSuffix(MetricDefinition.shuffledSuffix) }
    let varied = table.variedColumns
    let columns = [Column.store.name] + varied + [Column.tap].map(\.name).filter(table.labels.contains)
    let index = EstimateIndex(table, by: columns + [Column.metric.name])
    let positions = columns.compactMap { table.index(of: $0) }
    let keys = table.rows.map { row in positions.map { row.labels[$0] } }
      .reduce(into: (seen: Set<[String]>(), keys: [[String]]())) {
        if $0.seen.insert($1).inserted { $0.keys.append($1) }
      }
      .keys
    // The methods of a model compete at each tap; of single methods the models do, where they have the same taps. Taps of one model do
    // not compete: the shallowest would win.
    let stores = table.entries(.store)
    let taps = stores.map { index.entries(.tap, where: [(.store, $0)]) }
    let sharesTaps = stores.count > 1 && taps.allSatisfy { $0 == taps[0] }
    let paper = MethodTable(table: table, methods: methods, differences: differences, name: name, subject: subject)
    let best = methods.compares ? paper.best(shown) : []
    let rows = keys.map { key -> ResultTable.Line in
      let group = sharesTaps && !methods.compares ? Array(key.dropFirst()) : key
      let values = shown.map { metric in
        index.row(key + [metric]).map { row -> ResultTable.Value in
          var value = ResultTable.Value(row)
          if methods.compares { value.isBest = best.contains(row.labels) }
          return value
        }
      }
      return (key, group.joined(separator: "\u{1F}"), values)
    }
    let bold =
      methods.compares
      ? " " + paper.meaningOfBold(shown)
      : sharesTaps ? " Bold: the best of the models at each tap, by each metric that has a best." : ""
    let source = all ?? table
    let data = source.rows.filter { row in source.index(of: .metric).map { shown.contains(row.labels[$0]) } ?? true }
    var result = ResultTable(
      name: name,
      caption: caption
        ?? "\(subject), means over images\(table.countText(data).map { " (\($0))" } ?? ""). Brackets: 95 % intervals.\(bold)",
      nameColumns: columns.map(Self.heading),
      columns: shown.map { ResultTable.Column(.named($0)) }, rows: rows, commaSeparated: source.text(of: data))
    result.papers = [paper.result(paperMetrics.isEmpty ? Array(shown.prefix(2)) : paperMetrics)].compactMap { $0 }
    return result
  }

  /// What a column of names is called in a table.
  static func heading(_ column: String) -> String {
    column == Column.store.name ? "Model" : column.prefix(1).uppercased() + column.dropFirst()
  }
}
