import Formats
import Results

/// `token_maps.csv`: the tokens of some images at their places.
struct TokenMapTable {
  struct Key: Hashable {
    let store: String
    let tap: String
    let path: String
  }

  struct Token {
    let row: Int
    let column: Int
    let norm: Double
    let isOutlier: Bool
    /// As many as the tokens have, at most three.
    let components: [Double]
  }

  /// The tokens of one image at one tap.
  struct Map {
    fileprivate(set) var tokens: [Token] = []

    var height: Int { (tokens.map(\.row).max() ?? -1) + 1 }
    var width: Int { (tokens.map(\.column).max() ?? -1) + 1 }
  }

  /// Most rows or columns of a map; more are a slip.
  private static let longestSide = 4096
  private static let componentColumns: [Column] = [.firstComponent, .secondComponent, .thirdComponent]

  private(set) var maps: [Key: Map] = [:]
  /// Each once, in the order of the file.
  private(set) var stores: [String] = []
  private(set) var paths: [String] = []
  private(set) var condition = ConditionName.original.text
  /// By store.
  private(set) var taps: [String: [String]] = [:]

  /// - Throws: `ReportError` with file and line.
  init(parsing text: String, file: String) throws(ReportError) {
    let table = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try table.indices(of: TableDefinition.tokenMaps.columns, file: file)
    for record in table.records {
      let record = TypedRecord(record, indices, file)
      try record.requireText(in: [.store, .tap, .path, .norm])
      let key = Key(store: record.text(.store), tap: record.text(.tap), path: record.text(.path))
      let place = (row: try record.integer(.gridRow), column: try record.integer(.gridColumn))
      guard max(place.row, place.column) < Self.longestSide else {
        throw ReportError("\(file): a token in row \(place.row), column \(place.column) lies on no grid of this size")
      }
      var components: [Double] = []
      for column in Self.componentColumns {
        if let value = try record.number(column) { components.append(value) }
      }
      if maps[key] == nil {
        if !stores.contains(key.store) { stores.append(key.store) }
        if !paths.contains(key.path) { paths.append(key.path) }
        if !(taps[key.store]?.contains(key.tap) ?? false) { taps[key.store, default: []].append(key.tap) }
        condition = record.text(.condition)
      }
      maps[key, default: Map()].tokens.append(
        Token(
          row: place.row, column: place.column, norm: try record.number(.norm) ?? 0,
          isOutlier: record.text(.isOutlier) == "1", components: components))
    }
  }

  subscript(store: String, tap: String, path: String) -> Map? { maps[Key(store: store, tap: tap, path: path)] }
}

/// `token_components.csv`: which taps share their components, and how much of the variance lies in each.
struct TokenComponentTable {
  struct Basis {
    let number: Int
    /// By component, mean over the taps that share it.
    fileprivate(set) var shares: [Double] = []
  }

  /// By store and tap.
  private var bases: [[String]: Basis] = [:]
  private(set) var count = 0

  /// - Throws: `ReportError` with file and line.
  init(parsing text: String, file: String) throws(ReportError) {
    let table = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try table.indices(of: TableDefinition.tokenComponents.columns, file: file)
    for record in table.records {
      let record = TypedRecord(record, indices, file)
      try record.requireText(in: [.store, .tap])
      let key = [record.text(.store), record.text(.tap)]
      let number = try record.integer(.basis)
      count = max(count, number)
      bases[key, default: Basis(number: number)].shares.append(try record.number(.basisShare) ?? 0)
    }
  }

  subscript(store: String, tap: String) -> Basis? { bases[[store, tap]] }
}
