/// Bars in groups with whiskers for their intervals: one panel or more, one scale that begins at zero.
public struct BarFigure: Sendable, Codable {
  /// One bar a group; nil where there is no value.
  public struct Series: Sendable, Codable {
    public var name: String
    public var values: [Double?]
    /// Ends of the interval; a bar without both has none.
    public var low: [Double?]
    public var high: [Double?]
    /// nil for one that follows from its index in the panel, where every second carries stripes.
    public var look: SeriesLook?

    public init(
      name: String, values: [Double?], low: [Double?] = [], high: [Double?] = [], look: SeriesLook? = nil
    ) {
      self.look = look
      self.name = name
      self.values = values
      self.low = low.isEmpty ? values.map { _ in nil } : low
      self.high = high.isEmpty ? values.map { _ in nil } : high
    }
  }

  public struct Panel: Sendable, Codable {
    public var title: String
    public var groups: [String]
    /// Series of the same place in each panel share their colour and name.
    public var series: [Series]

    public init(title: String = "", groups: [String], series: [Series]) {
      self.title = title
      self.groups = groups
      self.series = series
    }
  }

  public var panels: [Panel]
  public var valueLabel: String
  public var description: FigureDescription
  /// The vertical axis has exactly this range.
  public var limits: ClosedRange<Double>?
  public var layout: FigureLayout?

  public init(
    panels: [Panel], valueLabel: String, description: FigureDescription, layout: FigureLayout? = nil
  ) {
    self.layout = layout
    self.panels = panels
    self.valueLabel = valueLabel
    self.description = description
  }

  /// Lays the figure out within `width` points, or the width of the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    try validate()
    let limit = FigureLayout.limit(layout, width: width, style: style)
    let all = panels.flatMap(\.series).flatMap { $0.values + $0.low + $0.high }.compactMap { $0 }
    let axis = limits.map { NumericAxis(limits: $0) } ?? NumericAxis(all, include: [0])
    let mostGroups = panels.map(\.groups.count).max() ?? 1
    let perLine = mostGroups > 12 ? 1 : AxesGrid.perLine(panels.count, limit: limit, style: style)
    let named = (panels.max { $0.series.count < $1.series.count })?.series ?? []
    var entries =
      named.count < 2
      ? []
      : named.enumerated().map { index, series in
        Legend.Entry(text: series.name) { box in
          Self.bar(series.look, index, in: Rectangle(x: 0, y: 0, width: box.width, height: box.height), style: style)
        }
      }
    let hasMissing = panels.flatMap(\.series).contains { $0.values.contains { $0?.isFinite != true } }
    if hasMissing {
      entries.append(
        Legend.Entry(text: "no value") { box in
          [
            .path(
              PathShape(
                elements: Self.cross(Point(box.width / 2, box.height / 2), box.height * 0.3),
                stroke: Stroke(color: style.colors.muted, width: style.lines.axis)))
          ]
        })
    }
    let grid = AxesGrid(
      titles: panels.map(\.title), perLine: perLine, limit: limit,
      frame: AxesGrid.Frame(
        verticals: [
          .init(label: valueLabel, tickWidth: axis.labelWidth(size: style.sizes.tick, measurer: measurer))
        ], ratio: perLine == 1 ? 0.35 : 0.7, legend: entries, sampleWidth: style.sizes.tick, layout: layout),
      style: style, measurer: measurer
    ) { index, size, isWritten in
      panel(panels[index], axis: axis, size: size, isWritten: isWritten, style: style, measurer: measurer)
    }
    return grid.figure(limit: limit, style: style, description: description)
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("a figure of bars needs at least one panel") }
    for panel in panels {
      guard !panel.groups.isEmpty, !panel.series.isEmpty else {
        throw FigureError("panel '\(panel.title)' of a figure of bars has no groups or no series")
      }
      for series in panel.series
      where [series.values.count, series.low.count, series.high.count].contains(where: { $0 != panel.groups.count }) {
        throw FigureError(
          "series '\(series.name)' of a figure of bars needs \(panel.groups.count) values and interval ends each")
      }
      for series in panel.series {
        try DrawableNumber.require(
          series.values + series.low + series.high, of: "series '\(series.name)' of a figure of bars")
      }
    }
  }

  private func panel(
    _ panel: Panel, axis: NumericAxis, size: Size, isWritten: Bool, style: FigureStyle, measurer: some TextMeasuring
  ) -> AxesGrid.Content {
    let (grid, numbers) = axis.leftEdge(size: size, isWritten: isWritten, style: style)
    func height(_ value: Double?) -> Double? { axis.fraction(value).map { size.height * (1 - $0) } }
    let zero = height(0) ?? size.height
    let room = size.width / Double(panel.groups.count)
    // A bar a group may be no wider than a third of the plot; groups stay apart by most of a bar.
    let bar = min(room / (Double(panel.series.count) + 0.8), size.width / 6)
    let centers = panel.groups.indices.map { room * (Double($0) + 0.5) }
    var nodes = AxesGrid.gridLines(grid, style: style) + numbers
    var crosses: [PathShape.Element] = []
    for (place, series) in panel.series.enumerated() {
      var whiskers: [PathShape.Element] = []
      for (group, value) in series.values.enumerated() {
        let x = centers[group] + bar * (Double(place) - Double(panel.series.count) / 2)
        guard let value, let y = height(value) else {
          crosses += Self.cross(
            Point(x + bar / 2, zero - style.sizes.tick * 0.5), min(bar * 0.3, style.sizes.tick * 0.3))
          continue
        }
        let inset = min(bar * 0.06, style.lines.grid)
        let frame = Rectangle(x: x + inset, y: min(y, zero), width: bar - 2 * inset, height: (zero - y).magnitude)
        nodes.append(
          .group(
            SceneGroup(
              Self.bar(series.look, place, in: frame, style: style),
              title: "\(panel.groups[group]), \(series.name): \(Numbers.fixed(value, digits: 4))")))
        if let low = height(series.low[group]), let high = height(series.high[group]) {
          whiskers += Marker.whisker(
            x: x + bar / 2, from: low, to: high, cap: min(bar * 0.22, style.lines.marker * 0.6))
        }
      }
      if !whiskers.isEmpty {
        nodes.append(
          .path(PathShape(elements: whiskers, stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
      }
    }
    if !crosses.isEmpty {
      nodes.append(
        .path(PathShape(elements: crosses, stroke: Stroke(color: style.colors.muted, width: style.lines.axis))))
    }
    // Over the bars, which would hide half of it.
    nodes.append(AxesGrid.axes(size: size, style: style))
    if zero < size.height {
      nodes.append(
        .path(
          .polyline(
            [Point(0, zero), Point(size.width, zero)],
            stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
    }
    let labels = CategoryLabels(
      panel.groups, centers: centers, spacing: room, size: size, style: style, measurer: measurer)
    return AxesGrid.Content(nodes: nodes + labels.nodes, bottom: labels.reach)
  }

  /// Every second series carries white stripes, so that neighbours differ in more than colour.
  private static func texture(_ index: Int, in frame: Rectangle, style: FigureStyle) -> [SceneNode] {
    guard index % 2 == 1, frame.height > 0 else { return [] }
    let step = max(style.sizes.tick * 0.55, 2)
    var elements: [PathShape.Element] = []
    var start = -frame.height
    while start < frame.width {
      elements += [.move(Point(frame.x + start, frame.bottom)), .line(Point(frame.x + start + frame.height, frame.y))]
      start += step
    }
    let stripes = PathShape(elements: elements, stroke: Stroke(color: style.colors.background, width: style.lines.axis))
    return [.group(SceneGroup([.path(stripes)], clip: frame))]
  }

  /// A bar of one look: full, hollow, or of a lighter tint with an edge; without a look by its index in the panel.
  private static func bar(
    _ look: SeriesLook?, _ index: Int, in frame: Rectangle, style: FigureStyle
  ) -> [SceneNode] {
    guard let look else {
      return [.rectangle(RectangleShape(frame: frame, fill: Marker.color(index, style)))]
        + texture(index, in: frame, style: style)
    }
    let color = look.color(style)
    guard look.filling != .full else { return [.rectangle(RectangleShape(frame: frame, fill: color))] }
    let share = look.filling == .hollow ? 1 : 0.6
    let edge = min(style.lines.axis, frame.width / 4)
    return [
      .rectangle(
        RectangleShape(
          frame: frame.outset(-edge / 2), fill: color.mixed(with: style.colors.background, share: share),
          stroke: Stroke(color: color, width: edge)))
    ]
  }

  private static func cross(_ center: Point, _ radius: Double) -> [PathShape.Element] {
    [
      .move(Point(center.x - radius, center.y - radius)), .line(Point(center.x + radius, center.y + radius)),
      .move(Point(center.x - radius, center.y + radius)), .line(Point(center.x + radius, center.y - radius)),
    ]
  }
}
