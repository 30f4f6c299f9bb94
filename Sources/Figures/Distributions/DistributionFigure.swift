import Formats

/// How the values of single images lie, in groups beside each other: every value a point, or the outline of their density.
public struct DistributionFigure: Sendable, Codable {
  /// How values are shown.
  public enum Shape: String, Sendable, Equatable, Codable, CaseIterable {
    /// Points up to ``DistributionFigure/mostPoints`` values, outlines of more.
    case automatic, points, violins
  }

  /// The values of one group; of very many their percentiles stand for them.
  public struct Sample: Sendable, Codable, Equatable {
    /// From the least to the greatest.
    public let values: [Double]
    /// How many there were.
    public let count: Int

    /// - Parameter values: in any order; those that are not finite have no place and are left out.
    public init(_ values: [Double]) {
      let sorted = values.filter(\.isFinite).sorted()
      count = sorted.count
      self.values =
        sorted.count <= DistributionFigure.mostValues
        ? sorted
        : (0...DistributionFigure.steps).compactMap { step in
          Quantile.linear(
            sorted: sorted, position: Double(step * (sorted.count - 1)) / Double(DistributionFigure.steps))
        }
    }

    /// ``Quantile/linear(sorted:_:)`` of the values; no number where there are none.
    public func quantile(_ share: Double) -> Double { Quantile.linear(sorted: values, share) ?? .nan }
    /// Whether every value is there.
    public var isComplete: Bool { values.count == count }
  }

  /// A sample for each group; nil where there is none.
  public struct Series: Sendable, Codable {
    public var name: String
    public var samples: [Sample?]
    public var look: SeriesLook?

    public init(name: String, samples: [Sample?], look: SeriesLook? = nil) {
      self.name = name
      self.samples = samples
      self.look = look
    }
  }

  public struct Panel: Sendable, Codable {
    public var title: String
    public var groups: [String]
    public var series: [Series]

    public init(title: String, groups: [String], series: [Series]) {
      self.title = title
      self.groups = groups
      self.series = series
    }
  }

  /// Up to how many values a group has a point for each.
  public static let mostPoints = 150
  /// Beyond how many values percentiles stand for them, and how many steps these make.
  public static let mostValues = 1000
  static let steps = 200

  public var panels: [Panel]
  public var vertical: PlotFigure.Axis
  public var shape: Shape
  public var description: FigureDescription
  /// What the looks mean; empty for nothing.
  public var legend: [LegendItem]
  public var layout: FigureLayout?

  public init(
    panels: [Panel], vertical: PlotFigure.Axis, shape: Shape = .automatic, description: FigureDescription,
    legend: [LegendItem] = [], layout: FigureLayout? = nil
  ) {
    self.panels = panels
    self.vertical = vertical
    self.shape = shape
    self.description = description
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
    let samples = panels.flatMap(\.series).flatMap(\.samples).compactMap { $0 }
    let axis = vertical.axis(samples.flatMap { [$0.values.first, $0.values.last] }.compactMap { $0 }, count: 5)
    let most = panels.map { $0.groups.count * $0.series.count }.max() ?? 1
    let perLine = most > 16 ? 1 : AxesGrid.perLine(panels.count, limit: limit, style: style)
    let grid = AxesGrid(
      titles: panels.map(\.title), perLine: perLine, limit: limit,
      frame: AxesGrid.Frame(
        verticals: [
          .init(label: vertical.label, tickWidth: axis.labelWidth(size: style.sizes.tick, measurer: measurer))
        ], ratio: perLine == 1 ? 0.4 : 0.72,
        legend: legend.count < 2
          ? []
          : legend.map { item in
            Legend.Entry(text: item.text, startsGroup: item.startsGroup ?? false) { box in
              DistributionPanel.sample(item.look, in: box, style: style)
            }
          }, sampleWidth: style.sizes.tick, layout: layout), style: style, measurer: measurer
    ) { index, size, isWritten in
      DistributionPanel(
        figure: self, panel: panels[index], axis: axis, size: size, style: style
      ).content(isWritten: isWritten, measurer: measurer)
    }
    return grid.figure(limit: limit, style: style, description: description)
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("a figure of distributions needs at least one panel") }
    for panel in panels {
      guard !panel.groups.isEmpty, !panel.series.isEmpty else {
        throw FigureError("panel '\(panel.title)' of a figure of distributions has no groups or no series")
      }
      for series in panel.series {
        guard series.samples.count == panel.groups.count else {
          throw FigureError("series '\(series.name)' of a figure of distributions needs \(panel.groups.count) samples")
        }
        try DrawableNumber.require(
          series.samples.flatMap { $0?.values ?? [] }.map { Optional($0) },
          of: "series '\(series.name)' of a figure of distributions")
      }
    }
  }
}

extension DistributionFigure: LaidOutFigure { public static var sort: String { "distributions" } }
