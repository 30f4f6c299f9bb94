/// A paragraph of what was found, the words that say what it is about, and perhaps a list or a small table below it.
struct Finding {
  struct Row {
    let cells: [String]
  }

  let lead: String
  let text: String
  let hasItems: Bool
  let items: [String]
  /// In place of more items than can be read one after another.
  let hasTable: Bool
  let header: [String]
  let rows: [Row]

  /// Items that are read as sentences; more of them stand in the table.
  static let mostItems = 3

  /// - Parameters:
  ///   - header: of the table that says what the items say; empty for none.
  ///   - rows: one for each item.
  init(lead: String, text: String, items: [String] = [], header: [String] = [], rows: [[String]] = []) {
    self.lead = lead
    self.text = text
    hasTable = items.count > Self.mostItems && rows.count == items.count && !header.isEmpty
    self.header = header
    self.rows = hasTable ? rows.map(Row.init) : []
    self.items = hasTable ? [] : items
    hasItems = !self.items.isEmpty
  }

  /// The lead of the paragraph that says what was measured, which is not a result.
  static let measured = "Measured"
}
