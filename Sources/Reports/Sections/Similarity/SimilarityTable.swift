import Formats
import Results

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

  private static let columns: [Column] = TableDefinition.similarity.columns

  public let header: [String]
  public let rows: [Row]

  /// Reads the text of a `similarity.csv`; further columns are kept but not used, but for `tokens`.
  /// - Throws: `ReportError` with file and line.
  public init(parsing text: String, file: String) throws(ReportError) {
    let table = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try table.indices(of: Self.columns, file: file)
    let tokens = table.column(.tokens)
    var rows: [Row] = []
    rows.reserveCapacity(table.records.count)
    for record in table.records {
      let fields = TypedRecord(record, indices, file)
      // Only measures of several estimators name one.
      try fields.requireText(in: [.storeA, .tapA, .storeB, .tapB, .measure])
      rows.append(
        Row(
          storeA: fields.text(.storeA), tapA: fields.text(.tapA), storeB: fields.text(.storeB),
          tapB: fields.text(.tapB),
          measure: fields.text(.measure), estimator: fields.text(.estimator), tokens: tokens.map { record.fields[$0] },
          count: try fields.integer(.count), value: try fields.number(.value), low: try fields.number(.low),
          high: try fields.number(.high), fields: record.fields))
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
