import Figures

/// A table for people: rows with names, numbers with intervals, best values marked. As HTML through the templates, as CSV,
/// and as LaTeX with the rules of `booktabs`.
struct ResultTable {
  struct Cell {
    /// As it is printed; "–" where there is no value.
    let text: String
    /// "[23.80, 24.46]", or empty.
    let interval: String
    let isBest: Bool
    /// By which the column is sorted; empty where there is no value.
    let key: String
  }

  struct Row {
    let names: [String]
    let cells: [Cell]
  }

  /// Of its files, without an ending, and of its element in the page.
  let name: String
  let caption: String
  let nameColumns: [String]
  let valueColumns: [String]
  let rows: [Row]
  /// The same as data.
  let commaSeparated: String

  /// - Parameters:
  ///   - columns: one for each value of a row: its heading and how it is read.
  ///   - groups: the row's group: the best of every column is marked within each.
  init(
    name: String, caption: String, nameColumns: [String], columns: [MetricFacts],
    rows: [(names: [String], group: String, values: [EstimateTable.Row?])], commaSeparated: String
  ) {
    self.name = name
    self.caption = caption
    self.nameColumns = nameColumns
    valueColumns = columns.map(\.label)
    self.commaSeparated = commaSeparated
    var best: [String: [Double?]] = [:]
    for row in rows {
      for (place, facts) in columns.enumerated() {
        guard let value = row.values[place]?.value else { continue }
        var known = best[row.group] ?? columns.map { _ in nil }
        if known[place].map({ facts.isBetter(value, than: $0) }) ?? true { known[place] = value }
        best[row.group] = known
      }
    }
    let sizes = Dictionary(rows.map { ($0.group, 1) }, uniquingKeysWith: +)
    self.rows = rows.map { row in
      Row(
        names: row.names,
        cells: zip(columns, row.values).enumerated().map { place, pair in
          let (facts, estimate) = pair
          guard let estimate, let value = estimate.value else {
            return Cell(text: "–", interval: "", isBest: false, key: "")
          }
          // Equal as printed is equal; a group of one has no best.
          let isBest =
            facts.best != .none && (sizes[row.group] ?? 0) > 1
            && best[row.group]?[place].map { facts.number($0) == facts.number(value) } ?? false
          return Cell(
            text: facts.number(value), interval: facts.interval(estimate) ?? "", isBest: isBest, key: "\(value)")
        })
    }
  }

  /// With the rules of `booktabs`: best values in bold, intervals in small type.
  var latex: String {
    let columns = String(repeating: "l", count: nameColumns.count) + String(repeating: "r", count: valueColumns.count)
    var lines = [
      "% \(Escaping.latex(caption)); needs \\usepackage{booktabs}", "\\begin{tabular}{\(columns)}", "\\toprule",
      (nameColumns + valueColumns).map(Escaping.latex).joined(separator: " & ") + " \\\\", "\\midrule",
    ]
    for row in rows {
      let cells = row.cells.map { cell -> String in
        guard !cell.key.isEmpty else { return "--" }
        let number = Self.math(cell.text)
        let interval = cell.interval.isEmpty ? "" : " {\\scriptsize \(Self.math(cell.interval))}"
        return (cell.isBest ? "\\textbf{\(number)}" : number) + interval
      }
      lines.append((row.names.map(Escaping.latex) + cells).joined(separator: " & ") + " \\\\")
    }
    return (lines + ["\\bottomrule", "\\end{tabular}"]).joined(separator: "\n") + "\n"
  }

  /// Digits, points and brackets as they are, a true minus sign as LaTeX sets it in text.
  private static func math(_ text: String) -> String { text.replacing("\u{2212}", with: "\\textminus{}") }
}
