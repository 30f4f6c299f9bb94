import Figures
import Formats
import Results

/// A table for people: rows with names, numbers with intervals, best values marked. As HTML through the templates, as CSV, and as LaTeX (``LatexTable``).
struct ResultTable {
  /// How the numbers of a column are read.
  struct Column {
    let label: String
    /// What stands above the label and its neighbours in LaTeX; empty for nothing.
    var group = ""
    let better: MetricDefinition.Better
    let number: (Double) -> String

    init(_ metric: MetricDefinition) { self.init(metric.label, better: metric.better, digits: metric.digits) }

    init(_ label: String, better: MetricDefinition.Better = .none, digits: Int) {
      self.init(label, better: better) { Numbers.fixed($0, digits: digits) }
    }

    private init(_ label: String, better: MetricDefinition.Better, number: @escaping (Double) -> String) {
      self.label = label
      self.better = better
      self.number = number
    }

    /// Of probabilities.
    static func probability(_ label: String) -> Column { Column(label, better: .none, number: ResultTable.probability) }

    /// Of whole numbers.
    static func count(_ label: String) -> Column {
      Column(label, better: .none) { Numbers.grouped(Int(saturating: $0)) }
    }

    func isBetter(_ a: Double, than b: Double) -> Bool {
      switch better {
      case .high: a > b
      case .low: a < b
      case .none: false
      }
    }
  }

  /// A number with its interval.
  struct Value {
    let value: Double?
    var low: Double?
    var high: Double?
    /// Whether it is marked; nil where that follows from the values of its column.
    var isBest: Bool?

    init(_ value: Double?, low: Double? = nil, high: Double? = nil, isBest: Bool? = nil) {
      self.value = value
      self.low = low
      self.high = high
      self.isBest = isBest
    }

    init(_ row: EstimateTable.Row) { self.init(row.value, low: row.low, high: row.high) }
  }

  struct Cell {
    /// As it is printed; "–" where there is no value.
    let text: String
    /// "[23.80, 24.46]", or empty.
    let interval: String
    let isBest: Bool
    /// By which the column is sorted; empty where there is no value.
    let key: String
  }

  struct Row {
    let names: [String]
    let cells: [Cell]
  }

  /// What a row is made of; the best of every column is marked within each group.
  typealias Line = (names: [String], group: String, values: [Value?])

  /// Of its files, without an ending, and of its element in the page.
  let name: String
  let caption: String
  let nameColumns: [String]
  let valueColumns: [String]
  /// What stands above each column of values in LaTeX; empty for nothing.
  let groups: [String]
  /// Which values of each of these are the better ones.
  let better: [MetricDefinition.Better]
  let rows: [Row]
  /// The same as data.
  let commaSeparated: String
  /// For tables of a paper, which may leave out their intervals: what the caption then says of them, and what it says else.
  var condensed: (shown: String, omitted: String)?
  /// The same numbers for a paper; empty for none.
  var papers: [ResultTable] = []

  init(
    name: String, caption: String, nameColumns: [String], columns: [Column], rows: [Line], commaSeparated: String
  ) {
    self.name = name
    self.caption = caption
    self.nameColumns = nameColumns
    valueColumns = columns.map(\.label)
    groups = columns.map(\.group)
    better = columns.map(\.better)
    self.commaSeparated = commaSeparated
    var best: [String: [Double?]] = [:]
    for row in rows {
      for (index, column) in columns.enumerated() {
        guard let value = row.values[index]?.value else { continue }
        var known = best[row.group] ?? columns.map { _ in nil }
        if known[index].map({ column.isBetter(value, than: $0) }) ?? true { known[index] = value }
        best[row.group] = known
      }
    }
    let sizes = Dictionary(rows.map { ($0.group, 1) }, uniquingKeysWith: +)
    self.rows = rows.map { row in
      Row(
        names: row.names,
        cells: zip(columns, row.values).enumerated().map { index, pair in
          let (column, estimate) = pair
          guard let estimate, let value = estimate.value else {
            return Cell(text: "–", interval: "", isBest: false, key: "")
          }
          // Equal as printed is equal; a group of one has no best.
          let isBest =
            estimate.isBest
            ?? (column.better != .none && (sizes[row.group] ?? 0) > 1
              && best[row.group]?[index].map { column.number($0) == column.number(value) } ?? false)
          let interval = estimate.low.flatMap { low in
            estimate.high.map { "[\(column.number(low)), \(column.number($0))]" }
          }
          return Cell(text: column.number(value), interval: interval ?? "", isBest: isBest, key: "\(value)")
        })
    }
  }

  /// "0.0026", "< 0.0001" below what four digits show.
  static func probability(_ value: Double) -> String {
    value < 0.000_05 ? "< 0.0001" : Numbers.fixed(value, digits: 4)
  }

  /// Columns of values that stand under one heading, in their order.
  func spans(_ columns: some Collection<Int>) -> [(title: String, columns: [Int])] {
    var spans: [(title: String, columns: [Int])] = []
    for column in columns {
      let title = groups[column]
      if let last = spans.last, last.title == title, !title.isEmpty {
        spans[spans.count - 1].columns.append(column)
      } else {
        spans.append((title, [column]))
      }
    }
    return spans
  }
}
