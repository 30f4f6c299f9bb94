import Figures
import Formats
import Results

/// The closest taps of every two models, for papers.
struct ClosestTaps {
  let variant: SimilarityVariant
  let pairs: [SimilarityFindings.Pair]
  let identifier: String

  private static let median = Column("median", "Median over all pairs of taps of the two models.")
  private static let count = Column("pairs", "Number of these pairs.")
  private static let nullColumns = [
    Column("null_mean", "Mean over random pairings of the images."), Column("null_low", "Their 2.5th percentile."),
    Column("null_high", "Their 97.5th percentile."), Column.pValue, Column.adjustedPValue,
  ]

  /// nil where there is one model only.
  func table() -> ResultTable? {
    guard !pairs.isEmpty else { return nil }
    let hasNull = pairs.contains { $0.null != nil }
    var columns = [ResultTable.Column(variant.quantity, digits: 3)]
    if hasNull {
      columns.append(ResultTable.Column("Chance (null band)", digits: 3))
      columns.append(.probability("p, corrected"))
    }
    columns.append(ResultTable.Column("Median of all pairs", digits: 3))
    columns.append(.count("Pairs"))
    return ResultTable(
      name: "closest-taps-\(identifier)",
      caption:
        "The closest taps of every two models, and the median over all pairs of their taps. The closest of many is "
        + "picked for being high: it overstates. Brackets: 95 % intervals."
        + (hasNull
          ? " Chance: mean over random pairings of the images, and the band that 95 % of them lie "
            + "in; p is corrected for all pairs of different taps." : ""),
      nameColumns: ["Model A", "Tap of A", "Model B", "Tap of B"], columns: columns,
      rows: pairs.map { pair -> ResultTable.Line in
        var values: [ResultTable.Value?] = [
          ResultTable.Value(pair.best.value, low: pair.best.low, high: pair.best.high)
        ]
        if hasNull {
          values.append(pair.null.map { ResultTable.Value($0.mean, low: $0.low, high: $0.high) })
          values.append(ResultTable.Value(pair.null?.adjusted))
        }
        values.append(ResultTable.Value(pair.median))
        values.append(ResultTable.Value(Double(pair.count)))
        return ([pair.storeA, pair.best.tapA, pair.storeB, pair.best.tapB], "", values)
      }, commaSeparated: commaSeparated(hasNull))
  }

  private func commaSeparated(_ hasNull: Bool) -> String {
    let columns: [Column] = TableDefinition.similarity.columns + [Self.median, Self.count]
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let header = hasNull ? columns + Self.nullColumns : columns
    return CommaSeparatedValues.line(header.map(\.name))
      + pairs.map { pair -> String in
        let row = pair.best
        var fields = [row.storeA, row.tapA, row.storeB, row.tapB, row.measure, row.estimator, "\(row.count)"]
        fields += [row.value, row.low, row.high].map(text)
        fields += ["\(pair.median)", "\(pair.count)"]
        if hasNull {
          fields +=
            [pair.null?.mean, pair.null?.low, pair.null?.high, pair.null?.pValue, pair.null?.adjusted].map(text)
        }
        return CommaSeparatedValues.line(fields)
      }.joined()
  }
}
