/// Figures of several kinds on one page of an exact width, lettered (a), (b), (c), with one legend for all.
public struct ComposedFigure: Sendable, Codable {
  public struct Part: Sendable, Codable {
    public var content: FigureContent
    /// How wide it is beside the other parts of its row.
    public var share: Double
    /// Behind its letter; empty for nothing.
    public var title: String

    public init(_ figure: any LaidOutFigure, share: Double = 1, title: String = "") {
      content = FigureContent(figure)
      self.share = share
      self.title = title
    }
  }

  public struct Row: Sendable, Codable {
    public var parts: [Part]
    /// Of its plots in inches; nil for the tallest of them.
    public var height: Double?

    public init(_ parts: [Part], height: Double? = nil) {
      self.parts = parts
      self.height = height
    }
  }

  /// Where the legend for all stands.
  public enum LegendPlace: String, Sendable, Equatable, Codable, CaseIterable {
    case above, below
    /// Every part keeps its own.
    case parts
    /// There is none.
    case none
  }

  public var rows: [Row]
  public var letters: Bool
  public var legend: LegendPlace
  /// Of the whole page in inches; nil for the width that is asked for.
  public var width: Double?
  public var description: FigureDescription

  public init(
    rows: [Row], letters: Bool = true, legend: LegendPlace = .above, width: Double? = nil,
    description: FigureDescription
  ) {
    self.rows = rows
    self.letters = letters
    self.legend = legend
    self.width = width
    self.description = description
  }

  /// From left to right and from top to bottom.
  public var parts: [Part] { rows.flatMap(\.parts) }

  /// Lays the figure out on a page exactly as wide as `width` points, or the style's text.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    guard !rows.isEmpty, rows.allSatisfy({ !$0.parts.isEmpty }) else {
      throw FigureError("a composed figure needs at least one row, and every row a part")
    }
    for part in parts where !(part.share > 0 && part.share < 1000) {
      throw FigureError("the width of a part is \(part.share); expected more than 0 and less than 1000")
    }
    let limit = self.width.map { $0 * 72 } ?? width ?? style.textWidth
    let page = try ComposedPage(self, width: limit, style: style, measurer: measurer)
    var warnings = page.warnings
    if page.height > style.maximumHeight + 0.5 {
      warnings.append("the figure is taller than a page of style '\(style.name)'")
    }
    return Figure(
      scene: Scene(
        size: Size(limit, (page.height * 100).rounded(.up) / 100), background: style.colors.background,
        nodes: page.nodes, fontFamilies: style.fontFamilies), description: description, regions: [],
      warnings: warnings)
  }
}

extension ComposedFigure: LaidOutFigure {
  public static var sort: String { "composition" }

  public var grids: [ImageGridFigure] {
    get { parts.flatMap(\.content.figure.grids) }
    set {
      var rest = newValue[...]
      for row in rows.indices {
        for part in rows[row].parts.indices {
          let count = rows[row].parts[part].content.figure.grids.count
          rows[row].parts[part].content.figure.grids = Array(rest.prefix(count))
          rest = rest.dropFirst(count)
        }
      }
    }
  }

  /// The tables of the parts one below another, each row with its part's letter.
  public func numbers(pictures: [String?], style: FigureStyle) -> FigureNumbers {
    var rest = pictures[...]
    let tables = parts.map { part -> FigureNumbers in
      let figure = part.content.figure
      let count = figure.grids.flatMap(\.panels).flatMap(\.rows).reduce(0) { $0 + $1.tiles.count }
      defer { rest = rest.dropFirst(count) }
      return figure.numbers(pictures: Array(rest.prefix(count)), style: style)
    }
    return FigureNumbers(title: description.title, parts: tables)
  }
}
