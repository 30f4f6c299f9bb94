import Formats

/// Panels with axes set in lines: the legend above them, the label of the vertical axis to their left, numbers beside
/// the first panel of each line.
struct AxesGrid {
  /// What one panel draws into its plot, whose upper left corner is the origin.
  struct Content {
    let nodes: [SceneNode]
    /// Room the labels take below the plot.
    let bottom: Double
  }

  struct Frame {
    let valueLabel: String
    let tickWidth: Double
    /// Height over width of a plot.
    let ratio: Double
    let legend: [Legend.Entry]
    let sampleWidth: Double
  }

  private(set) var nodes: [SceneNode] = []
  private(set) var bounds = Rectangle(x: 0, y: 0, width: 1, height: 1)

  /// - Parameters:
  ///   - titles: one a panel; empty for none.
  ///   - draw: panel, size of its plot, whether it carries the numbers of the vertical axis.
  init(
    titles: [String], perLine: Int, limit: Double, frame: Frame, style: FigureStyle, measurer: some TextMeasuring,
    draw: (Int, Size, Bool) -> Content
  ) {
    var inner = limit
    // What sticks out at the right edge takes from the plots.
    for _ in 0..<4 {
      nodes = Self.set(
        titles: titles, perLine: perLine, width: inner, frame: frame, style: style, measurer: measurer, draw: draw)
      let drawn = SceneNode.bounds(of: nodes, measurer) ?? bounds
      bounds = Rectangle(x: drawn.x - 1, y: drawn.y - 1, width: drawn.width + 2, height: drawn.height + 2)
      guard bounds.width > limit + 1e-6 else { break }
      inner -= bounds.width - limit
    }
  }

  /// As many panels to a line as leaves each about a third of a wide page; smaller ones where there are very many.
  static func perLine(_ count: Int, limit: Double, style: FigureStyle) -> Int {
    let most = count == 4 ? 2 : count > 9 ? 5 : 3
    return balanced(count, perLine: min(most, Int(saturating: limit / (style.sizes.tick * (count > 9 ? 13 : 20)))))
  }

  /// As many panels to a line as fill the lines evenly: four of them two and two, where three would fit.
  static func balanced(_ count: Int, perLine: Int) -> Int {
    let perLine = max(1, min(count, perLine))
    let lines = (count + perLine - 1) / perLine
    return (count + lines - 1) / lines
  }

  func figure(limit: Double, style: FigureStyle, description: FigureDescription) -> Figure {
    let page = PageFrame(bounds: bounds)
    var warnings: [String] = []
    if page.size.width > limit + 0.5 {
      warnings.append("the figure is wider than the text of style '\(style.name)'")
    }
    if page.size.height > style.maximumHeight + 0.5 {
      warnings.append("the figure is taller than a page of style '\(style.name)'")
    }
    return Figure(scene: page.scene(nodes, style: style), description: description, regions: [], warnings: warnings)
  }

  private static func set(
    titles: [String], perLine: Int, width: Double, frame: Frame, style: FigureStyle, measurer: some TextMeasuring,
    draw: (Int, Size, Bool) -> Content
  ) -> [SceneNode] {
    let left =
      style.sizes.label * 1.5 + frame.tickWidth + style.lines.tickLength + style.sizes.tick * 0.3
    // Labels at the ends of neighbouring plots reach half a letter into it, and must not read as one.
    let gap = style.sizes.label * 1.9
    let panelWidth = max((width - left - 2 - gap * Double(perLine - 1)) / Double(perLine), style.sizes.tick * 6)
    let lines = (titles.count + perLine - 1) / perLine
    let tallest = max(style.maximumHeight * 0.9 / Double(lines) - style.sizes.tick * 7, style.sizes.tick * 5)
    let panelHeight = min(max(panelWidth * frame.ratio, style.sizes.tick * 10), style.maximumHeight * 0.4, tallest)
    var nodes: [SceneNode] = []
    var y = 0.0
    if !frame.legend.isEmpty {
      let legend = Legend(
        frame.legend, width: width - left, sampleWidth: frame.sampleWidth, style: style, measurer: measurer)
      nodes.append(.group(SceneGroup(legend.nodes, offset: Point(left, 0))))
      y = legend.height + style.sizes.label * 0.8
    }
    for start in stride(from: 0, to: titles.count, by: perLine) {
      let line = start..<min(start + perLine, titles.count)
      let isTitled = line.contains { !titles[$0].isEmpty }
      let top = y + (isTitled ? style.sizes.title * 1.5 : style.sizes.tick * 0.5)
      var lowest = top + panelHeight
      for (place, index) in line.enumerated() {
        let content = draw(index, Size(panelWidth, panelHeight), place == 0)
        var children = content.nodes
        let title = measurer.elided(titles[index], toWidth: panelWidth, size: style.sizes.title, weight: .bold)
        if !title.isEmpty {
          children.append(
            .text(
              TextRun(
                title, at: Point(0, -style.sizes.title * 0.5), size: style.sizes.title, weight: .bold,
                color: style.colors.ink, fullText: title == titles[index] ? nil : titles[index])))
        }
        nodes.append(.group(SceneGroup(children, offset: Point(left + Double(place) * (panelWidth + gap), top))))
        lowest = max(lowest, top + panelHeight + content.bottom)
      }
      let label = measurer.elided(frame.valueLabel, toWidth: lowest - y, size: style.sizes.label)
      // Beside the middle of the plot; a long one takes the room above and below it too.
      let half = measurer.width(of: label, size: style.sizes.label) / 2
      let middle = max(min(top + panelHeight / 2, lowest - half), y + half)
      nodes.append(
        .text(
          TextRun(
            label, at: Point(style.sizes.label * 0.8, middle), size: style.sizes.label,
            alignment: .middle, direction: .upwards, color: style.colors.ink,
            fullText: label == frame.valueLabel ? nil : frame.valueLabel)))
      y = lowest + style.sizes.label
    }
    return nodes
  }

  static func gridLines(_ elements: [PathShape.Element], style: FigureStyle) -> [SceneNode] {
    guard !elements.isEmpty else { return [] }
    return [.path(PathShape(elements: elements, stroke: Stroke(color: style.colors.grid, width: style.lines.grid)))]
  }

  /// The frame's left and lower edge.
  static func axes(size: Size, style: FigureStyle) -> SceneNode {
    .path(
      .polyline(
        [Point(0, 0), Point(0, size.height), Point(size.width, size.height)],
        stroke: Stroke(color: style.colors.ink, width: style.lines.axis)))
  }
}
