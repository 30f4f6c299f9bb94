/// Panels with axes set in lines for one width: what `AxesGrid` tries until it fits.
struct AxesPage {
  private(set) var nodes: [SceneNode] = []
  let panelHeight: Double
  let lineCount: Int

  /// - Parameter panelHeight: of every plot; nil for what its width asks for.
  init(
    titles: [String], perLine: Int, width: Double, panelHeight wanted: Double?, frame: AxesGrid.Frame,
    style: FigureStyle, measurer: some TextMeasuring, draw: (Int, Size, Bool) -> AxesGrid.Content
  ) {
    let legendPlace = frame.layout.legend ?? .above
    let legendGap = style.sizes.label * 1.2
    let sideWidth =
      legendPlace == .right && !frame.legend.isEmpty
      ? min(
        width * 0.45,
        Legend.widest(frame.legend, sampleWidth: frame.sampleWidth, style: style, measurer: measurer) + 1) : 0
    let room = width - (sideWidth > 0 ? sideWidth + legendGap : 0)
    lineCount = (titles.count + perLine - 1) / perLine
    let lines = Double(lineCount)
    // Labels at the ends of neighbouring plots reach half a letter into it, and must not read as one.
    let gap = style.sizes.label * 1.9
    let labelSize = style.sizes.label
    /// From the left edge of a panel's labels to its plot.
    func left(_ place: Int, labelLines: Int) -> Double {
      let widths = stride(from: place, to: frame.isShared ? 1 : titles.count, by: perLine).map {
        frame.vertical($0).tickWidth
      }
      return labelSize * (0.3 + 1.2 * Double(labelLines)) + (widths.max() ?? 0) + style.lines.tickLength
        + style.sizes.tick * 0.3
    }
    func plotWidth(_ labelLines: Int) -> Double {
      let lefts =
        frame.isShared
        ? left(0, labelLines: labelLines)
        : (0..<perLine).reduce(0) { $0 + left($1, labelLines: labelLines) }
      return max((room - lefts - 2 - gap * Double(perLine - 1)) / Double(perLine), style.sizes.tick * 6)
    }
    let tallest = max(style.maximumHeight * 0.9 / lines - style.sizes.tick * 7, style.sizes.tick * 5)
    func plotHeight(_ width: Double) -> Double {
      wanted ?? min(max(width * frame.ratio, style.sizes.tick * 10), style.maximumHeight * 0.4, tallest)
    }
    // A label that is longer than its plot is tall takes the room above and below it, and then a second line.
    func labels(_ height: Double) -> [[String]] {
      frame.verticals.map {
        measurer.wrapped($0.label, toWidth: height + style.sizes.tick * 2.5, size: labelSize, most: 4)
      }
    }
    let labelLines = max(1, labels(plotHeight(plotWidth(1))).map(\.count).max() ?? 1)
    let panelWidth = plotWidth(labelLines)
    let panelHeight = plotHeight(panelWidth)
    self.panelHeight = panelHeight
    let written = labels(panelHeight)
    let start = left(0, labelLines: labelLines)

    func x(_ place: Int) -> Double {
      guard !frame.isShared else { return start + Double(place) * (panelWidth + gap) }
      return (0..<place).reduce(start) { $0 + panelWidth + gap + left($1 + 1, labelLines: labelLines) }
    }
    var nodes: [SceneNode] = []
    var y = 0.0
    func addLegend(at corner: Point, width: Double) -> Double {
      let legend = Legend(
        frame.legend, width: width, sampleWidth: frame.sampleWidth, style: style, measurer: measurer)
      nodes.append(.group(SceneGroup(legend.nodes, offset: corner)))
      return legend.height
    }
    if !frame.legend.isEmpty, legendPlace == .above {
      y = addLegend(at: Point(start, 0), width: room - start) + style.sizes.label * 0.8
    }
    var firstTop = 0.0
    for first in stride(from: 0, to: titles.count, by: perLine) {
      let line = first..<min(first + perLine, titles.count)
      let headings = line.map {
        measurer.wrapped(titles[$0], toWidth: panelWidth, size: style.sizes.title, weight: .bold)
      }
      let deepest = headings.map(\.count).max() ?? 0
      let top =
        y + (deepest > 0 ? style.sizes.title * (0.3 + 1.2 * Double(deepest)) : style.sizes.tick * 0.5)
      if first == 0 { firstTop = top }
      var lowest = top + panelHeight
      for (place, index) in line.enumerated() {
        let content = draw(index, Size(panelWidth, panelHeight), place == 0 || !frame.isShared)
        var children = content.nodes
        for (row, text) in headings[place].enumerated() {
          let above = Double(headings[place].count - 1 - row) * 1.2 + 0.5
          children.append(
            .text(
              TextRun(
                text, at: Point(0, -style.sizes.title * above), size: style.sizes.title, weight: .bold,
                color: style.colors.ink, fullText: text.contains("…") ? titles[index] : nil)))
        }
        nodes.append(.group(SceneGroup(children, offset: Point(x(place), top))))
        lowest = max(lowest, top + panelHeight + content.bottom)
      }
      for (place, index) in line.enumerated() where place == 0 || !frame.isShared {
        let lines = written[frame.isShared ? 0 : index]
        // Beside the middle of the plot; a long one takes the room above and below it too.
        let half = (lines.map { measurer.width(of: $0, size: labelSize) }.max() ?? 0) / 2
        let middle = max(min(top + panelHeight / 2, lowest - half), y + half)
        let edge = x(place) - left(place, labelLines: labelLines)
        for (row, text) in lines.enumerated() {
          nodes.append(
            .text(
              TextRun(
                text, at: Point(edge + labelSize * (0.8 + 1.2 * Double(row)), middle), size: labelSize,
                alignment: .middle, direction: .upwards, color: style.colors.ink,
                fullText: text.contains("…") ? frame.vertical(index).label : nil)))
        }
      }
      y = lowest + style.sizes.label
    }
    if !frame.legend.isEmpty, legendPlace == .below {
      _ = addLegend(at: Point(start, y), width: room - start)
    }
    if sideWidth > 0 {
      _ = addLegend(at: Point(room + legendGap, firstTop + style.sizes.tick * 0.3), width: sideWidth)
    }
    self.nodes = nodes
  }
}
