import Formats
import Results

/// `similarity_differences.csv`: is a tap closer to one tap than to another?
struct SimilarityDifferenceTable {
  private struct Row {
    /// Comparison, then store and tap of the three, then measure and estimator.
    let names: [String]
    let difference: Double?
    let low: Double?
    let high: Double?

    /// Whether the interval does not hold 0.
    var isSettled: Bool { low.flatMap { low in high.map { low > 0 || $0 < 0 } } ?? false }
  }

  private static let nameColumns: [Column] = [
    .comparison, .storeA, .tapA, .storeB, .tapB, .storeC, .tapC, .measure, .estimator,
  ]
  /// Rows shown for people; the CSV has all.
  private static let mostRows = 200

  let identifier: String
  private let rows: [Row]
  private let commaSeparated: String

  /// nil where no differences were computed.
  /// - Throws: `ReportError` with file and line.
  init?(folder: AnalysisFolder, identifier: String) throws {
    guard folder.has(.similarityDifferences) else { return nil }
    let path = folder.path(of: .similarityDifferences)
    let table = try CommaSeparatedValues(parsing: folder.text(of: .similarityDifferences), file: path)
    let indices = try table.indices(of: TableDefinition.similarityDifferences.columns, file: path)
    rows = try table.records.map { record in
      let fields = TypedRecord(record, indices, path)
      return Row(
        names: Self.nameColumns.map(fields.text), difference: try fields.number(.difference),
        low: try fields.number(.low), high: try fields.number(.high))
    }
    self.identifier = identifier
    commaSeparated = table.text
  }

  static let method = Method(
    "Differences of similarity",
    "Whether a tap is closer to one tap than to another: the difference of the two values, which share a tap and all images, with a "
      + "95 % interval from leaving out one image after the other, the difference taken anew each time (jackknife, Student's t). Each "
      + "interval stands for itself; nothing is corrected for their number.",
    reference: "Tukey, 1958")

  func finding() -> Finding? {
    let parts = SimilarityComparison.allCases.compactMap { comparison -> String? in
      let own = rows.filter { $0.names[0] == comparison.rawValue }
      guard !own.isEmpty else { return nil }
      return
        "\(comparison.sentence): the interval of the difference lies beside 0 for \(own.count { $0.isSettled }) of \(own.count)."
    }
    guard !parts.isEmpty else { return nil }
    return Finding(
      lead: "Closer to one than to another",
      text: "Every tap was compared with two others at a time, on the same images.", items: parts)
  }

  /// Differences between taps that were named, a line each; without them those between models, without these those between
  /// neighbouring taps. The CSV has all.
  func table() -> ResultTable? {
    let first = [SimilarityComparison.named, .models].lazy.map { comparison in
      rows.filter { $0.names[0] == comparison.rawValue }
    }.first { !$0.isEmpty }
    let shown = (first ?? rows).prefix(Self.mostRows)
    guard !shown.isEmpty else { return nil }
    return ResultTable(
      name: "\(identifier)-differences",
      caption:
        "Is tap A closer to tap B than to tap C? The value of A with B less that of A with C, in brackets its 95 % interval over "
        + "images; above 0 A is closer to B (of a distance: to C). The first \(shown.count) of \(rows.count) differences; the CSV has "
        + "all.",
      nameColumns: ["A", "B", "C", "Measure"], columns: [ResultTable.Column("Difference", digits: 3)],
      rows: shown.map { row -> ResultTable.Line in
        let measure = (MeasureDefinition.named(row.names[7])?.name ?? row.names[7]) + ", " + row.names[8]
        return (
          [
            "\(row.names[1]) \(row.names[2])", "\(row.names[3]) \(row.names[4])", "\(row.names[5]) \(row.names[6])",
            measure,
          ],
          "", [ResultTable.Value(row.difference, low: row.low, high: row.high)]
        )
      }, commaSeparated: commaSeparated)
  }
}
