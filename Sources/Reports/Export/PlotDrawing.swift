import Figures

/// The numbers of a figure as pictures of TikZ: `pgfplots` for curves, bars and matrices, `\includegraphics` for pictures.
struct PlotDrawing {
  private let numbers: FigureNumbers
  private let rows: [[String]]
  private var facts: FigureNumbers.Facts { numbers.facts }

  init(_ numbers: FigureNumbers) {
    self.numbers = numbers
    rows = numbers.texts
  }

  var text: String {
    let packages =
      facts.form == .pictures
      ? "\\usepackage{tikz}" : "\\usepackage{pgfplots}\\pgfplotsset{compat=1.17}\\usepgfplotslibrary{groupplots}"
    let body =
      switch facts.form {
      case .pictures: pictures()
      case .matrix: plots(options: ["y dir=reverse", "enlargelimits=false", "axis on top"], panel: matrix)
      case .points, .line, .bars, .polar: plots(options: [], panel: series)
      }
    return
      (["% \(LatexText(facts.title).text). Needs \(packages)", "\\begin{tikzpicture}"] + body + ["\\end{tikzpicture}"])
      .joined(separator: "\n") + "\n"
  }

  private static func text(_ text: String) -> String { "{\(LatexText(text).text)}" }

  private static func distinct(_ texts: some Sequence<String>) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  private static func value(_ text: String) -> Double? { text.isEmpty ? nil : Double(text) }

  // MARK: Plots

  private func plots(
    options: [String], panel: (_ name: String, _ rows: [[String]]) -> (options: [String], plots: [String])
  )
    -> [String]
  {
    let panels = Self.distinct(rows.map { $0[0] })
    let columns = min(panels.count > 4 ? 3 : 2, panels.count)
    let lines = (panels.count + columns - 1) / columns
    // What stands beside a plot takes as much as a colour bar.
    let size = columns == 1 ? "0.75" : columns == 2 ? "0.42" : "0.29"
    let height = facts.form == .matrix ? size : columns == 1 ? "0.45" : columns == 2 ? "0.3" : "0.26"
    var text = [
      "\\begin{groupplot}[group style={group size=\(columns) by \(lines), horizontal sep=0.1\\linewidth, vertical sep=1.9cm},",
      "  width=\(size)\\linewidth, height=\(height)\\linewidth, scale only axis=false, tick label style={font=\\tiny},",
      "  label style={font=\\tiny}, title style={font=\\scriptsize}, legend style={font=\\tiny}, xlabel=\(Self.text(facts.x)), "
        + (options + (facts.xIsLogarithmic ? ["xmode=log"] : []) + (facts.yIsLogarithmic ? ["ymode=log"] : []))
        .map { $0 + ", " }.joined() + "unbounded coords=jump]",
    ]
    for (index, name) in panels.enumerated() {
      var drawn = panel(name, rows.filter { $0[0] == name })
      if facts.form == .matrix {
        // One colour bar, at the right end of the first line.
        if index == columns - 1 {
          drawn.options += [
            "colorbar", "colorbar style={title=\(Self.text(facts.y)), title style={font=\\tiny}, width=2mm}",
          ]
        }
      } else if index % columns == 0 {
        drawn.options.append("ylabel=\(Self.text(facts.y))")
      }
      text.append("\\nextgroupplot[title=\(Self.text(name))\(drawn.options.map { ", " + $0 }.joined())]")
      text += drawn.plots
    }
    return text + ["\\end{groupplot}"]
  }

  private static func ticks(_ axis: String, _ places: [(place: String, name: String)], rotation: Int) -> [String] {
    guard !places.isEmpty else { return [] }
    return [
      "\(axis)tick={\(places.map(\.place).joined(separator: ","))}",
      "\(axis)ticklabels={\(places.map { text($0.name) }.joined(separator: ","))}",
    ] + (rotation > 0 ? ["x tick label style={rotate=\(rotation), anchor=east}"] : [])
  }

  /// Curves with whiskers, or bars.
  private func series(_ panel: String, _ mine: [[String]]) -> (options: [String], plots: [String]) {
    let names = Self.distinct(rows.map { $0[1] })
    var places: [(place: String, name: String)] = []
    if facts.form == .line || facts.form == .bars, facts.x.isEmpty {
      for row in mine where !row[3].isEmpty && !row[2].isEmpty && !places.contains(where: { $0.place == row[2] }) {
        places.append((row[2], row[3]))
      }
    }
    var options = Self.ticks("x", places, rotation: 45)
    if facts.form == .bars { options += ["ybar", "bar width=\(max(1, 12 / max(1, names.count)))pt"] }
    let ends = mine.compactMap { Self.value($0[2]) }
    var plots: [String] = facts.levels.compactMap { level in
      guard let first = ends.min(), let last = ends.max() else { return nil }
      return "\\addplot[dashed, gray, forget plot] coordinates {(\(first),\(level)) (\(last),\(level))};"
    }
    let marks = facts.form == .points ? ["only marks"] : []
    for name in names {
      let points = mine.filter { $0[1] == name }
      guard !points.isEmpty else { continue }
      let look = (marks + ["mark size=1.2pt", "error bars/.cd", "y dir=both", "y explicit"]).joined(separator: ", ")
      var lines = ["\\addplot+[\(look)] table[x=x, y=y, y error plus=plus, y error minus=minus] {", "x y plus minus"]
      for (place, point) in points.enumerated() {
        if place > 0, point[7] == "0", facts.form == .line {
          lines.append("\(point[2].isEmpty ? "nan" : point[2]) nan 0 0")
        }
        let (y, low, high) = (Self.value(point[4]), Self.value(point[5]), Self.value(point[6]))
        func reach(_ end: Double?) -> String { end.flatMap { end in y.map { "\((end - $0).magnitude)" } } ?? "0" }
        lines.append(
          "\(point[2].isEmpty ? "nan" : point[2]) \(point[4].isEmpty ? "nan" : point[4]) \(reach(high)) \(reach(low))")
      }
      plots += lines + ["};"]
      if names.count > 1, panel == rows.first?[0] { plots.append("\\addlegendentry\(Self.text(name))") }
    }
    return (options, plots)
  }

  private func matrix(_ panel: String, _ mine: [[String]]) -> (options: [String], plots: [String]) {
    let down = Self.distinct(mine.map { $0[1] + " " + $0[2] })
    let across = Self.distinct(mine.map { $0[3] + " " + $0[4] })
    let range = facts.range ?? [0, 1]
    var options = Self.ticks("x", across.enumerated().map { ("\($0)", $1) }, rotation: 90)
    options += Self.ticks("y", down.enumerated().map { ("\($0)", $1) }, rotation: 0)
    options += [
      // pgfplots has two of the maps that are used here, or one much like them.
      "colormap/\(facts.colorMap == ColorMap.coolwarm.name ? "bluered" : "viridis")",
      "point meta min=\(range[0])", "point meta max=\(range[1])",
    ]
    var lines = [
      "\\addplot[matrix plot*, mesh/cols=\(across.count), point meta=explicit] table[x=x, y=y, meta=v] {", "x y v",
    ]
    for (place, row) in mine.enumerated() {
      lines.append("\(place % across.count) \(place / across.count) \(row[5].isEmpty ? "nan" : row[5])")
    }
    return (options, lines + ["};"])
  }

  // MARK: Pictures

  private func pictures() -> [String] {
    let names = Self.distinct(rows.map { $0[0] + "\u{1F}" + $0[1] })
    let columns = names.map { name in rows.count { $0[0] + "\u{1F}" + $0[1] == name } }.max() ?? 1
    let step = 0.86 / Double(columns)
    func length(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)\\linewidth" }
    var text: [String] = []
    for (line, name) in names.enumerated() {
      let mine = rows.filter { $0[0] + "\u{1F}" + $0[1] == name }
      let top = length(-Double(line) * (step + 0.05))
      text.append("\\node[anchor=east, font=\\tiny] at (0,\(top)) \(Self.text(mine[0][1]));")
      for (column, tile) in mine.enumerated() {
        let place = "(\(length((Double(column) + 0.5) * step)),\(top))"
        if !tile[4].isEmpty {
          text.append(
            "\\node[inner sep=0pt] at \(place) {\\includegraphics[width=\(length(step * 0.95))]{\(tile[4])}};")
        }
        let label = [tile[2], tile[3]].filter { !$0.isEmpty }.map { LatexText($0).text }.joined(separator: ", ")
        text.append("\\node[font=\\tiny, yshift=\(length(step * 0.56))] at \(place) {\(label)};")
      }
    }
    return text
  }
}
