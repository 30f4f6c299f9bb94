/// Rows or columns of a heat map that belong together: one model and its taps in order of depth.
public struct HeatMapBlock: Sendable, Equatable, Codable {
  public var name: String
  public var labels: [String]

  public init(name: String, labels: [String]) {
    self.name = name
    self.labels = labels
  }
}

/// A matrix of numbers to be shown as coloured squares.
public struct HeatMap: Sendable, Codable {
  /// Whether numbers are written into the cells.
  public enum Annotations: String, Sendable, Equatable, Codable {
    case never
    /// Where the cells are large enough for them.
    case automatic
    /// Even if the figure becomes wider than the venue's text.
    case always
  }

  public var rows: [HeatMapBlock]
  public var columns: [HeatMapBlock]
  /// Row after row; nil where there is no value.
  public var values: [Double?]
  public var range: ClosedRange<Double>
  /// Written above the map; nil for none.
  public var title: String?
  /// Whether the names of the blocks are written beside their rows and columns.
  public var showsBlockNames: Bool
  public var annotations: Annotations

  public init(
    rows: [HeatMapBlock], columns: [HeatMapBlock], values: [Double?], range: ClosedRange<Double> = 0...1,
    title: String? = nil, showsBlockNames: Bool = true, annotations: Annotations = .automatic
  ) {
    self.rows = rows
    self.columns = columns
    self.values = values
    self.range = range
    self.title = title
    self.showsBlockNames = showsBlockNames
    self.annotations = annotations
  }

  public var rowCount: Int { rows.reduce(0) { $0 + $1.labels.count } }
  public var columnCount: Int { columns.reduce(0) { $0 + $1.labels.count } }

  /// The value of a cell that can be drawn: NaN and infinities count as missing.
  func value(_ row: Int, _ column: Int) -> Double? {
    guard let value = values[row * columnCount + column], value.isFinite else { return nil }
    return value
  }

  /// Throws a sentence if the matrix cannot be drawn.
  func validate() throws(FigureError) {
    guard rowCount > 0, columnCount > 0 else { throw FigureError("a heat map needs at least one row and one column") }
    guard values.count == rowCount * columnCount else {
      throw FigureError(
        "a heat map of \(rowCount) rows and \(columnCount) columns needs \(rowCount * columnCount) "
          + "values, got \(values.count)"
      )
    }
    guard (rows + columns).allSatisfy({ !$0.labels.isEmpty }) else {
      throw FigureError("a block of a heat map has no rows or columns")
    }
    guard range.lowerBound < range.upperBound, range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw FigureError("the range of a heat map must be finite and not empty, got \(range)")
    }
    try DrawableNumber.require([range.lowerBound, range.upperBound], of: "the range of a heat map")
  }
}

/// What of a set of heat maps needs a word in the legend.
struct HeatMapMarks {
  var hasMissing = false
  var hasBelow = false
  var hasAbove = false

  init(_ maps: [HeatMap]) {
    for map in maps {
      for value in map.values {
        guard let value, value.isFinite else {
          hasMissing = true
          continue
        }
        if value < map.range.lowerBound { hasBelow = true }
        if value > map.range.upperBound { hasAbove = true }
      }
    }
  }
}
