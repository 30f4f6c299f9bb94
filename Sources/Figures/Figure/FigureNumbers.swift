import Formats

/// The numbers that a figure of any kind shows, as one table, and what another program must know to draw them again.
public struct FigureNumbers: Sendable, Equatable {
  /// How the rows are read.
  public enum Form: String, Sendable, Equatable, Codable {
    /// Rows of ``FigureNumbers/seriesColumns``: numbers over numbers or named places.
    case points, line, bars
    /// The same: each value of a sample in a row, and estimates along the horizontal axis, whose lines count from 0 at the top.
    case distributions, forest
    /// The same, with angles in degrees as x.
    case polar
    /// Rows of ``FigureNumbers/matrixColumns``.
    case matrix
    /// Rows of ``FigureNumbers/pictureColumns``.
    case pictures
    /// Rows of other forms, each with its part's letter before it.
    case composition
  }

  /// What is not in the rows.
  public struct Facts: Sendable, Equatable, Codable {
    public var form: Form
    public var title: String
    /// What the axes measure; `y` of matrices what the colours do.
    public var x: String
    public var y: String
    /// Whether an axis is logarithmic.
    public var xIsLogarithmic: Bool
    public var yIsLogarithmic: Bool
    /// Values at which a line is drawn across.
    public var levels: [Double]
    /// The range of a matrix's colours, and the name of their map, as matplotlib knows it.
    public var range: [Double]?
    public var colorMap: String?
    /// Whether all panels have one scale of y.
    public var sharesScale: Bool
    /// How the series of each panel look; nil for a form without series.
    public var traces: [Trace]?
    /// Those of a composition's parts.
    public var parts: [Facts]?
    /// What the looks mean, where a series' name does not say it.
    public var legend: [Trace]?

    public init(
      form: Form, title: String, x: String = "", y: String = "", xIsLogarithmic: Bool = false,
      yIsLogarithmic: Bool = false, levels: [Double] = [], range: [Double]? = nil, colorMap: String? = nil,
      sharesScale: Bool = true,
      traces: [Trace]? = nil, legend: [Trace]? = nil
    ) {
      self.traces = traces
      self.legend = legend
      self.form = form
      self.title = title
      self.x = x
      self.y = y
      self.xIsLogarithmic = xIsLogarithmic
      self.yIsLogarithmic = yIsLogarithmic
      self.levels = levels
      self.range = range
      self.colorMap = colorMap
      self.sharesScale = sharesScale
    }

    enum CodingKeys: String, CodingKey {
      case form, title, x, y, levels, range, traces
      case parts = "traces_parts"
      case legend = "traces_legend"
      case xIsLogarithmic = "x_is_logarithmic"
      case yIsLogarithmic = "y_is_logarithmic"
      case colorMap = "color_map"
      case sharesScale = "shares_scale"
    }
  }

  /// A point of a curve or a bar.
  public struct Point: Sendable, Equatable {
    public var panel: String
    public var series: String
    public var x: Double?
    /// What stands at the axis there; empty on an axis of numbers.
    public var name: String
    public var y: Double?
    public var low: Double?
    public var high: Double?
    /// Whether a line leads here from the point before.
    public var isJoined: Bool
    /// Whether that is a thin one, over what was not measured.
    var isLeap = false
  }

  /// How a series looks, in words that other programs know.
  public struct Trace: Sendable, Equatable, Codable {
    public var panel: String
    /// Of the series, or what the look means.
    public var name: String
    /// As `#rrggbb`.
    public var color: String
    /// Lengths of dashes and gaps in widths of the line; empty for a solid one.
    public var dash: [Double]
    /// As matplotlib names it.
    public var marker: String
    /// `full`, `hollow` or `tinted`.
    public var filling: String

    init(panel: String, name: String, look: SeriesLook, style: FigureStyle) {
      self.panel = panel
      self.name = name
      color = look.color(style).hex
      dash = look.dash(style).map { ($0 / style.lines.curve * 10).rounded() / 10 }
      marker = ["o", "s", "^", "D", "v", "P", "p", "*"][max(0, look.shape) % 8]
      filling = "\(look.filling)"
    }

    /// The series of panels; those without a look by their index.
    static func of(
      _ panels: [(title: String, series: [(name: String, look: SeriesLook?)])], style: FigureStyle
    ) -> [Trace] {
      panels.flatMap { panel in
        panel.series.enumerated().map { index, series in
          Trace(panel: panel.title, name: series.name, look: series.look ?? .ordered(index, style), style: style)
        }
      }
    }

    /// Of a legend with more than one entry.
    static func legend(_ items: [LegendItem]?, style: FigureStyle) -> [Trace]? {
      guard let items, items.count > 1 else { return nil }
      return items.map { Trace(panel: "", name: $0.text, look: $0.look, style: style) }
    }
  }

  public static let seriesColumns = ["panel", "series", "x", "x_name", "y", "low", "high", "joined"]
  public static let matrixColumns = ["panel", "row_group", "row", "column_group", "column", "value"]
  public static let pictureColumns = ["panel", "row", "column", "text", "picture"]

  public let facts: Facts
  public let header: [String]
  public let rows: [[CommaSeparatedValues.Field]]

  /// The tables of a composition's parts; none of other figures.
  public private(set) var parts: [FigureNumbers] = []

  /// Letters of the parts, in their order.
  public var letters: [String] { parts.indices.map(FigureLayout.letter) }

  init(title: String, parts: [FigureNumbers]) {
    var facts = Facts(form: .composition, title: title)
    facts.parts = parts.map(\.facts)
    let columns = parts.flatMap(\.header).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    self.init(
      facts: facts, header: ["part"] + columns,
      rows: parts.enumerated().flatMap { index, part in
        part.rows.map { row -> [CommaSeparatedValues.Field] in
          [.text(FigureLayout.letter(index))]
            + columns.map { column in part.header.firstIndex(of: column).map { row[$0] } ?? .text("") }
        }
      })
    self.parts = parts
  }

  private init(facts: Facts, header: [String], rows: [[CommaSeparatedValues.Field]]) {
    self.facts = facts
    self.header = header
    self.rows = rows
  }

  init(_ facts: Facts, points: [Point]) {
    self.init(
      facts: facts, header: Self.seriesColumns,
      rows: points.map { point -> [CommaSeparatedValues.Field] in
        [
          .text(point.panel), .text(point.series), .real(point.x), .text(point.name), .real(point.y), .real(point.low),
          .real(point.high), .integer(point.isLeap ? 2 : point.isJoined ? 1 : 0),
        ]
      })
  }

  init(_ facts: Facts, maps: [(panel: String, map: HeatMap)]) {
    self.init(
      facts: facts, header: Self.matrixColumns,
      rows: maps.flatMap { panel, map in Self.rows(map, panel: panel) })
  }

  private static func rows(_ map: HeatMap, panel: String) -> [[CommaSeparatedValues.Field]] {
    let columns = places(map.columns)
    var rows: [[CommaSeparatedValues.Field]] = []
    for row in places(map.rows) {
      for column in columns {
        rows.append([
          .text(panel), .text(row.group), .text(row.name), .text(column.group), .text(column.name),
          .real(map.values[rows.count]),
        ])
      }
    }
    return rows
  }

  /// - Parameter files: of the tiles' pictures, tile after tile; nil for none.
  init(_ facts: Facts, panels: [ImageGridFigure.Panel], files: [String?]) {
    var rows: [[CommaSeparatedValues.Field]] = []
    for (index, panel) in panels.enumerated() {
      for row in panel.rows {
        for (column, tile) in zip(panel.columns, row.tiles) {
          let file = files.indices.contains(rows.count) ? files[rows.count] ?? "" : ""
          rows.append([
            .text(panel.title ?? "\(index + 1)"),
            .text([row.group, row.label].compactMap { $0 }.joined(separator: ", ")), .text(column), .text(tile.text),
            .text(file),
          ])
        }
      }
    }
    self.init(facts: facts, header: Self.pictureColumns, rows: rows)
  }

  /// The names of rows or columns with the part of the model that each is of, as numbers of layers repeat in every part; each once in
  /// its block, so that a table can be made a matrix again.
  private static func places(_ blocks: [HeatMapBlock]) -> [(group: String, name: String)] {
    blocks.flatMap { block -> [(group: String, name: String)] in
      var seen: [String: Int] = [:]
      return block.labels.enumerated().map { index, label in
        let part = block.groups?.first { ($0.first..<$0.first + $0.count).contains(index) }?.name ?? ""
        let name = [part, label].filter { !$0.isEmpty }.joined(separator: " ")
        let count = seen[name, default: 0] + 1
        seen[name] = count
        return (block.name, count > 1 ? "\(name) (\(count))" : name)
      }
    }
  }

  /// The table as comma-separated values.
  public var commaSeparated: String {
    CommaSeparatedValues.line(header) + rows.map { CommaSeparatedValues.line(of: $0) }.joined()
  }

  /// The fields of the rows as texts.
  public var texts: [[String]] {
    rows.map { row in
      row.map { field in
        switch field {
        case .text(let text): text
        case .integer(let value): "\(value)"
        case .real(let value): value.map { "\($0)" } ?? ""
        }
      }
    }
  }
}
