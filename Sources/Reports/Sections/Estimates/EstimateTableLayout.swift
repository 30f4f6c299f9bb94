import Results

/// The table of all estimates: a line a store, condition and tap, a column a metric, the best marked.
struct EstimateTableLayout {
  let table: EstimateTable
  let name: String
  let subject: String

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
    // Where all stores have the same taps, models compete at each tap; else the taps of a model compete.
    let stores = table.entries(.store)
    let taps = stores.map { index.entries(.tap, where: [(.store, $0)]) }
    let sharesTaps = stores.count > 1 && taps.allSatisfy { $0 == taps[0] }
    let rows = keys.map { key -> (names: [String], group: String, values: [ResultTable.Value?]) in
      let group = sharesTaps ? Array(key.dropFirst()) : Array(key.dropLast())
      return (key, group.joined(separator: "\u{1F}"), shown.map { index.row(key + [$0]).map(ResultTable.Value.init) })
    }
    let who = sharesTaps ? "of the models at each tap" : "of each model's taps"
    let source = all ?? table
    let data = source.rows.filter { row in source.index(of: .metric).map { shown.contains(row.labels[$0]) } ?? true }
    return ResultTable(
      name: name,
      caption: caption
        ?? "\(subject), means over images\(table.countText(data).map { " (\($0))" } ?? ""). Brackets: 95 % intervals. "
        + "Bold: the best \(who), by each metric that has a best.",
      nameColumns: columns.map(Self.heading),
      columns: shown.map { ResultTable.Column(.named($0)) }, rows: rows, commaSeparated: source.text(of: data))
  }

  /// What a column of names is called in a table.
  static func heading(_ column: String) -> String {
    column == Column.store.name ? "Model" : column.prefix(1).uppercased() + column.dropFirst()
  }
}
