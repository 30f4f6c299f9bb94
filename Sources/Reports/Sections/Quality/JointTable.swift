import Formats
import Results

/// `joints.csv`: whether the errors of chains lie where the next inverse looks.
struct JointTable {
  struct Row {
    /// Store, condition, start of the chain, joint.
    let names: [String]
    let numbers: [Column: Double]

    func number(_ column: Column) -> Double? { numbers[column] }

    func ratio(_ first: Column, _ second: Column) -> Double? {
      guard let value = number(first), let whole = number(second), whole > 0 else { return nil }
      return value / whole
    }
  }

  static let nameColumns: [Column] = [.store, .condition, .start, .tap]
  private static let numberColumns: [Column] = [
    .directions, .variance, .error, .imageError, .isotropicImageError, .seenDirections, .seenShare,
  ]

  let rows: [Row]
  let commaSeparated: String

  /// nil where the errors at the joints were not measured.
  /// - Throws: `ReportError` with file and line.
  init?(folder: AnalysisFolder) throws {
    guard folder.has(.joints) else { return nil }
    let path = folder.path(of: .joints)
    let table = try CommaSeparatedValues(parsing: folder.text(of: .joints), file: path)
    let indices = try table.indices(of: TableDefinition.joints.columns, file: path)
    rows = try table.records.map { record in
      let fields = TypedRecord(record, indices, path)
      var numbers: [Column: Double] = [:]
      for column in Self.numberColumns { numbers[column] = try fields.number(column) }
      return Row(names: Self.nameColumns.map(fields.text), numbers: numbers)
    }
    commaSeparated = table.text
  }

  static let method = Method(
    "Errors at the joints",
    "At each joint that a chain of inverses passes, its error is taken along the directions by which the activation there shows the "
      + "picture: the principal directions of the least-squares map from a token to the pixels of its cell. An error that is alike in all "
      + "directions has the share of chance in those that make up 99 % of the picture, and the factor 1.")

  func table(name: String) -> ResultTable? {
    guard !rows.isEmpty else { return nil }
    return ResultTable(
      name: name,
      caption:
        "Where the error at each joint of a chain lies. Error: share of the variance of the true activation. Seen: share of the error in "
        + "the directions that make up 99 % of what a linear map shows of the picture; chance: their share of all directions. Factor: the "
        + "error of the picture that follows, over that of an error of the same size in no direction: below 1 the error lies where the "
        + "picture does not look.",
      nameColumns: ["Model", "Condition", "Chain from", "Joint"],
      columns: [
        ResultTable.Column("Error", digits: 3), ResultTable.Column("Seen", digits: 3),
        ResultTable.Column("Chance", digits: 3), ResultTable.Column("Factor", digits: 3),
      ],
      rows: rows.map { row -> ResultTable.Line in
        let values = [
          row.ratio(.error, .variance), row.number(.seenShare), row.ratio(.seenDirections, .directions),
          row.ratio(.imageError, .isotropicImageError),
        ]
        return (row.names, "", values.map { ResultTable.Value($0, low: nil, high: nil) })
      }, commaSeparated: commaSeparated)
  }
}
