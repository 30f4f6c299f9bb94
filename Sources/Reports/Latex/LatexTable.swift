/// A table of results as LaTeX with the rules of `booktabs`: in a column or the width of the text, whichever it needs, and as a
/// `longtable` where it is longer than a page.
struct LatexTable {
  let table: ResultTable
  private let layout: LatexLayout
  private let isLong: Bool

  /// Lines of a table beyond which it is set as a `longtable`: those that fit on a page of 9 inches with its caption.
  static let mostLines = 44

  init(_ table: ResultTable, page: LatexPage) {
    self.table = table
    let layout = LatexLayout.fitting(table, page: page)
    self.layout = layout
    let lines = table.rows.reduce(0) { sum, row in
      sum + (row.names.enumerated().map { layout.lines($1, column: $0).count }.max() ?? 1)
    }
    isLong = lines > Self.mostLines
  }

  /// Characters that are written as code points, each once, in order.
  var unknownCharacters: [Unicode.Scalar] {
    let texts =
      [caption(1, of: 1)] + table.nameColumns + table.valueColumns + table.groups
      + table.rows.flatMap { $0.names + $0.cells.flatMap { [$0.text, $0.interval] } }
    return texts.reduce(into: []) { found, text in
      for scalar in LatexText(text).unknown where !found.contains(scalar) { found.append(scalar) }
    }
  }

  var text: String {
    let inches = Int(layout.limit / LatexPage.pointsPerInch * 100) == 325 ? "a column of 3.25 in" : nil
    let room = inches ?? (layout.isColumn ? "a column" : "the width of the text")
    let width = String(Int((layout.limit / LatexPage.pointsPerInch * 100).rounded()))
    let packages = isLong ? "booktabs,longtable" : "booktabs"
    var lines = [
      "% Needs \\usepackage{\(packages)}; for pdfLaTeX, XeLaTeX and LuaLaTeX. Fits \(room)"
        + (inches == nil ? " (\(width.dropLast(2)).\(width.suffix(2)) in)" : "") + " in a paper set in 10 pt."
    ]
    if isLong { lines.append("% A longtable needs one column: in a paper of two, put \\onecolumn before it.") }
    for (index, columns) in layout.parts.enumerated() {
      lines += isLong ? long(index, columns) : float(index, columns)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Around the rows

  private func caption(_ part: Int, of count: Int) -> String {
    var text = table.caption
    if let condensed = table.condensed { text += " " + (layout.showsIntervals ? condensed.shown : condensed.omitted) }
    if count > 1 {
      text += " Part \(part) of \(count)" + (leavesOutRows(part - 1) ? ", without lines that have no value here." : ".")
    }
    return text
  }

  /// Whether a row has a value in some of these columns. Of a table in parts, lines of dashes are left out.
  private func isShown(_ row: ResultTable.Row, _ columns: [Int]) -> Bool {
    layout.parts.count < 2 || columns.contains { !row.cells[$0].key.isEmpty }
  }

  private func leavesOutRows(_ part: Int) -> Bool {
    layout.parts.indices.contains(part) && !table.rows.allSatisfy { isShown($0, layout.parts[part]) }
  }

  private func captionCommand(_ index: Int) -> String {
    let label = table.name.unicodeScalars.map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        ? Character(scalar) : "-"
    }
    let suffix = index == 0 ? "" : "-part-\(index + 1)"
    return
      "\\caption{\(LatexText.running(caption(index + 1, of: layout.parts.count)).text)}\\label{tab:\(String(label))\(suffix)}"
  }

  private var spacing: String { "\\setlength{\\tabcolsep}{\(Int(layout.gap) / 2).\(Int(layout.gap) % 2 * 5)pt}" }

  private func float(_ index: Int, _ columns: [Int]) -> [String] {
    let environment = layout.isColumn ? "table" : "table*"
    return [
      "\\begin{\(environment)}[tbp]", "\\centering\\sloppy\\setlength{\\belowcaptionskip}{4pt}", captionCommand(index),
      "\(layout.size.command)\(spacing)",
    ]
      + ["\\begin{tabular}{\(format(columns))}", "\\toprule"] + header(columns) + ["\\midrule"] + body(columns)
      + ["\\bottomrule", "\\end{tabular}", "\\end{\(environment)}"]
  }

  private func long(_ index: Int, _ columns: [Int]) -> [String] {
    let count = table.nameColumns.count + columns.count
    return [
      "{\\sloppy\(layout.size.command)\(spacing)\\setlength{\\LTcapwidth}{\\linewidth}\\setlength{\\belowcaptionskip}{4pt}",
      "\\begin{longtable}{\(format(columns))}", captionCommand(index) + "\\\\", "\\toprule",
    ] + header(columns) + ["\\midrule", "\\endfirsthead", "\\toprule"] + header(columns)
      + ["\\midrule", "\\endhead", "\\midrule", "\\multicolumn{\(count)}{@{}r@{}}{continued}\\\\", "\\endfoot"]
      + ["\\bottomrule", "\\endlastfoot"] + body(columns) + ["\\end{longtable}}"]
  }

  private func format(_ columns: [Int]) -> String {
    "@{}" + String(repeating: "l", count: table.nameColumns.count) + String(repeating: "r", count: columns.count)
      + "@{}"
  }

  // MARK: Rows

  private func header(_ columns: [Int]) -> [String] {
    var lines: [String] = []
    let spans = table.spans(columns)
    if spans.contains(where: { !$0.title.isEmpty }) {
      var cells = table.nameColumns.map { _ in "" }
      var rules = ""
      var place = table.nameColumns.count + 1
      for span in spans {
        cells.append("\\multicolumn{\(span.columns.count)}{c}{\(LatexText(span.title).text)}")
        let end = place + span.columns.count - 1
        if !span.title.isEmpty { rules += "\\cmidrule(lr){\(place)-\(end)}" }
        place = end + 1
      }
      lines = [Self.row(cells), rules]
    }
    let names = table.nameColumns.enumerated().map { Self.stacked(layout.lines($1, column: $0), "[b]{@{}l@{}}") }
    return lines + [Self.row(names + columns.map { Self.stacked(layout.headings[$0].lines, "[b]{@{}r@{}}") })]
  }

  private func body(_ columns: [Int]) -> [String] {
    var lines: [String] = []
    var before: [String] = []
    for row in table.rows where isShown(row, columns) {
      var names = row.names
      if table.condensed != nil {
        // A model's name stands once, and a little room parts the models.
        if !before.isEmpty, before.first != names.first { lines.append("\\addlinespace") }
        for index in names.indices.dropLast() where before.prefix(index + 1) == row.names.prefix(index + 1) {
          names[index] = ""
        }
      }
      before = row.names
      let cells = columns.map { column -> String in
        let cell = row.cells[column]
        guard !cell.key.isEmpty else { return "--" }
        let number = LatexText(cell.text, isBold: cell.isBest).text
        let interval =
          cell.interval.isEmpty || !layout.showsIntervals ? "" : " {\\scriptsize \(LatexText(cell.interval).text)}"
        return (cell.isBest ? "\\textbf{\(number)}" : number) + interval
      }
      lines.append(
        Self.row(names.enumerated().map { Self.stacked(layout.lines($1, column: $0), "[t]{@{}l@{}}") } + cells))
    }
    return lines
  }

  /// Lines above each other as one cell.
  private static func stacked(_ lines: [LatexText], _ format: String) -> String {
    guard lines.count > 1 else { return lines.first?.text ?? "" }
    return "\\begin{tabular}\(format)" + lines.map { guarded($0.text) }.joined(separator: "\\\\") + "\\end{tabular}"
  }

  private static func row(_ cells: [String]) -> String { guarded(cells.joined(separator: " & ")) + " \\\\" }

  /// `[` and `*` behind the end of a line would be taken as its options.
  private static func guarded(_ text: String) -> String {
    text.hasPrefix("[") || text.hasPrefix("*") ? "{}" + text : text
  }
}
