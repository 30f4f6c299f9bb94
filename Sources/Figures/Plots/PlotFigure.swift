/// Numbers against numbers: scatter plots, spectra on logarithmic axes, error against what was spent. One panel or more,
/// one pair of scales for all.
public struct PlotFigure: Sendable, Codable {
  /// How the points of a series are shown.
  public enum Mark: String, Sendable, Equatable, Codable {
    case points, line, lineWithPoints
  }

  /// Points in order; those without both coordinates are left out, and break a line.
  public struct Series: Sendable, Codable {
    public var name: String
    public var x: [Double?]
    public var y: [Double?]
    /// Ends of the interval of y: a band along a line, a whisker at a point. Empty for none.
    public var low: [Double?]
    public var high: [Double?]
    /// Written beside points where there is room, and found by a pointer in SVG; empty for none.
    public var labels: [String]
    /// nil for one that follows from its index in the panel.
    public var look: SeriesLook?

    public init(
      name: String, x: [Double?], y: [Double?], low: [Double?] = [], high: [Double?] = [], labels: [String] = [],
      look: SeriesLook? = nil
    ) {
      self.look = look
      self.name = name
      self.x = x
      self.y = y
      self.low = low.isEmpty ? y.map { _ in nil } : low
      self.high = high.isEmpty ? y.map { _ in nil } : high
      self.labels = labels
    }
  }

  public struct Panel: Sendable, Codable {
    public var title: String
    public var series: [Series]

    public init(title: String = "", series: [Series]) {
      self.title = title
      self.series = series
    }
  }

  /// One of the two axes.
  public struct Axis: Sendable, Codable {
    public var label: String
    public var scale: AxisScale
    /// Numbers the axis holds whatever the values.
    public var include: [Double]
    /// The axis has exactly this range; what lies outside is cut off.
    public var limits: ClosedRange<Double>?

    public init(_ label: String, scale: AxisScale = .linear, include: [Double] = []) {
      self.label = label
      self.scale = scale
      self.include = include
    }
  }

  public var panels: [Panel]
  public var horizontal: Axis
  public var vertical: Axis
  public var mark: Mark
  /// Levels drawn as dashed lines across the plot, such as the one at which a cut-off is read.
  public var levels: [Double]
  public var description: FigureDescription
  /// What the looks mean; nil for one entry a series.
  public var legend: [LegendItem]?
  public var layout: FigureLayout?

  public init(
    panels: [Panel], horizontal: Axis, vertical: Axis, mark: Mark, levels: [Double] = [],
    description: FigureDescription, legend: [LegendItem]? = nil, layout: FigureLayout? = nil
  ) {
    self.legend = legend
    self.layout = layout
    self.panels = panels
    self.horizontal = horizontal
    self.vertical = vertical
    self.mark = mark
    self.levels = levels
    self.description = description
  }

  /// Lays the figure out within `width` points, or the width of the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    try validate()
    let limit = FigureLayout.limit(layout, width: width, style: style)
    let series = panels.flatMap(\.series)
    let vertical = self.vertical.axis(
      series.flatMap { $0.y + $0.low + $0.high }.compactMap { $0 }, include: levels, count: 5)
    let perLine = AxesGrid.perLine(panels.count, limit: limit, style: style)
    let horizontal = self.horizontal.axis(series.flatMap(\.x).compactMap { $0 }, count: perLine == 1 ? 6 : 4)
    let named = (panels.max { $0.series.count < $1.series.count })?.series ?? []
    let entries: [Legend.Entry] =
      if let legend {
        legend.count < 2 ? [] : legend.map { $0.entry(hasLine: mark != .points, style: style) }
      } else if named.count < 2 {
        []
      } else {
        named.enumerated().map { index, series in
          let look = series.look ?? .ordered(index, style)
          return Legend.Entry(text: series.name) { PlotPanel.sample(look, mark: mark, in: $0, style: style) }
        }
      }
    let grid = AxesGrid(
      titles: panels.map(\.title), perLine: perLine, limit: limit,
      frame: AxesGrid.Frame(
        verticals: [
          .init(
            label: self.vertical.label, tickWidth: vertical.labelWidth(size: style.sizes.tick, measurer: measurer))
        ], ratio: perLine == 1 ? 0.55 : perLine == 2 ? 0.62 : 0.8, legend: entries,
        sampleWidth: mark == .points ? style.sizes.tick : style.sizes.tick * 2.4, layout: layout), style: style,
      measurer: measurer
    ) { index, size, isWritten in
      PlotPanel(
        figure: self, panel: panels[index], horizontal: horizontal, vertical: vertical, size: size, style: style
      ).content(isWritten: isWritten, measurer: measurer)
    }
    return grid.figure(limit: limit, style: style, description: description)
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("a plot needs at least one panel") }
    for series in panels.flatMap(\.series) {
      let count = series.x.count
      guard [series.y.count, series.low.count, series.high.count].allSatisfy({ $0 == count }),
        series.labels.isEmpty || series.labels.count == count
      else {
        throw FigureError("series '\(series.name)' of a plot needs \(count) values, interval ends and labels each")
      }
      try DrawableNumber.require(
        series.x + series.y + series.low + series.high, of: "series '\(series.name)' of a plot")
    }
  }
}

extension PlotFigure.Axis {
  /// The axis over some values, and numbers that it holds whatever they are.
  func axis(_ values: [Double], include more: [Double] = [], count: Int) -> NumericAxis {
    if let limits { return NumericAxis(limits: limits, scale: scale, count: count) }
    return NumericAxis(values, include: include + more, scale: scale, count: count)
  }
}
