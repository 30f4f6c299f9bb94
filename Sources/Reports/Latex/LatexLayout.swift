/// How a table is set so that it is no wider than the paper: its type, its columns, where its names are broken, and in how many parts.
struct LatexLayout {
  /// A column of values as it is set: its heading in lines.
  struct Heading {
    let lines: [LatexText]
    /// In points, of heading and values.
    let width: Double
  }

  let size: LatexPage.Size
  /// Between two columns, in points.
  let gap: Double
  /// In points, what the table may be wide.
  let limit: Double
  let isColumn: Bool
  let showsIntervals: Bool
  /// The most that each column of names may be wide, at ten points; nil where nothing has to be broken.
  let nameLimits: [Double]?
  let headings: [Heading]
  /// Indices of the columns of values, part after part.
  private(set) var parts: [[Int]] = []
  private let nameWidth: Double
  private let table: ResultTable

  /// The first way to set a table that fits, from the smallest room to the largest.
  static func fitting(_ table: ResultTable, page: LatexPage) -> LatexLayout {
    let sizes: [(size: LatexPage.Size, gap: Double)] = [(.small, 8), (.small, 5), (.footnote, 6)]
    let intervals = table.condensed == nil ? [true] : [true, false]
    for isColumn in [true, false] {
      for showsIntervals in intervals {
        for (size, gap) in sizes {
          let layout = LatexLayout(
            table, page: page, size: size, gap: gap, isColumn: isColumn, showsIntervals: showsIntervals, breaks: false)
          if layout.parts.count == 1 { return layout }
        }
      }
    }
    return LatexLayout(
      table, page: page, size: .footnote, gap: 6, isColumn: false, showsIntervals: table.condensed == nil, breaks: true)
  }

  /// - Parameter breaks: whether long names are broken, and the columns of values set in several parts where they have to be.
  private init(
    _ table: ResultTable, page: LatexPage, size: LatexPage.Size, gap: Double, isColumn: Bool, showsIntervals: Bool,
    breaks: Bool
  ) {
    self.table = table
    self.size = size
    self.gap = gap
    self.isColumn = isColumn
    self.showsIntervals = showsIntervals
    limit = isColumn ? page.column : page.text
    let factor = size.factor
    headings = table.valueColumns.indices.map {
      Self.heading(table, $0, factor: factor, showsIntervals: showsIntervals)
    }
    let natural = table.nameColumns.indices.map { index in
      ([table.nameColumns[index]] + table.rows.map { $0.names[index] }).reduce(0) { max($0, LatexText($1).width) }
    }
    let gaps = gap * Double(natural.count)
    let widest = (headings.map(\.width) + table.groups.map { LatexText($0).width * factor }).max() ?? 0
    // Half of the width at most, unless all columns fit beside more.
    let values = headings.reduce(0) { $0 + $1.width } + gap * Double(headings.count)
    let room = max(limit - values - gaps, min(limit - widest - gaps, limit / 2)) / factor
    let narrowed = Self.narrowed(natural, to: room)
    nameLimits = breaks && narrowed != natural ? narrowed : nil
    nameWidth = (nameLimits ?? natural).reduce(0, +) * factor + gaps
    parts = partition(mayBreak: breaks)
  }

  /// Whether the columns of values `chosen` fit beside the names.
  private func fits(_ chosen: some Collection<Int>) -> Bool {
    var width = nameWidth
    for span in table.spans(chosen) {
      let columns = span.columns.reduce(0) { $0 + headings[$1].width } + gap * Double(span.columns.count - 1)
      width += max(columns, LatexText(span.title).width * size.factor) + gap
    }
    return width - gap <= limit
  }

  private func partition(mayBreak: Bool) -> [[Int]] {
    let all = Array(headings.indices)
    if all.isEmpty || fits(all) { return [all] }
    guard mayBreak else { return [] }
    for count in 2...max(2, all.count) {
      let length = (all.count + count - 1) / count
      let parts = stride(from: 0, to: all.count, by: length).map { Array(all[$0..<min(all.count, $0 + length)]) }
      if parts.allSatisfy({ fits($0) }) { return parts }
    }
    return all.map { [$0] }
  }

  private static func heading(
    _ table: ResultTable, _ index: Int, factor: Double, showsIntervals: Bool
  ) -> Heading {
    let script = LatexPage.Size.script.factor
    let values =
      table.rows.map { row -> Double in
        let cell = row.cells[index]
        let interval =
          showsIntervals && !cell.interval.isEmpty ? (3.34 * factor + LatexText(cell.interval).width * script) : 0
        return LatexText(cell.text, isBold: cell.isBest).width * factor + interval
      }.max() ?? 0
    let label = table.valueColumns[index]
    // A heading may be wider than its numbers, but not by whole sentences.
    let limit = max(values / factor, min(LatexText.longestWord(label), 90), 24)
    let lines = LatexText.lines(label, limit: limit)
    return Heading(lines: lines, width: max(values, lines.reduce(0) { max($0, $1.width) } * factor))
  }

  /// Widths that add up to no more than `room`: the widest are cut to one width.
  private static func narrowed(_ widths: [Double], to room: Double) -> [Double] {
    guard widths.reduce(0, +) > room else { return widths }
    var rest = room
    var open = widths.count
    var cut = 0.0
    for width in widths.sorted() {
      cut = rest / Double(open)
      guard width <= cut else { break }
      rest -= width
      open -= 1
    }
    return widths.map { min($0, cut) }
  }

  /// Lines of a name in its column.
  func lines(_ name: String, column: Int) -> [LatexText] {
    guard let limit = nameLimits?[column] else { return [LatexText(name)] }
    // The rounding of sums must not break what just fits.
    return LatexText.lines(name, limit: limit + 0.001)
  }
}
