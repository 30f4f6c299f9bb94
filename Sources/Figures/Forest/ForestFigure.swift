/// Estimates with their intervals, one line each under headings: a forest plot. Several quantities stand beside each other and
/// share the lines.
public struct ForestFigure: Sendable, Codable {
  /// One quantity of one line; nil where there is no value.
  public struct Estimate: Sendable, Codable {
    public var value: Double?
    /// Ends of the interval; an estimate without both has none.
    public var low: Double?
    public var high: Double?
    /// Written beside the plot, such as a p-value; empty for nothing.
    public var note: String
    /// Whether the point is full; nil for one of its look.
    public var isFull: Bool?
    /// Another value on the same line, drawn as a short upright stroke, such as what chance gives.
    public var mark: Double?

    public init(
      _ value: Double?, low: Double? = nil, high: Double? = nil, note: String = "", isFull: Bool? = nil,
      mark: Double? = nil
    ) {
      self.value = value
      self.low = low
      self.high = high
      self.note = note
      self.isFull = isFull
      self.mark = mark
    }
  }

  public struct Row: Sendable, Codable {
    public var label: String
    /// One for each quantity.
    public var estimates: [Estimate]
    /// nil for the ink.
    public var look: SeriesLook?

    public init(label: String, estimates: [Estimate], look: SeriesLook? = nil) {
      self.label = label
      self.estimates = estimates
      self.look = look
    }
  }

  public struct Group: Sendable, Codable {
    /// Above its lines; empty for nothing.
    public var title: String
    public var rows: [Row]

    public init(title: String, rows: [Row]) {
      self.title = title
      self.rows = rows
    }
  }

  /// A quantity, with a plot of its own.
  public struct Field: Sendable, Codable {
    public var axis: PlotFigure.Axis
    /// A value that estimates are read against: a strong line through all of them.
    public var reference: Double?
    /// Heading of the notes beside the plot; empty for none.
    public var noteLabel: String

    public init(_ axis: PlotFigure.Axis, reference: Double? = nil, noteLabel: String = "") {
      self.axis = axis
      self.reference = reference
      self.noteLabel = noteLabel
    }
  }

  public var fields: [Field]
  public var groups: [Group]
  public var description: FigureDescription
  /// What the looks mean; empty for nothing.
  public var legend: [LegendItem]
  /// What full and hollow points mean; nil where no estimate says it.
  public var fullLabel: String?
  public var hollowLabel: String?
  /// What the upright strokes are; nil for none.
  public var markLabel: String?
  public var layout: FigureLayout?

  public init(
    fields: [Field], groups: [Group], description: FigureDescription, legend: [LegendItem] = [],
    fullLabel: String? = nil, hollowLabel: String? = nil, markLabel: String? = nil, layout: FigureLayout? = nil
  ) {
    self.fields = fields
    self.groups = groups
    self.description = description
    self.legend = legend
    self.fullLabel = fullLabel
    self.hollowLabel = hollowLabel
    self.markLabel = markLabel
    self.layout = layout
  }

  var estimates: [Estimate] { groups.flatMap(\.rows).flatMap(\.estimates) }

  /// Lays the figure out within `width` points, or the width of the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    try validate()
    let limit = FigureLayout.limit(layout, width: width, style: style)
    var page = page(within: limit, blocks: 1, style: style, measurer: measurer)
    // More lines than a page is tall for stand beside each other, where that leaves each plot room.
    let lines = groups.reduce(0) { $0 + $1.rows.count }
    for blocks in 2...4
    where page.bounds.height > style.maximumHeight && lines >= blocks * 2
      && limit / Double(blocks * fields.count) > style.sizes.tick * 28
    {
      let broken = self.page(within: limit, blocks: blocks, style: style, measurer: measurer)
      if broken.bounds.height < page.bounds.height, broken.bounds.width <= limit + 0.5 { page = broken }
    }
    let frame = PageFrame(bounds: page.bounds)
    var warnings: [String] = []
    if frame.size.width > limit + 0.5 {
      warnings.append("the figure is wider than the text of style '\(style.name)'; show fewer metrics")
    }
    if frame.size.height > style.maximumHeight + 0.5 {
      warnings.append("the figure is taller than a page of style '\(style.name)'; show fewer models or taps")
    }
    return Figure(
      scene: frame.scene(page.nodes, style: style), description: description, regions: [], warnings: warnings)
  }

  private func page(
    within limit: Double, blocks: Int, style: FigureStyle, measurer: some TextMeasuring
  ) -> ForestPage {
    var inner = limit
    var page = ForestPage(self, width: inner, blocks: blocks, style: style, measurer: measurer)
    // What sticks out at the edges takes from the plots.
    for _ in 0..<4 {
      let excess = page.bounds.width - limit
      guard excess > 1e-6 else { break }
      inner -= excess
      page = ForestPage(self, width: inner, blocks: blocks, style: style, measurer: measurer)
    }
    return page
  }

  private func validate() throws(FigureError) {
    guard !fields.isEmpty, groups.contains(where: { !$0.rows.isEmpty }) else {
      throw FigureError("a forest plot needs at least one quantity and one line")
    }
    for row in groups.flatMap(\.rows) {
      guard row.estimates.count == fields.count else {
        throw FigureError("line '\(row.label)' of a forest plot needs \(fields.count) estimates")
      }
      try DrawableNumber.require(
        row.estimates.flatMap { [$0.value, $0.low, $0.high, $0.mark] }, of: "line '\(row.label)' of a forest plot")
    }
    try DrawableNumber.require(fields.map(\.reference), of: "the reference of a forest plot")
  }
}

extension ForestFigure: LaidOutFigure { public static var sort: String { "forest" } }
