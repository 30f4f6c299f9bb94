extension HeatMapFigure {
  /// The maps set in lines with cells of a given side, the colour bar to their right or below, the legend below.
  /// A draft takes the same room but leaves the cells empty.
  struct Page {
    private(set) var nodes: [SceneNode] = []
    private(set) var regions: [HeatMapRegion] = []
    /// What is drawn, with a hair's breadth around it.
    let bounds: Rectangle

    init(
      _ figure: HeatMapFigure, cell: Double, perLine: Int, barIsBelow: Bool, limit: Double,
      range: ClosedRange<Double>, draft: Bool, style: FigureStyle, measurer: some TextMeasuring
    ) {
      // Names leave room for the cells, however many maps stand beside and below each other.
      let across = Double(perLine)
      let down = Double((figure.maps.count + perLine - 1) / perLine)
      let labelLimit = max(
        min(min(limit, style.maximumHeight) * 0.2, limit * 0.4 / across, style.maximumHeight * 0.4 / down),
        style.sizes.tick * 8)
      let panels = figure.maps.map {
        HeatMapPanel(
          map: $0, cell: figure.cell(of: $0, largest: cell), style: style, measurer: measurer, labelLimit: labelLimit,
          titleRoom: max(min(style.sizes.title * 8, limit * 0.3 / across), style.sizes.title * 4))
      }
      let lines = stride(from: 0, to: panels.count, by: perLine).map { Array($0..<min($0 + perLine, panels.count)) }

      let gap = style.sizes.label * 1.4
      // Panels above each other start their cells at the same place.
      let lefts = (0..<min(perLine, panels.count)).map { place in
        lines.compactMap { place < $0.count ? panels[$0[place]].left : nil }.max() ?? 0
      }
      let widths = (0..<min(perLine, panels.count)).map { place in
        lines.compactMap { place < $0.count ? panels[$0[place]].reach : nil }.max() ?? 0
      }
      var y = 0.0
      var right = 0.0
      var firstCells = 0.0
      var lastCells = 0.0
      var lowest = 0.0
      for (lineIndex, line) in lines.enumerated() {
        y += line.map { panels[$0].top }.max() ?? 0
        if lineIndex == 0 { firstCells = y }
        var x = 0.0
        for (place, index) in line.enumerated() {
          let panel = panels[index]
          x += place == 0 ? 0 : gap
          x += place == 0 && lines.count == 1 ? panel.left : lefts[place]
          let corner = Point(x, y)
          nodes.append(panel.nodes(colorMap: figure.colorMap, draft: draft, at: corner))
          regions.append(panel.region(panel: index, at: corner))
          lastCells = max(lastCells, y + panel.height)
          lowest = max(lowest, y + panel.height + panel.bottom)
          right = max(right, x + panel.reach)
          x += widths[place]
        }
        y = lowest + gap
      }

      let bar: ColorBar
      let start = regions.first?.columns.first ?? 0
      if barIsBelow {
        bar = ColorBar.level(
          range: range, colorMap: figure.colorMap, label: figure.valueLabel, length: (right - start) * 0.7,
          style: style, measurer: measurer)
        let place = Point(start + (right - start - bar.width) / 2, lowest + style.sizes.label * 0.8)
        nodes.append(.group(SceneGroup(bar.nodes, offset: place)))
        lowest = place.y + bar.height
      } else {
        bar = ColorBar(
          range: range, colorMap: figure.colorMap, label: figure.valueLabel,
          // As high as the first line of panels.
          height: panels.prefix(perLine).map(\.height).max() ?? 0, style: style, measurer: measurer)
        nodes.append(.group(SceneGroup(bar.nodes, offset: Point(right + style.sizes.label * 1.2, firstCells))))
        lowest = max(lowest, firstCells + bar.height)
      }

      let entries = Legend.entries(
        marks: figure.marks, marksOutside: panels.contains { $0.numbers == .none }, range: range,
        colorMap: figure.colorMap, style: style)
      if !entries.isEmpty {
        let legend = Legend(
          entries, width: max(right + (barIsBelow ? 0 : bar.width) - start, style.sizes.tick * 16),
          sampleWidth: style.sizes.tick,
          style: style, measurer: measurer)
        nodes.append(.group(SceneGroup(legend.nodes, offset: Point(start, lowest + style.sizes.label))))
      }
      let drawn = SceneNode.bounds(of: nodes, measurer) ?? Rectangle(x: 0, y: 0, width: 1, height: 1)
      bounds = Rectangle(x: drawn.x - 1, y: drawn.y - 1, width: drawn.width + 2, height: drawn.height + 2)
    }
  }
}
