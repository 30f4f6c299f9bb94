import Formats

/// Values over the depth of models with their intervals: one panel or more, one scale for all, or one each where panels measure
/// different things. With a `reference` it shows differences: intervals are read against a line, and points that are not apart
/// from it are hollow.
public struct LineFigure: Sendable, Codable {
  /// How intervals are drawn.
  public enum Intervals: String, Sendable, Equatable, Codable, CaseIterable {
    /// Shaded between neighbours, an upright line where a point stands alone.
    case bands
    /// An upright line through every point; points of several series stand beside each other.
    case whiskers
    case none
  }

  /// One curve; nil where there is no value.
  public struct Series: Sendable, Codable {
    public var name: String
    public var values: [Double?]
    /// Ends of the interval; a point without both has none.
    public var low: [Double?]
    public var high: [Double?]
    /// Where the values stand along the axis, but those of the panel's detached places; nil for at the panel's labels.
    public var places: [Double]?
    /// For each value, whether something lies between it and the one before that was not measured: a thin line passes over it.
    /// nil for never.
    public var leaps: [Bool]?
    /// nil for one that follows from its index in the panel.
    public var look: SeriesLook?
    /// What each value is of, where the axis does not name it; nil for as the axis names it.
    public var names: [String]?

    public init(
      name: String, values: [Double?], low: [Double?], high: [Double?], places: [Double]? = nil, leaps: [Bool]? = nil,
      look: SeriesLook? = nil, names: [String]? = nil
    ) {
      self.names = names
      self.name = name
      self.values = values
      self.low = low
      self.high = high
      self.places = places
      self.leaps = leaps
      self.look = look
    }
  }

  /// One set of axes. Series of the same index in each panel share colour, marker and name, unless they have looks of their own.
  public struct Panel: Sendable, Codable {
    public var title: String
    /// Names along the axis, in order of depth; of a panel with an `extent` those of its detached places alone.
    public var labels: [String]
    public var series: [Series]
    /// How many of the last places stand for themselves, behind a gap, joined to nothing; nil for none.
    public var detached: Int?
    /// Where the names that are not detached stand along the axis; nil for evenly.
    public var positions: [Double]?
    /// The ends of an axis of numbers, in place of one of names.
    public var extent: [Double]?
    /// What the vertical axis measures and shows at least, where that is not what the figure's does.
    public var valueLabel: String?
    public var range: ClosedRange<Double>?

    public init(
      title: String, labels: [String], series: [Series], detached: Int = 0, positions: [Double]? = nil,
      extent: [Double]? = nil, valueLabel: String? = nil, range: ClosedRange<Double>? = nil
    ) {
      self.title = title
      self.labels = labels
      self.series = series
      self.detached = detached > 0 ? detached : nil
      self.positions = positions
      self.extent = extent
      self.valueLabel = valueLabel
      self.range = range
    }

    /// How many of the last places stand for themselves.
    public var detachedCount: Int { min(labels.count, max(0, detached ?? 0)) }
    /// Where a value of a series stands along the axis, what it is of, and whether it stands for itself.
    func place(_ index: Int, of series: Series) -> (x: Double, name: String, isDetached: Bool) {
      let ordered = labels.count - detachedCount
      let joined = series.places?.count ?? ordered
      let last = extent?.max() ?? positions?.max() ?? Double(max(0, ordered - 1))
      guard index < joined else {
        let head = index - joined
        let step = extent == nil ? 1 : (last - (extent?.min() ?? 0)) / 10
        let name = series.names?[index] ?? (ordered + head < labels.count ? labels[ordered + head] : "")
        return (last + step * Double(head + 1), name, true)
      }
      let x = series.places?[index] ?? positions?[index] ?? Double(index)
      return (x, series.names?[index] ?? (series.places == nil ? labels[index] : ""), false)
    }

    /// How many values a series must have.
    func valueCount(_ series: Series) -> Int {
      series.places.map { $0.count + detachedCount } ?? labels.count
    }
  }

  public var panels: [Panel]
  public var valueLabel: String
  /// What the vertical axis shows at least; it grows to hold every value and interval.
  public var range: ClosedRange<Double>
  /// A value that intervals are read against, such as 0 for differences: drawn as a strong line, and points whose
  /// interval holds it are hollow.
  public var reference: Double?
  public var description: FigureDescription
  /// What the horizontal axis is of; nil for nothing written.
  public var axisTitle: String?
  /// nil for bands.
  public var intervals: Intervals?
  /// What the looks mean; nil for one entry a series.
  public var legend: [LegendItem]?
  /// nil for linear.
  public var scale: AxisScale?
  /// The vertical axis has exactly this range; what lies outside is cut off.
  public var limits: ClosedRange<Double>?
  public var layout: FigureLayout?

  public init(
    panels: [Panel], valueLabel: String, range: ClosedRange<Double>, reference: Double? = nil,
    description: FigureDescription, axisTitle: String? = nil, intervals: Intervals? = nil,
    legend: [LegendItem]? = nil, layout: FigureLayout? = nil
  ) {
    self.panels = panels
    self.valueLabel = valueLabel
    self.range = range
    self.reference = reference
    self.description = description
    self.axisTitle = axisTitle
    self.intervals = intervals
    self.legend = legend
    self.layout = layout
  }

  /// Lays the figure out within `width` points, or the width of the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    try validate()
    let limit = FigureLayout.limit(layout, width: width, style: style)
    let hasOwnAxes = panels.contains { $0.valueLabel != nil || $0.range != nil }
    let axes = hasOwnAxes ? panels.map { verticalAxis([$0]) } : [verticalAxis(panels)]
    func axis(_ panel: Int) -> NumericAxis { axes[hasOwnAxes ? panel : 0] }
    let perLine = AxesGrid.perLine(panels.count, limit: limit, style: style)
    let entries = legendEntries(style)
    let sample = style.sizes.tick * (entries.hasLines ? 2.4 : 1)
    // A wide plot alone leaves room for the legend at its side.
    var layout = self.layout ?? FigureLayout()
    if layout.legend == nil, legend != nil, (layout.columns ?? perLine) == 1, limit >= style.sizes.tick * 50 {
      layout.legend = .right
    }
    let ratio =
      legend == nil ? 0.5 : layout.legend == .right ? 0.5 : (layout.columns ?? perLine) == 1 ? 0.6 : 0.72
    let grid = AxesGrid(
      titles: panels.map(\.title), perLine: perLine, limit: limit,
      frame: AxesGrid.Frame(
        verticals: (hasOwnAxes ? panels.map { $0.valueLabel ?? valueLabel } : [valueLabel]).enumerated().map {
          AxesGrid.Frame.Vertical(
            label: $1, tickWidth: axis($0).labelWidth(size: style.sizes.tick, measurer: measurer))
        }, ratio: ratio, legend: entries.entries, sampleWidth: sample,
        layout: layout), style: style, measurer: measurer
    ) { index, size, isWritten in
      let panel = LinePanel(
        figure: self, panel: panels[index], size: size, vertical: axis(index), writesTicks: isWritten, style: style,
        measurer: measurer)
      return AxesGrid.Content(nodes: panel.nodes, bottom: panel.bottom)
    }
    return grid.figure(limit: limit, style: style, description: description)
  }

  private func legendEntries(_ style: FigureStyle) -> (entries: [Legend.Entry], hasLines: Bool) {
    let names = (panels.max { $0.series.count < $1.series.count })?.series ?? []
    var entries: [Legend.Entry]
    if let legend {
      entries =
        legend.count < 2
        ? []
        : legend.map {
          $0.entry(hasLine: true, filling: reference == nil ? nil : .full, style: style)
        }
    } else {
      let hasBands =
        (intervals ?? .bands) == .bands
        && panels.flatMap(\.series).contains { zip($0.low, $0.high).contains { $0 != nil && $1 != nil } }
      entries =
        names.count < 2
        ? []
        : names.enumerated().map { index, series in
          let look = series.look ?? .ordered(index, style)
          return Legend.Entry(text: series.name) { LinePanel.sample(look, hasBand: hasBands, in: $0, style: style) }
        }
    }
    let hasLines = !entries.isEmpty
    if let reference { entries += LinePanel.referenceEntries(reference, style: style) }
    return (entries, hasLines)
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("a line figure needs at least one panel") }
    guard range.lowerBound < range.upperBound, range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw FigureError("the range of a line figure must be finite and not empty, got \(range)")
    }
    try DrawableNumber.require([range.lowerBound, range.upperBound, reference], of: "the range of a line figure")
    for panel in panels {
      let joined = panel.extent == nil ? panel.labels.count - panel.detachedCount : 0
      guard panel.positions == nil || panel.positions?.count == joined,
        panel.extent == nil || (panel.extent?.count == 2 && panel.labels.count == panel.detachedCount)
      else {
        throw FigureError("panel '\(panel.title)' of a line figure needs one position for each of its \(joined) names")
      }
      try DrawableNumber.require(
        (panel.positions ?? []) + (panel.extent ?? []), of: "the axis of '\(panel.title)'")
      for series in panel.series {
        let count = panel.valueCount(series)
        guard [series.values.count, series.low.count, series.high.count].allSatisfy({ $0 == count }) else {
          throw FigureError(
            "series '\(series.name)' of panel '\(panel.title)' needs \(count) values and interval ends each")
        }
        guard series.places != nil || panel.extent == nil, series.leaps == nil || series.leaps?.count == count,
          series.names == nil || series.names?.count == count
        else {
          throw FigureError("series '\(series.name)' of panel '\(panel.title)' needs a place for each value")
        }
        try DrawableNumber.require(
          series.values + series.low + series.high + (series.places ?? []),
          of: "series '\(series.name)' of '\(panel.title)'")
      }
      guard !panel.labels.isEmpty || panel.extent != nil else {
        throw FigureError("panel '\(panel.title)' of a line figure has no places")
      }
    }
  }

  /// The range with room for every finite value and interval of some panels, ending at round numbers.
  private func verticalAxis(_ panels: [Panel]) -> NumericAxis {
    let scale = scale ?? .linear
    if let limits { return NumericAxis(limits: limits, scale: scale) }
    let shown = panels.first?.range ?? range
    return NumericAxis(
      panels.flatMap(\.series).flatMap { $0.values + $0.low + $0.high }.compactMap { $0 },
      include: [shown.lowerBound, shown.upperBound] + [reference].compactMap { $0 }, scale: scale)
  }
}
