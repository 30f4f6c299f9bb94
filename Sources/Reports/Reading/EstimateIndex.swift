import Results

/// Estimates by store, condition, tap and metric, to be looked up.
struct EstimateIndex {
  let table: EstimateTable
  private let rows: [[String]: EstimateTable.Row]
  private let places: [Int]

  /// - Parameter columns: the columns of labels by which rows are found; the first row of equal ones counts.
  init(_ table: EstimateTable, by columns: [String]) {
    self.table = table
    let places = columns.compactMap { table.index(of: $0) }
    self.places = places
    rows = Dictionary(table.rows.map { row in (places.map { row.labels[$0] }, row) }) { first, _ in first }
  }

  init(_ table: EstimateTable, by columns: [Column]) { self.init(table, by: columns.map(\.name)) }

  /// The row of these labels, in the order of the columns asked for.
  func row(_ labels: [String]) -> EstimateTable.Row? { rows[labels] }

  /// The different entries of `column` among rows whose other columns are as given, in order of appearance.
  func entries(_ column: Column, where fixed: [(column: Column, value: String)]) -> [String] {
    guard let wanted = table.index(of: column) else { return [] }
    let conditions = fixed.compactMap { pair in table.index(of: pair.column).map { ($0, pair.value) } }
    var seen: Set<String> = []
    return table.rows.filter { row in conditions.allSatisfy { row.labels[$0.0] == $0.1 } }
      .map { $0.labels[wanted] }.filter { seen.insert($0).inserted }
  }
}
