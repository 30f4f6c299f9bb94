import Formats

/// The rows of `similarity.csv`.
public struct SimilarityTable: Sendable {
  public struct Row: Sendable {
    public let storeA: String
    public let tapA: String
    public let storeB: String
    public let tapB: String
    public let measure: String
    public let estimator: String
    /// Which tokens were compared, where the file says.
    public let tokens: String?
    public let count: Int
    /// nil where there is no value; the interval likewise.
    public let value: Double?
    public let low: Double?
    public let high: Double?
    /// The record as it stands in the file.
    let fields: [String]
  }

  public static let columns = [
    "store_a", "tap_a", "store_b", "tap_b", "measure", "estimator", "n", "value", "low", "high",
  ]

  public let header: [String]
  public let rows: [Row]

  /// Reads the text of a `similarity.csv`; further columns are kept but not used, but for `tokens`.
  /// - Throws: `ReportError` with file and line.
  public init(parsing text: String, file: String) throws(ReportError) {
    let table = try CommaSeparatedValues(parsing: text, file: file)
    var places: [Int] = []
    for name in Self.columns {
      guard let place = table.column(name) else {
        throw ReportError("\(file): line 1: no column '\(name)'; expected \(Self.columns.joined(separator: ","))")
      }
      places.append(place)
    }
    let tokens = table.column("tokens")
    var rows: [Row] = []
    rows.reserveCapacity(table.records.count)
    for record in table.records {
      func field(_ column: Int) -> String { record.fields[places[column]] }
      func number(_ column: Int) throws(ReportError) -> Double? {
        let text = field(column)
        if text.isEmpty { return nil }
        guard let value = Double(text), value.isFinite else {
          throw ReportError(
            "\(file): line \(record.line): \(Self.columns[column]) is '\(text)', expected a finite number or nothing")
        }
        return value
      }
      guard let count = Int(field(6)), count >= 0 else {
        throw ReportError("\(file): line \(record.line): n is '\(field(6))', expected a whole number")
      }
      // Only measures of several estimators name one.
      for column in 0..<5 where field(column).isEmpty {
        throw ReportError("\(file): line \(record.line): \(Self.columns[column]) is empty")
      }
      rows.append(
        Row(
          storeA: field(0), tapA: field(1), storeB: field(2), tapB: field(3), measure: field(4), estimator: field(5),
          tokens: tokens.map { record.fields[$0] }, count: count, value: try number(7), low: try number(8),
          high: try number(9), fields: record.fields))
    }
    guard !rows.isEmpty else { throw ReportError("\(file): there is a header but no row") }
    header = table.header
    self.rows = rows
  }

  /// The header and some of the rows, as they stand in the file.
  func text(of rows: [Row]) -> String {
    CommaSeparatedValues.line(header) + rows.map { CommaSeparatedValues.line($0.fields) }.joined()
  }
}
