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
      ? "\\usepackage{tikz}"
      : facts.form == .distributions
        ? "\\usepackage{pgfplots}\\pgfplotsset{compat=1.17}\\usepgfplotslibrary{groupplots,statistics}"
        : "\\usepackage{pgfplots}\\pgfplotsset{compat=1.17}\\usepgfplotslibrary{groupplots}"
    let body =
      switch facts.form {
      case .pictures: pictures()
      case .matrix: plots(options: ["y dir=reverse", "enlargelimits=false", "axis on top"], panel: matrix)
      case .points, .line, .bars, .polar, .composition: plots(options: [], panel: series)
      case .forest: plots(options: ["y dir=reverse", "ymin=-0.5", "enlarge y limits=0.02"], panel: forest)
      case .distributions: plots(options: ["boxplot/draw direction=y"], panel: distributions)
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
    let isMatrix = facts.form == .matrix
    let columns = min(panels.count > 4 && !isMatrix ? 3 : 2, panels.count)
    let lines = (panels.count + columns - 1) / columns
    // What stands beside a plot takes as much as a colour bar.
    let size = columns == 1 ? "0.75" : isMatrix ? "0.36" : columns == 2 ? "0.42" : "0.29"
    let height = isMatrix ? size : columns == 1 ? "0.45" : columns == 2 ? "0.3" : "0.26"
    var text = [
      "\\begin{groupplot}[group style={group size=\(columns) by \(lines), horizontal sep=\(isMatrix ? "0.18" : "0.1")\\linewidth, vertical sep=\(isMatrix ? "2.6" : "1.9")cm},",
      "  width=\(size)\\linewidth, height=\(height)\\linewidth, tick label style={font=\(isMatrix ? "\\fontsize{4}{5}\\selectfont" : "\\tiny")},",
      "  label style={font=\\tiny}, title style={font=\\scriptsize}, legend style={font=\\tiny}, xlabel=\(Self.text(facts.x)), "
        + (options + (facts.xIsLogarithmic ? ["xmode=log"] : []) + (facts.yIsLogarithmic ? ["ymode=log"] : []))
        .map { $0 + ", " }.joined() + range() + "unbounded coords=jump]",
    ]
    for (index, name) in panels.enumerated() {
      var drawn = panel(name, rows.filter { $0[0] == name })
      if isMatrix {
        // One colour bar, at the right end of the first line.
        if index == columns - 1 {
          drawn.options += [
            "colorbar", "colorbar style={title=\(Self.text(facts.y)), title style={font=\\tiny}, width=2mm}",
          ]
        }
      } else if index % columns == 0, facts.form != .forest {
        drawn.options.append("ylabel=\(Self.text(facts.y))")
      }
      text.append("\\nextgroupplot[title=\(Self.text(name))\(drawn.options.map { ", " + $0 }.joined())]")
      text += drawn.plots
    }
    return text + ["\\end{groupplot}"]
  }

  /// One scale for all panels, as in the figure; of bars it holds zero.
  private func range() -> String {
    guard facts.form != .matrix, facts.form != .forest, facts.sharesScale else { return "" }
    let values =
      rows.flatMap { row in [4, 5, 6].compactMap { Self.value(row[$0]) } }.filter(\.isFinite)
      + (facts.form == .bars ? [0] : facts.levels)
    guard let low = values.min(), let high = values.max(), low < high, !facts.yIsLogarithmic else { return "" }
    let room = (high - low) * 0.05
    return "ymin=\(facts.form == .bars && low == 0 ? 0 : low - room), ymax=\(high + room), "
      + (facts.form == .bars ? "enlarge x limits=0.2, " : "")
  }

  private static func ticks(_ axis: String, _ places: [(place: String, name: String)], rotation: Int) -> [String] {
    guard !places.isEmpty else { return [] }
    return [
      "\(axis)tick={\(places.map(\.place).joined(separator: ","))}",
      "\(axis)ticklabels={\(places.map { text($0.name) }.joined(separator: ","))}",
    ] + (rotation > 0 ? ["x tick label style={rotate=\(rotation), anchor=east}"] : [])
  }

  private static func extraTicks(_ places: [(place: String, name: String)]) -> [String] {
    guard !places.isEmpty else { return [] }
    return [
      "extra x ticks={\(places.map(\.place).joined(separator: ","))}",
      "extra x tick labels={\(places.map { text($0.name) }.joined(separator: ","))}",
      "extra x tick style={tick label style={rotate=45, anchor=east}}",
    ]
  }

  /// Curves with whiskers, or bars.
  private func series(_ panel: String, _ mine: [[String]]) -> (options: [String], plots: [String]) {
    let names = Self.distinct(rows.map { $0[1] })
    var places: [(place: String, name: String)] = []
    if facts.form == .line || facts.form == .bars {
      for row in mine where !row[3].isEmpty && !row[2].isEmpty && !places.contains(where: { $0.place == row[2] }) {
        places.append((row[2], row[3]))
      }
    }
    // On an axis of numbers only heads have names.
    let areNamed = mine.allSatisfy { !$0[3].isEmpty }
    var options = areNamed ? Self.ticks("x", places, rotation: 45) : Self.extraTicks(places)
    if facts.form == .bars { options += ["ybar", "bar width=\(max(1, 12 / max(1, names.count)))pt"] }
    let ends = mine.compactMap { Self.value($0[2]) }
    var plots: [String] = facts.levels.compactMap { level in
      guard let first = ends.min(), let last = ends.max() else { return nil }
      return "\\addplot[dashed, gray, forget plot] coordinates {(\(first),\(level)) (\(last),\(level))};"
    }
    for (index, name) in names.enumerated() {
      let points = mine.filter { $0[1] == name }
      guard !points.isEmpty else { continue }
      let look = PlotLook(facts, panel: panel, name: name, index: index)
      let marks = facts.form == .points ? ["only marks"] : facts.form == .bars ? [] : [look.dash]
      let drawn =
        ([look.color, facts.form == .bars ? look.bar : look.mark] + marks + [
          "forget plot", "error bars/.cd", "y dir=both", "y explicit",
        ])
        .filter { !$0.isEmpty }.joined(separator: ", ")
      plots += look.definitions
      var lines = ["\\addplot[\(drawn)] table[x=x, y=y, y error plus=plus, y error minus=minus] {", "x y plus minus"]
      var leaps: [String] = []
      for (place, point) in points.enumerated() {
        if place > 0, point[7] != "1", facts.form == .line {
          lines.append("\(point[2].isEmpty ? "nan" : point[2]) nan 0 0")
        }
        if place > 0, point[7] == "2", !point[4].isEmpty, !points[place - 1][4].isEmpty {
          leaps.append(
            "\\addplot[\(look.color), \(look.dash.isEmpty ? "solid" : look.dash), very thin, opacity=0.65, mark=none, forget plot] coordinates "
              + "{(\(points[place - 1][2]),\(points[place - 1][4])) (\(point[2]),\(point[4]))};")
        }
        let (y, low, high) = (Self.value(point[4]), Self.value(point[5]), Self.value(point[6]))
        func reach(_ end: Double?) -> String { end.flatMap { end in y.map { "\((end - $0).magnitude)" } } ?? "0" }
        lines.append(
          "\(point[2].isEmpty ? "nan" : point[2]) \(point[4].isEmpty ? "nan" : point[4]) \(reach(high)) \(reach(low))")
      }
      plots += lines + ["};"] + leaps
    }
    return (options, plots + legend(panel))
  }

  /// What the looks mean, in the first panel.
  private func legend(_ panel: String) -> [String] {
    guard panel == rows.first?[0] else { return [] }
    let named = Self.distinct((facts.traces ?? []).map(\.name)).compactMap { name in
      facts.traces?.first { $0.name == name }
    }
    let looks = facts.legend ?? named
    guard looks.count > 1 else { return [] }
    let isBars = facts.form == .bars || facts.form == .distributions
    return looks.flatMap { trace -> [String] in
      let look = PlotLook(trace)
      let drawn =
        ([look.color]
        + (isBars ? [look.bar, "area legend"] : [look.mark, facts.form == .points ? "only marks" : look.dash]))
        .filter { !$0.isEmpty }.joined(separator: ", ")
      return look.definitions + ["\\addlegendimage{\(drawn)}", "\\addlegendentry\(Self.text(trace.name))"]
    }
  }

  /// Estimates along the horizontal axis.
  private func forest(_ panel: String, _ mine: [[String]]) -> (options: [String], plots: [String]) {
    var options = Self.ticks(
      "y", mine.map { ($0[2], [$0[1], $0[3]].filter { !$0.isEmpty }.joined(separator: ": ")) }, rotation: 0)
    options += ["xlabel=\(Self.text(panel.isEmpty ? facts.y : panel))"]
    var plots: [String] = facts.levels.map { level in
      "\\addplot[gray, forget plot, mark=none] coordinates {(\(level),0) (\(level),\(max(1, mine.count - 1)))};"
    }
    for (index, name) in Self.distinct(mine.map { $0[1] }).enumerated() {
      let look = PlotLook(facts, panel: panel, name: name, index: index)
      plots += look.definitions
      plots.append(
        "\\addplot[only marks, \(look.color), \(look.mark), forget plot, error bars/.cd, x dir=both, x explicit] table[x=x, y=y, x error plus=plus, x error minus=minus] {"
      )
      plots.append("x y plus minus")
      for row in mine where row[1] == name && !row[4].isEmpty {
        let (value, low, high) = (Self.value(row[4]), Self.value(row[5]), Self.value(row[6]))
        func reach(_ end: Double?) -> String { end.flatMap { end in value.map { "\((end - $0).magnitude)" } } ?? "0" }
        plots.append("\(row[4]) \(row[2]) \(reach(high)) \(reach(low))")
      }
      plots.append("};")
    }
    return (options, plots)
  }

  /// Boxes from the first to the third quartile with the median, and whiskers to the ends.
  private func distributions(_ panel: String, _ mine: [[String]]) -> (options: [String], plots: [String]) {
    let names = Self.distinct(mine.map { $0[1] })
    let groups = Self.distinct(mine.map { $0[2] })
    let ticks = groups.map { group in (group, mine.first { $0[2] == group }?[3] ?? "") }
    var plots: [String] = []
    let width = 0.8 / Double(max(1, names.count))
    for (index, name) in names.enumerated() {
      let look = PlotLook(facts, panel: panel, name: name, index: index)
      plots += look.definitions
      for group in groups {
        let sample = DistributionFigure.Sample(
          mine.filter { $0[1] == name && $0[2] == group }.compactMap { Self.value($0[4]) })
        guard sample.count > 0, let place = Self.value(group) else { continue }
        let ends = [0, 0.25, 0.5, 0.75, 1].map { "\(sample.quantile($0))" }
        plots.append(
          "\\addplot[\(look.color), \(look.bar), solid, forget plot, boxplot prepared={lower whisker=\(ends[0]), lower quartile=\(ends[1]), median=\(ends[2]), "
            + "upper quartile=\(ends[3]), upper whisker=\(ends[4]), box extend=\(width * 0.8), "
            + "draw position=\(place + (Double(index) - Double(names.count - 1) / 2) * width)}] coordinates {};")
      }
    }
    return (Self.ticks("x", ticks, rotation: 45), plots + legend(panel))
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
