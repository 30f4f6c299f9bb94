/// Values over the depth of one or more models, with bands for their intervals: one panel a model, one scale for all.
public struct LineFigure: Sendable {
  /// One curve; nil where there is no value.
  public struct Series: Sendable {
    public var name: String
    public var values: [Double?]
    /// Ends of the interval; a point without both has none.
    public var low: [Double?]
    public var high: [Double?]

    public init(name: String, values: [Double?], low: [Double?], high: [Double?]) {
      self.name = name
      self.values = values
      self.low = low
      self.high = high
    }
  }

  /// One set of axes. Series of the same place in each panel share colour, marker and name.
  public struct Panel: Sendable {
    public var title: String
    /// Names of the places along the axis, in order of depth.
    public var labels: [String]
    public var series: [Series]

    public init(title: String, labels: [String], series: [Series]) {
      self.title = title
      self.labels = labels
      self.series = series
    }
  }

  public var panels: [Panel]
  public var valueLabel: String
  /// What the vertical axis shows at least; it grows to hold every value and interval.
  public var range: ClosedRange<Double>
  public var description: FigureDescription

  public init(panels: [Panel], valueLabel: String, range: ClosedRange<Double>, description: FigureDescription) {
    self.panels = panels
    self.valueLabel = valueLabel
    self.range = range
    self.description = description
  }

  /// Lays the figure out within `width` points, or the width of the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    try validate()
    let limit = width ?? style.textWidth
    let vertical = verticalRange()
    // As many panels to a line as leaves each about a third of a wide page.
    let perLine = max(1, min(panels.count, panels.count == 4 ? 2 : 3, Int(limit / (style.sizes.tick * 20))))
    var inner = limit
    var nodes: [SceneNode] = []
    var bounds = Rectangle(x: 0, y: 0, width: limit, height: 1)
    for _ in 0..<4 {
      nodes = setNodes(width: inner, perLine: perLine, vertical: vertical, style: style, measurer: measurer)
      let drawn = SceneNode.bounds(of: nodes, measurer) ?? bounds
      bounds = Rectangle(x: drawn.x - 1, y: drawn.y - 1, width: drawn.width + 2, height: drawn.height + 2)
      guard bounds.width > limit + 1e-6 else { break }
      inner -= bounds.width - limit
    }
    let page = PageFrame(bounds: bounds)
    var warnings: [String] = []
    if page.size.width > limit + 0.5 {
      warnings.append("the figure is wider than the text of style '\(style.name)'")
    }
    return Figure(
      scene: page.scene(nodes, style: style), description: description, regions: [], warnings: warnings)
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("a line figure needs at least one panel") }
    guard range.lowerBound < range.upperBound, range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw FigureError("the range of a line figure must be finite and not empty, got \(range)")
    }
    for panel in panels {
      for series in panel.series
      where [series.values.count, series.low.count, series.high.count].contains(where: { $0 != panel.labels.count }) {
        throw FigureError(
          "series '\(series.name)' of panel '\(panel.title)' needs \(panel.labels.count) values and interval ends each")
      }
      guard !panel.labels.isEmpty else { throw FigureError("panel '\(panel.title)' of a line figure has no places") }
    }
  }

  /// The range with room for every finite value and interval, ending at round numbers.
  private func verticalRange() -> ClosedRange<Double> {
    var low = range.lowerBound
    var high = range.upperBound
    for value in panels.flatMap(\.series).flatMap({ $0.values + $0.low + $0.high }) {
      guard let value, value.isFinite else { continue }
      low = min(low, value)
      high = max(high, value)
    }
    let ticks = Ticks(in: range, count: 5)
    guard ticks.values.count > 1 else { return low...high }
    let step = ticks.values[1] - ticks.values[0]
    if low < range.lowerBound { low = (low / step + 1e-9).rounded(.down) * step }
    if high > range.upperBound { high = (high / step - 1e-9).rounded(.up) * step }
    return low...high
  }

  /// Everything but the page, for panels that fill `width`.
  private func setNodes(
    width: Double, perLine: Int, vertical: ClosedRange<Double>, style: FigureStyle, measurer: some TextMeasuring
  ) -> [SceneNode] {
    let step = range.upperBound - range.lowerBound
    let ticks = Ticks(
      in: vertical, count: max(5, Int(((vertical.upperBound - vertical.lowerBound) / step * 5).rounded())))
    let tickWidth = ticks.labels.map { measurer.width(of: $0, size: style.sizes.tick) }.max() ?? 0
    let left = style.sizes.label * 1.5 + tickWidth + style.lines.tickLength + style.sizes.tick * 0.3
    let gap = style.sizes.label * 1.2
    let panelWidth = max((width - left - 2 - gap * Double(perLine - 1)) / Double(perLine), style.sizes.tick * 4)
    let panelHeight = min(max(panelWidth * 0.5, style.sizes.tick * 12), style.maximumHeight * 0.3)

    var nodes: [SceneNode] = []
    var y = 0.0
    let names = (panels.max { $0.series.count < $1.series.count })?.series.map(\.name) ?? []
    if names.count > 1 {
      let entries = names.enumerated().map { index, name in
        Legend.Entry(text: name) { box in
          LinePanel.sample(index, in: box, style: style)
        }
      }
      let legend = Legend(
        entries, width: width - left, sampleWidth: style.sizes.tick * 2.4, style: style, measurer: measurer)
      nodes.append(.group(SceneGroup(legend.nodes, offset: Point(left, 0))))
      y = legend.height + style.sizes.label * 0.8
    }
    for start in stride(from: 0, to: panels.count, by: perLine) {
      let line = panels[start..<min(start + perLine, panels.count)]
      let top = y
      let cells = top + style.sizes.title * 1.5
      var lowest = cells + panelHeight
      for (place, panel) in line.enumerated() {
        let drawn = LinePanel(
          panel: panel, size: Size(panelWidth, panelHeight), vertical: vertical, ticks: ticks, writesTicks: place == 0,
          style: style, measurer: measurer)
        nodes.append(
          .group(SceneGroup(drawn.nodes, offset: Point(left + Double(place) * (panelWidth + gap), cells))))
        lowest = max(lowest, cells + panelHeight + drawn.bottom)
      }
      let label = measurer.elided(valueLabel, toWidth: lowest - top, size: style.sizes.label)
      nodes.append(
        .text(
          TextRun(
            label, at: Point(style.sizes.label * 0.8, cells + panelHeight / 2), size: style.sizes.label,
            alignment: .middle, direction: .upwards, color: style.colors.ink,
            fullText: label == valueLabel ? nil : valueLabel)))
      y = lowest + style.sizes.label
    }
    return nodes
  }
}
