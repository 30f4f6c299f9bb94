import Formats
import Results

/// A table of estimates as the analyses write them: columns that say what a value is of, then `value`, `low`, `high`, and
/// perhaps `n`.
public struct EstimateTable: Sendable {
  public struct Row: Sendable {
    /// One for each of the table's `labels`.
    public let labels: [String]
    /// nil where there is no value; the interval likewise.
    public let value: Double?
    public let low: Double?
    public let high: Double?
    /// Images behind the value, where the file says.
    public let count: Int?
    /// The record as it stands in the file.
    let fields: [String]

    /// Whether both ends of the interval are known.
    var hasInterval: Bool { low != nil && high != nil }
  }

  public let header: [String]
  /// The columns that are no numbers, in order.
  public let labels: [String]
  public let rows: [Row]

  /// Reads the text of a table.
  /// - Parameter required: columns of labels without which the table cannot be used.
  /// - Throws: `ReportError` with file and line.
  public init(parsing text: String, file: String, required: [Column]) throws(ReportError) {
    let table = try CommaSeparatedValues(parsing: text, file: file)
    for column in required + [.value] where table.column(column.name) == nil {
      let expected = (required + [.value, .low, .high]).map(\.name).joined(separator: ",")
      throw ReportError("\(file): line 1: no column '\(column.name)'; expected \(expected)")
    }
    let numbers = ([Column].estimate + [.unit]).map(\.name)
    let places = table.header.indices.filter { !numbers.contains(table.header[$0]) }
    labels = places.map { table.header[$0] }
    header = table.header
    let (value, low, high) = (table.column(.value), table.column(.low), table.column(.high))
    let count = table.column(.count)
    var rows: [Row] = []
    rows.reserveCapacity(table.records.count)
    for record in table.records {
      func images() throws(ReportError) -> Int? {
        guard let value = try number(count) else { return nil }
        guard let whole = WholeCount.count(value) else {
          throw ReportError("\(file): line \(record.line): n is '\(value)', expected a whole number")
        }
        return whole
      }
      func number(_ column: Int?) throws(ReportError) -> Double? {
        guard let column, !record.fields[column].isEmpty else { return nil }
        guard let value = Double(record.fields[column]), value.isFinite else {
          throw ReportError(
            "\(file): line \(record.line): \(table.header[column]) is '\(record.fields[column])', expected a finite "
              + "number or nothing")
        }
        return value
      }
      rows.append(
        Row(
          labels: places.map { record.fields[$0] }, value: try number(value), low: try number(low),
          high: try number(high), count: try images(), fields: record.fields))
    }
    guard !rows.isEmpty else { throw ReportError("\(file): there is a header but no row") }
    self.rows = rows
  }

  private init(header: [String], labels: [String], rows: [Row]) {
    self.header = header
    self.labels = labels
    self.rows = rows
  }

  /// Some of the rows; all where these are none.
  func rows(where isWanted: (_ row: Row, _ table: EstimateTable) -> Bool) -> EstimateTable {
    let chosen = rows.filter { isWanted($0, self) }
    return chosen.isEmpty ? self : EstimateTable(header: header, labels: labels, rows: chosen)
  }

  /// A store whose rows are those of another one.
  struct Repeat: Equatable {
    let store: String
    let original: String
  }

  /// The table without stores that say again what another store of the same checkpoint says, such as one of reconstructions
  /// with the features it was made from: every row of theirs has a row of the other with the same labels and numbers.
  func withoutRepeats(_ stores: [Provenance.Store]) -> (table: EstimateTable, repeats: [Repeat]) {
    guard let place = index(of: .store) else { return (self, []) }
    let checkpoints = Dictionary(stores.map { ($0.name, $0.checkpointSHA256) }) { first, _ in first }
    var known: [String: [[String]: Row]] = [:]
    for row in rows {
      var key = row.labels
      key[place] = ""
      known[row.labels[place], default: [:]][key] = row
    }
    var repeats: [Repeat] = []
    for store in entries(.store) {
      guard let own = known[store], let checkpoint = checkpoints[store] ?? nil else { continue }
      var isLater = false
      let original = entries(.store).first { other in
        if other == store { isLater = true }
        guard other != store, checkpoints[other] == checkpoint, !repeats.contains(where: { $0.store == other }),
          let others = known[other], others.count > own.count || (others.count == own.count && !isLater)
        else { return false }
        return own.allSatisfy { key, row in
          others[key].map { $0.value == row.value && $0.low == row.low && $0.high == row.high } ?? false
        }
      }
      if let original { repeats.append(Repeat(store: store, original: original)) }
    }
    guard !repeats.isEmpty else { return (self, []) }
    let kept = rows.filter { row in !repeats.contains { $0.store == row.labels[place] } }
    return (EstimateTable(header: header, labels: labels, rows: kept), repeats)
  }

  /// The index among a row's labels of the column `name`; nil if there is none.
  public func index(of name: String) -> Int? { labels.firstIndex(of: name) }

  public func index(of column: Column) -> Int? { index(of: column.name) }

  /// The different entries of a column in order of first appearance; empty where there is no such column.
  func entries(_ name: String) -> [String] {
    guard let column = index(of: name) else { return [] }
    var seen: Set<String> = []
    return rows.map { $0.labels[column] }.filter { seen.insert($0).inserted }
  }

  func entries(_ column: Column) -> [String] { entries(column.name) }

  /// The header and some of the rows, as they stand in the file.
  func text(of rows: [Row]) -> String {
    CommaSeparatedValues.line(header) + rows.map { CommaSeparatedValues.line($0.fields) }.joined()
  }

  /// The number of images behind the rows: "n = 64", or a range; nil where the file does not say.
  func countText(_ rows: [Row]) -> String? {
    let counts = rows.compactMap(\.count)
    guard let low = counts.min(), let high = counts.max() else { return nil }
    return low == high ? "n = \(low)" : "n = \(low) to \(high)"
  }

  /// Columns beside store, tap and metric in which the rows differ.
  var variedColumns: [String] {
    let fixed = [Column.store, .tap, .metric].map(\.name)
    return labels.filter { !fixed.contains($0) && entries($0).count > 1 }
  }

  /// "vit, red, block.3": what a row is of.
  func place(_ row: Row) -> String {
    let named = [Column.store, .tap].map(\.name) + variedColumns
    return labels.indices.filter { labels[$0] != Column.metric.name && named.contains(labels[$0]) }
      .map { row.labels[$0] }.joined(separator: ", ")
  }
}
