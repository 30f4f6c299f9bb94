/// Rows or columns of a heat map that belong together: one model and its taps in order of depth.
public struct HeatMapBlock: Sendable, Equatable, Codable {
  public var name: String
  public var labels: [String]
  /// Neighbours that are one part of the model, such as its encoder: in order, without overlaps; nil for none.
  public var groups: [Group]?

  /// A part of a model.
  public struct Group: Sendable, Equatable, Codable {
    public var name: String
    /// Index of its first row or column in the block, and how many it has.
    public var first: Int
    public var count: Int

    public init(_ name: String, first: Int, count: Int) {
      self.name = name
      self.first = first
      self.count = count
    }
  }

  public init(name: String, labels: [String], groups: [Group]? = nil) {
    self.name = name
    self.labels = labels
    self.groups = groups
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
  /// For each value whether it is marked where it lies outside the range; nil for all.
  public var marked: [Bool]?
  /// Which cells are shown of a map that is the same on both sides of its diagonal; nil for all.
  public var triangle: Triangle?

  /// One side of the diagonal, and the diagonal.
  public enum Triangle: String, Sendable, Equatable, Codable { case lower, upper }

  /// Whether a cell is left empty.
  func isHidden(_ row: Int, _ column: Int) -> Bool {
    switch triangle {
    case .lower: column > row
    case .upper: column < row
    case nil: false
    }
  }

  /// Whether a value outside the range carries a mark.
  func isMarked(_ row: Int, _ column: Int) -> Bool { marked?[row * columnCount + column] ?? true }

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
    guard marked == nil || marked?.count == values.count else {
      throw FigureError("a heat map of \(values.count) values needs as many marks, got \(marked?.count ?? 0)")
    }
    guard triangle == nil || rowCount == columnCount else {
      throw FigureError("a heat map of \(rowCount) rows and \(columnCount) columns has no triangle; it must be square")
    }
    for block in rows + columns {
      var end = 0
      for group in block.groups ?? [] {
        guard group.first >= end, group.count > 0, group.count <= block.labels.count - group.first else {
          throw FigureError(
            "part '\(group.name)' of block '\(block.name)' of a heat map does not lie in it behind the one before")
        }
        end = group.first + group.count
      }
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
    for map in maps where map.values.count == map.rowCount * map.columnCount {
      for row in 0..<map.rowCount {
        for column in 0..<map.columnCount where !map.isHidden(row, column) {
          guard let value = map.value(row, column) else {
            hasMissing = true
            continue
          }
          guard map.marked == nil || map.marked?.count == map.values.count, map.isMarked(row, column) else { continue }
          if value < map.range.lowerBound { hasBelow = true }
          if value > map.range.upperBound { hasAbove = true }
        }
      }
    }
  }
}
