import Formats

/// Values over the depth of one or more models, with bands for their intervals: one panel a model, one scale for all. With
/// a `reference` it shows differences: the band is read against a line, and points that are not apart from it are hollow.
public struct LineFigure: Sendable, Codable {
  /// One curve; nil where there is no value.
  public struct Series: Sendable, Codable {
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
  public struct Panel: Sendable, Codable {
    public var title: String
    /// Names of the places along the axis, in order of depth.
    public var labels: [String]
    public var series: [Series]
    /// How many of the last places stand for themselves, behind a gap, joined to nothing; nil for none.
    public var detached: Int?

    public init(title: String, labels: [String], series: [Series], detached: Int = 0) {
      self.title = title
      self.labels = labels
      self.series = series
      self.detached = detached > 0 ? detached : nil
    }

    /// How many of the last places stand for themselves.
    public var detachedCount: Int { min(labels.count, max(0, detached ?? 0)) }
  }

  public var panels: [Panel]
  public var valueLabel: String
  /// What the vertical axis shows at least; it grows to hold every value and interval.
  public var range: ClosedRange<Double>
  /// A value that intervals are read against, such as 0 for differences: drawn as a strong line, and points whose
  /// interval holds it are hollow.
  public var reference: Double?
  public var description: FigureDescription

  public init(
    panels: [Panel], valueLabel: String, range: ClosedRange<Double>, reference: Double? = nil,
    description: FigureDescription
  ) {
    self.panels = panels
    self.valueLabel = valueLabel
    self.range = range
    self.reference = reference
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
    let step = range.upperBound - range.lowerBound
    let ticks = Ticks(
      in: vertical,
      count: min(
        7, max(5, Int(saturating: ((vertical.upperBound - vertical.lowerBound) / step * 5).rounded()))))
    let names = (panels.max { $0.series.count < $1.series.count })?.series.map(\.name) ?? []
    let hasBands = panels.flatMap(\.series).contains { zip($0.low, $0.high).contains { $0 != nil && $1 != nil } }
    var entries =
      names.count < 2
      ? []
      : names.enumerated().map { index, name in
        Legend.Entry(text: name) { LinePanel.sample(index, hasBand: hasBands, in: $0, style: style) }
      }
    if let reference { entries += LinePanel.referenceEntries(reference, style: style) }
    let grid = AxesGrid(
      titles: panels.map(\.title), perLine: AxesGrid.perLine(panels.count, limit: limit, style: style), limit: limit,
      frame: AxesGrid.Frame(
        valueLabel: valueLabel,
        tickWidth: ticks.labels.map { measurer.width(of: $0, size: style.sizes.tick) }.max() ?? 0, ratio: 0.5,
        legend: entries, sampleWidth: style.sizes.tick * (names.count < 2 ? 1 : 2.4)), style: style, measurer: measurer
    ) { index, size, isWritten in
      let panel = LinePanel(
        panel: panels[index], size: size, vertical: vertical, ticks: ticks, writesTicks: isWritten,
        reference: reference, style: style, measurer: measurer)
      return AxesGrid.Content(nodes: panel.nodes, bottom: panel.bottom)
    }
    return grid.figure(limit: limit, style: style, description: description)
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("a line figure needs at least one panel") }
    guard range.lowerBound < range.upperBound, range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw FigureError("the range of a line figure must be finite and not empty, got \(range)")
    }
    try DrawableNumber.require([range.lowerBound, range.upperBound, reference], of: "the range of a line figure")
    for panel in panels {
      for series in panel.series
      where [series.values.count, series.low.count, series.high.count].contains(where: { $0 != panel.labels.count }) {
        throw FigureError(
          "series '\(series.name)' of panel '\(panel.title)' needs \(panel.labels.count) values and interval ends each")
      }
      for series in panel.series {
        try DrawableNumber.require(
          series.values + series.low + series.high, of: "series '\(series.name)' of '\(panel.title)'")
      }
      guard !panel.labels.isEmpty else { throw FigureError("panel '\(panel.title)' of a line figure has no places") }
    }
  }

  /// The range with room for every finite value and interval, ending at round numbers.
  private func verticalRange() -> ClosedRange<Double> {
    var low = range.lowerBound
    var high = range.upperBound
    if let reference {
      low = min(low, reference)
      high = max(high, reference)
    }
    for value in panels.flatMap(\.series).flatMap({ $0.values + $0.low + $0.high }) {
      guard let value, value.isFinite else { continue }
      low = min(low, value)
      high = max(high, value)
    }
    let ticks = Ticks(in: range, count: 5)
    let step = ticks.step
    guard step > 0 else { return low...high }
    if low < range.lowerBound { low = (low / step + 1e-6).rounded(.down) * step }
    if high > range.upperBound { high = (high / step - 1e-6).rounded(.up) * step }
    return low...high
  }
}
