import Formats

/// The numbers that a figure of any kind shows, as one table, and what another program must know to draw them again.
public struct FigureNumbers: Sendable, Equatable {
  /// How the rows are read.
  public enum Form: String, Sendable, Equatable, Codable {
    /// Rows of ``FigureNumbers/seriesColumns``: numbers over numbers or named places.
    case points, line, bars
    /// The same, with angles in degrees as x.
    case polar
    /// Rows of ``FigureNumbers/matrixColumns``.
    case matrix
    /// Rows of ``FigureNumbers/pictureColumns``.
    case pictures
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

    public init(
      form: Form, title: String, x: String = "", y: String = "", xIsLogarithmic: Bool = false,
      yIsLogarithmic: Bool = false, levels: [Double] = [], range: [Double]? = nil, colorMap: String? = nil,
      sharesScale: Bool = true
    ) {
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
      case form, title, x, y, levels, range
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
  }

  public static let seriesColumns = ["panel", "series", "x", "x_name", "y", "low", "high", "joined"]
  public static let matrixColumns = ["panel", "row_group", "row", "column_group", "column", "value"]
  public static let pictureColumns = ["panel", "row", "column", "text", "picture"]

  public let facts: Facts
  public let header: [String]
  public let rows: [[CommaSeparatedValues.Field]]

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
          .real(point.high), .integer(point.isJoined ? 1 : 0),
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

  private static func places(_ blocks: [HeatMapBlock]) -> [(group: String, name: String)] {
    blocks.flatMap { block in block.labels.map { (block.name, $0) } }
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
