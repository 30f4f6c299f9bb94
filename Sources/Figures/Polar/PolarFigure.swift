import Formats

/// Values over the hue circle: angle is hue, distance from the middle is the value. One panel or more, one scale for all,
/// which begins at zero.
public struct PolarFigure: Sendable, Codable {
  /// A closed curve; nil where there is no value.
  public struct Series: Sendable, Codable {
    public var name: String
    /// In degrees, increasing, from 0 to less than 360.
    public var angles: [Double]
    public var values: [Double?]
    public var low: [Double?]
    public var high: [Double?]

    public init(name: String, angles: [Double], values: [Double?], low: [Double?] = [], high: [Double?] = []) {
      self.name = name
      self.angles = angles
      self.values = values
      self.low = low.isEmpty ? values.map { _ in nil } : low
      self.high = high.isEmpty ? values.map { _ in nil } : high
    }
  }

  public struct Panel: Sendable, Codable {
    public var title: String
    public var series: [Series]

    public init(title: String, series: [Series]) {
      self.title = title
      self.series = series
    }
  }

  public var panels: [Panel]
  /// What the distance from the middle measures, written below.
  public var valueLabel: String
  /// Numbers the scale holds whatever the values.
  public var include: [Double]
  public var description: FigureDescription

  public init(panels: [Panel], valueLabel: String, include: [Double] = [], description: FigureDescription) {
    self.panels = panels
    self.valueLabel = valueLabel
    self.include = include
    self.description = description
  }

  /// Lays the figure out within `width` points, or the width of the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    try validate()
    let limit = width ?? style.textWidth
    let values = panels.flatMap(\.series).flatMap { $0.values + $0.high }.compactMap { $0 }.filter { $0 >= 0 }
    let axis = NumericAxis(values, include: [0] + include, count: 3)
    let gap = style.sizes.label * 1.2
    let margin = style.sizes.tick * 2.9
    func room(_ perLine: Int) -> Double { (limit - 2 - gap * Double(perLine - 1)) / Double(perLine) }
    // Four stand in one line where that leaves them large enough to be read.
    let fourFit = panels.count == 4 && room(4) / 2 - margin >= style.sizes.tick * 4.5
    let most = fourFit ? 4 : panels.count > 9 ? 6 : 3
    let perLine = AxesGrid.balanced(
      panels.count, perLine: min(most, Int(saturating: limit / (style.sizes.tick * 12.5))))
    let lines = Double((panels.count + perLine - 1) / perLine)
    let tallest = style.maximumHeight * 0.85 / lines - style.sizes.title * 2
    let radius = max(
      min(
        room(perLine) / 2 - margin, tallest / 2 - style.lines.tickLength - style.sizes.tick * 1.8,
        style.maximumCell * 4 - margin), style.sizes.tick * 3)
    let side = 2 * (radius + margin)
    let reach = PolarDial.reach(radius: radius, style: style)
    let dials = panels.map { PolarDial(panel: $0, axis: axis, radius: radius, style: style) }
    // The same direction in all dials: that in which the numbers cover least of the curves.
    var numbers = (angle: PolarDial.numberAngles[0], covered: Double.infinity)
    for angle in PolarDial.numberAngles {
      let covered = dials.reduce(0) { $0 + $1.covered(byNumbersAt: angle, measurer) }
      if covered < numbers.covered - 1e-6 { numbers = (angle, covered) }
    }

    var nodes: [SceneNode] = []
    var y = 0.0
    let names = (panels.max { $0.series.count < $1.series.count })?.series.map(\.name) ?? []
    if names.count > 1 {
      let entries = names.enumerated().map { index, name in
        Legend.Entry(text: name) {
          Marker.sample(.ordered(index, style), hasLine: true, in: $0, style: style)
        }
      }
      let legend = Legend(
        entries, width: limit - 2 - style.lines.curve * 2, sampleWidth: style.sizes.tick * 2.4, style: style,
        measurer: measurer)
      nodes.append(.group(SceneGroup(legend.nodes, offset: Point(style.lines.curve, 0))))
      y = legend.height + style.sizes.label * 0.8
    }
    for start in stride(from: 0, to: panels.count, by: perLine) {
      let line = panels[start..<min(start + perLine, panels.count)]
      for (place, panel) in line.enumerated() {
        let x = Double(place) * (side + gap)
        let title = measurer.elided(panel.title, toWidth: side, size: style.sizes.title, weight: .bold)
        nodes.append(
          .text(
            TextRun(
              title, at: Point(x + side / 2, y + style.sizes.title), size: style.sizes.title, weight: .bold,
              alignment: .middle, color: style.colors.ink, fullText: title == panel.title ? nil : panel.title)))
        nodes.append(
          .group(
            SceneGroup(
              dials[start + place].nodes(numberAngle: numbers.angle, measurer),
              offset: Point(x + side / 2, y + style.sizes.title * 1.8 + reach))))
      }
      y += style.sizes.title * 1.8 + 2 * reach + gap
    }
    let label = measurer.elided(valueLabel, toWidth: limit - 2, size: style.sizes.label)
    nodes.append(
      .text(
        TextRun(
          label, at: Point(0, y + style.sizes.label * 0.6), size: style.sizes.label, color: style.colors.ink,
          fullText: label == valueLabel ? nil : valueLabel)))
    let drawn = SceneNode.bounds(of: nodes, measurer) ?? Rectangle(x: 0, y: 0, width: 1, height: 1)
    let page = PageFrame(
      bounds: Rectangle(x: drawn.x - 1, y: drawn.y - 1, width: drawn.width + 2, height: drawn.height + 2))
    var warnings: [String] = []
    if page.size.width > limit + 0.5 { warnings.append("the figure is wider than the text of style '\(style.name)'") }
    if page.size.height > style.maximumHeight + 0.5 {
      warnings.append("the figure is taller than a page of style '\(style.name)'")
    }
    return Figure(scene: page.scene(nodes, style: style), description: description, regions: [], warnings: warnings)
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("a polar figure needs at least one panel") }
    for series in panels.flatMap(\.series) {
      let count = series.angles.count
      guard [series.values.count, series.low.count, series.high.count].allSatisfy({ $0 == count }) else {
        throw FigureError("series '\(series.name)' of a polar figure needs \(count) values and interval ends each")
      }
      try DrawableNumber.require(series.angles, of: "an angle of '\(series.name)'")
      try DrawableNumber.require(
        series.values + series.low + series.high, of: "series '\(series.name)' of a polar figure")
      for value in series.values {
        if let value, value < 0 {
          throw FigureError(
            "series '\(series.name)' of a polar figure has the value \(value); distances are not negative")
        }
      }
    }
  }
}
