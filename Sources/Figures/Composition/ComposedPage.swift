/// The parts of a composed figure set for one width; the upper left corner of the page is the origin.
struct ComposedPage {
  private(set) var nodes: [SceneNode] = []
  private(set) var height = 0.0
  private(set) var warnings: [String] = []

  init(_ figure: ComposedFigure, width: Double, style: FigureStyle, measurer: some TextMeasuring) throws(FigureError) {
    let type = style.sizes.label
    let gap = type * 1.6
    let edge = 1.0
    var rows = figure.rows
    let shared = figure.legend == .above || figure.legend == .below ? SharedLegend(figure.parts.map(\.content)) : nil
    for row in rows.indices {
      for part in rows[row].parts.indices {
        let hasShared = shared?.holds(rows[row].parts[part].content) ?? false
        guard hasShared || figure.legend == .none else { continue }
        rows[row].parts[part].content.changeLayout { $0.legend = FigureLayout.LegendPlace.none }
      }
    }
    let entries = shared?.items.map { $0.entry(hasLine: shared?.hasLines ?? true, style: style) } ?? []
    let legend = Legend(
      entries, width: width - 2 * edge, sampleWidth: style.sizes.tick * (shared?.hasLines == false ? 1 : 2.4),
      style: style, measurer: measurer)
    var y = edge
    if !entries.isEmpty, figure.legend == .above {
      nodes.append(.group(SceneGroup(legend.nodes, offset: Point(edge, y))))
      y += legend.height + type
    }
    var index = 0
    for row in rows {
      let room = width - 2 * edge - gap * Double(row.parts.count - 1)
      let whole = row.parts.reduce(0) { $0 + $1.share }
      let widths = row.parts.map { room * $0.share / whole }
      var drawn = try Self.layOut(row.parts.map(\.content), widths: widths, style: style, measurer: measurer)
      // Plots beside each other are as tall as the tallest of the row.
      let tallest = row.height.map { $0 * 72 } ?? drawn.map(\.scene.size.height).max() ?? 0
      let adjusted = row.parts.map { part -> FigureContent in
        var content = part.content
        content.changeLayout { $0.height = $0.height ?? tallest / 72 }
        return content
      }
      if row.parts.count > 1 || row.height != nil {
        drawn = try Self.layOut(adjusted, widths: widths, style: style, measurer: measurer)
      }
      let hasHeading = figure.letters && figure.parts.count > 1 || row.parts.contains { !$0.title.isEmpty }
      let heading = hasHeading ? style.sizes.title * 1.5 : 0
      var x = edge
      for (part, (own, laid)) in zip(row.parts, zip(widths, drawn)) {
        let letter = figure.letters && figure.parts.count > 1 ? "(\(FigureLayout.letter(index)))" : ""
        let name = letter.isEmpty ? "part \(index + 1)" : letter
        index += 1
        let text = [letter, part.title].filter { !$0.isEmpty }.joined(separator: " ")
        if !text.isEmpty {
          let lines = measurer.wrapped(text, toWidth: own, size: style.sizes.title, weight: .bold, most: 1)
          if let line = lines.first {
            nodes.append(
              .text(
                TextRun(
                  line, at: Point(x, y + style.sizes.title), size: style.sizes.title, weight: .bold,
                  color: style.colors.ink, fullText: line == text ? nil : text)))
          }
        }
        nodes.append(.group(SceneGroup(laid.scene.nodes, offset: Point(x, y + heading))))
        if laid.scene.size.width > own + 0.5 {
          warnings.append("\(name) is wider than its place: give it a larger width, or a row of its own")
        }
        warnings += laid.warnings.filter { !$0.hasPrefix("the figure is") }.map { "\(name): \($0)" }
        x += own + gap
      }
      y += heading + (drawn.map(\.scene.size.height).max() ?? 0) + type
    }
    y -= type
    if !entries.isEmpty, figure.legend == .below {
      y += type
      nodes.append(.group(SceneGroup(legend.nodes, offset: Point(edge, y))))
      y += legend.height
    }
    height = y + edge
  }

  private static func layOut(
    _ contents: [FigureContent], widths: [Double], style: FigureStyle, measurer: some TextMeasuring
  ) throws(FigureError) -> [Figure] {
    var drawn: [Figure] = []
    for (content, width) in zip(contents, widths) {
      drawn.append(try content.figure.laidOut(style: style, measurer: measurer, width: width))
    }
    return drawn
  }
}

/// What the looks of several figures mean, each once.
struct SharedLegend {
  private(set) var items: [LegendItem] = []
  /// Whether a curve is among the figures.
  private(set) var hasLines = false

  init(_ contents: [FigureContent]) {
    for content in contents {
      guard let own = Self.items(of: content.figure) else { continue }
      if content.figure is LineFigure
        || (content.figure as? PlotFigure)?.mark != .points && content.figure is PlotFigure
      {
        hasLines = true
      }
      for item in own where !items.contains(where: { $0.text == item.text && $0.look == item.look }) {
        items.append(item)
      }
    }
    // Colours first, then what lines and fillings mean.
    items = items.filter { $0.look.color != nil } + items.filter { $0.look.color == nil }
    if items.count < 2 { items = [] }
  }

  /// Whether all that the figure's own legend says is in it.
  func holds(_ content: FigureContent) -> Bool {
    guard !items.isEmpty else { return false }
    // Of distributions the filling alone has a meaning.
    if let distributions = content.figure as? DistributionFigure {
      return distributions.legend.allSatisfy { own in
        items.contains { $0.text == own.text && $0.look.line == own.look.line }
      }
    }
    return Self.items(of: content.figure) != nil
  }

  /// nil where a figure's legend says more than what its looks mean.
  private static func items(of figure: any LaidOutFigure) -> [LegendItem]? {
    switch figure {
    case let lines as LineFigure where lines.reference == nil:
      return lines.legend ?? items(of: lines.panels.map { panel in panel.series.map { ($0.name, $0.look) } })
    case let plot as PlotFigure:
      return plot.legend ?? items(of: plot.panels.map { panel in panel.series.map { ($0.name, $0.look) } })
    default: return nil
    }
  }

  /// nil where a series has no look of its own.
  private static func items(of panels: [[(name: String, look: SeriesLook?)]]) -> [LegendItem]? {
    let series = panels.max { $0.count < $1.count } ?? []
    let items = series.compactMap { series in series.look.map { LegendItem(series.name, $0) } }
    return items.count == series.count && !items.isEmpty ? items : nil
  }
}

extension FigureContent {
  /// Changes the layout of a figure that has one.
  mutating func changeLayout(_ change: (inout FigureLayout) -> Void) {
    func changed(_ layout: FigureLayout?) -> FigureLayout {
      var layout = layout ?? FigureLayout()
      change(&layout)
      return layout
    }
    switch figure {
    case var lines as LineFigure:
      lines.layout = changed(lines.layout)
      figure = lines
    case var plot as PlotFigure:
      plot.layout = changed(plot.layout)
      figure = plot
    case var bars as BarFigure:
      bars.layout = changed(bars.layout)
      figure = bars
    case var distributions as DistributionFigure:
      distributions.layout = changed(distributions.layout)
      figure = distributions
    case var forest as ForestFigure:
      forest.layout = changed(forest.layout)
      figure = forest
    default: break
    }
  }
}
