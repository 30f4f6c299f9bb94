import Formats
import Results

/// `similarity_calibrated.csv` of every token mode: how alike two models are on the whole, against what chance gives.
struct CalibratedTable {
  struct Row {
    /// Models, measure, estimator, aggregate and the two taps.
    fileprivate let names: [String]
    let mode: String?
    let value: Double?
    let threshold: Double?
    let calibrated: Double?
    let adjusted: Double?

    var stores: [String] { [names[0], names[1]] }
    /// "Linear CKA, debiased".
    var measure: String { (MeasureDefinition.named(names[2])?.name ?? names[2]) + ", " + names[3] }
    /// `max`, of the two most similar taps, or `mean`.
    var aggregate: String { names[4] }
    var taps: String { names[5].isEmpty ? "all" : "\(names[5]) and \(names[6])" }
  }

  private static let nameColumns: [Column] = [.storeA, .storeB, .measure, .estimator, .aggregate, .tapA, .tapB]

  let identifier: String
  let rows: [Row]
  let commaSeparated: String

  /// nil where random pairings were not asked for, or of one model alone.
  /// - Throws: `ReportError` with file and line.
  init?(folder: AnalysisFolder, identifier: String) throws {
    guard folder.has(.similarityCalibrated) else { return nil }
    let others = folder.files(ofEachMode: .similarityCalibratedOfMode)
    let first = others.isEmpty ? nil : folder.provenance?.stores?.first?.tokens
    let files: [(mode: String?, file: String)] =
      [(first, TableDefinition.similarityCalibrated.file)] + others.map { ($0.mode, $0.file) }
    let columns = TableDefinition.similarityCalibrated.columns
    var rows: [Row] = []
    var lines = CommaSeparatedValues.line([Column.tokens.name] + columns.map(\.name))
    for (mode, file) in files {
      let path = folder.path(of: file)
      let table = try CommaSeparatedValues(parsing: folder.text(of: file), file: path)
      let indices = try table.indices(of: columns, file: path)
      for record in table.records {
        let fields = TypedRecord(record, indices, path)
        rows.append(
          Row(
            names: Self.nameColumns.map(fields.text), mode: mode, value: try fields.number(.value),
            threshold: try fields.number(.threshold), calibrated: try fields.number(.calibrated),
            adjusted: try fields.number(.adjustedPValue)))
        lines += CommaSeparatedValues.line([mode ?? ""] + columns.map(fields.text))
      }
    }
    self.identifier = identifier
    self.rows = rows
    commaSeparated = lines
  }

  static let method = Method(
    "Calibrated scores",
    "(value − τ) / (value of agreement − τ), not below 0, where τ is what 5 % of random pairings of the images exceed. Of two "
      + "models on the whole the value is that of their two most similar taps, or the mean over all pairs of taps; the same is "
      + "taken of every random pairing, so that the greatest of many values is compared with the greatest of as many.")

  /// A line for each two models, measure and aggregate.
  func table() -> ResultTable? {
    guard !rows.isEmpty else { return nil }
    let hasModes = rows.contains { $0.mode != nil }
    return ResultTable(
      name: "\(identifier)-calibrated",
      caption:
        "How alike every two models are, against random pairings of the images: of the two most similar taps (max), and the "
        + "mean over all pairs of taps. Threshold: what 5 % of the pairings exceed. Calibrated: 0 is no more than that, 1 is "
        + "agreement. p is corrected for the number of pairs of models.",
      nameColumns: ["Model A", "Model B", "Measure"] + (hasModes ? ["Tokens"] : []) + ["Over pairs", "Taps"],
      columns: [
        ResultTable.Column("Value", digits: 3), ResultTable.Column("Threshold", digits: 3),
        ResultTable.Column("Calibrated", digits: 3), .probability("p, corrected"),
      ],
      rows: rows.map { row -> ResultTable.Line in
        return (
          row.stores + [row.measure] + (hasModes ? [row.mode ?? ""] : []) + [row.aggregate, row.taps], "",
          [row.value, row.threshold, row.calibrated, row.adjusted].map { ResultTable.Value($0) }
        )
      }, commaSeparated: commaSeparated)
  }
}
