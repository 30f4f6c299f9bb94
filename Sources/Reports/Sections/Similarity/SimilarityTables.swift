import Figures
import Formats

/// Tables of the closest taps of every two models, for papers.
struct SimilarityTables {
  let variant: SimilarityVariant
  let pairs: [SimilarityFindings.Pair]

  var commaSeparated: String {
    let header = [
      "store_a", "tap_a", "store_b", "tap_b", "measure", "estimator", "n", "value", "low", "high", "median", "pairs",
    ]
    return CommaSeparatedValues.line(header)
      + pairs.map { pair in
        let row = pair.best
        return CommaSeparatedValues.line([
          row.storeA, row.tapA, row.storeB, row.tapB, row.measure, row.estimator, "\(row.count)",
          row.value.map { "\($0)" } ?? "", row.low.map { "\($0)" } ?? "", row.high.map { "\($0)" } ?? "",
          "\(pair.median)",
          "\(pair.count)",
        ])
      }.joined()
  }

  /// With the rules of `booktabs`, intervals in small type.
  var latex: String {
    var lines = [
      "% \(variant.label), \(variant.countText); needs \\usepackage{booktabs}", "\\begin{tabular}{llllrr}", "\\toprule",
      "Model A & Tap & Model B & Tap & \(Escaping.latex(variant.quantity)) & Median \\\\", "\\midrule",
    ]
    for pair in pairs {
      let row = pair.best
      let interval =
        row.low.flatMap { low in
          row.high.map { " {\\scriptsize [\(Self.number(low)), \(Self.number($0))]}" }
        } ?? ""
      let names = [row.storeA, row.tapA, row.storeB, row.tapB].map(Escaping.latex).joined(separator: " & ")
      lines.append("\(names) & \(Self.number(row.value ?? 0))\(interval) & \(Self.number(pair.median)) \\\\")
    }
    return (lines + ["\\bottomrule", "\\end{tabular}"]).joined(separator: "\n") + "\n"
  }

  private static func number(_ value: Double) -> String { "$" + Numbers.fixed(value, digits: 3, minus: "-") + "$" }
}
