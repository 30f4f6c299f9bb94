import Formats
import Results

/// `similarity_null.csv`: what chance gives for every pair of taps, over random pairings of the images.
struct NullTable: Sendable {
  struct Row: Sendable {
    /// Random pairings.
    let permutations: Int
    /// Over them, with the 2.5th and the 97.5th percentile; nil where the pair has no value.
    let mean: Double?
    let low: Double?
    let high: Double?
    /// The share of pairings, the true one among them, that score as high as the value.
    let pValue: Double?
    /// Corrected over all pairs of different taps; nil for a tap with itself.
    let adjusted: Double?
    /// One for each column of the table.
    let fields: [String]
  }

  private let rows: [[String]: Row]

  /// Reads the text of the table.
  /// - Throws: `ReportError` with file and line.
  init(parsing text: String, file: String) throws(ReportError) {
    let table = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try table.indices(of: TableDefinition.similarityNull.columns, file: file)
    let names: [Column] = [.storeA, .tapA, .storeB, .tapB, .measure, .estimator]
    var rows: [[String]: Row] = [:]
    for record in table.records {
      let fields = TypedRecord(record, indices, file)
      rows[names.map(fields.text)] = Row(
        permutations: try fields.integer(.permutations), mean: try fields.number(.mean), low: try fields.number(.low),
        high: try fields.number(.high), pValue: try fields.number(.pValue),
        adjusted: try fields.number(.adjustedPValue),
        fields: TableDefinition.similarityNull.columns.map(fields.text))
    }
    self.rows = rows
  }

  /// The header and some of the rows, as they stand in the file.
  static func text(of known: [(row: SimilarityTable.Row, null: Row)]) -> String {
    CommaSeparatedValues.line(TableDefinition.similarityNull.header)
      + known.map { CommaSeparatedValues.line($0.null.fields) }.joined()
  }

  /// What chance gives for a row of `similarity.csv`; nil where the table does not say.
  func row(_ row: SimilarityTable.Row) -> Row? {
    rows[[row.storeA, row.tapA, row.storeB, row.tapB, row.measure, row.estimator]]
      ?? rows[[row.storeB, row.tapB, row.storeA, row.tapA, row.measure, row.estimator]]
  }
}
