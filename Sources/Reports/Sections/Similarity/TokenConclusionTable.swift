import Formats
import Results

/// `token_conclusions.csv`: which tap of another model matches a tap best, under every token mode.
struct TokenConclusionTable {
  private struct Entry {
    let bestTap: String
    let value: Double?
    let low: Double?
    let high: Double?
    let orderAgreement: Double?
    let changes: Bool
  }

  let identifier: String
  private let commaSeparated: String
  private let modes: [String]
  /// Tap, other store, measure and estimator of each conclusion, in the order of the file.
  private let keys: [[String]]
  /// By key and mode.
  private let entries: [[String]: Entry]

  /// What the column `changes` says where the best tap is not that of the first mode.
  private static let changed = 1

  /// - Throws: `ReportError` with file and line.
  init(folder: AnalysisFolder, identifier: String) throws {
    self.identifier = identifier
    let file = folder.path(of: .tokenConclusions)
    let table = try CommaSeparatedValues(parsing: folder.text(of: .tokenConclusions), file: file)
    let indices = try table.indices(of: TableDefinition.tokenConclusions.columns, file: file)
    var modes: [String] = []
    var keys: [[String]] = []
    var entries: [[String]: Entry] = [:]
    for record in table.records {
      let fields = TypedRecord(record, indices, file)
      let mode = fields.text(.tokens)
      let key = [Column.store, .tap, .otherStore, .measure, .estimator].map(fields.text)
      if !modes.contains(mode) { modes.append(mode) }
      if !modes.contains(where: { entries[key + [$0]] != nil }) { keys.append(key) }
      entries[key + [mode]] = Entry(
        bestTap: fields.text(.bestTap), value: try fields.number(.value), low: try fields.number(.low),
        high: try fields.number(.high), orderAgreement: try fields.number(.orderAgreement),
        changes: try fields.integer(.changes) == Self.changed)
    }
    self.modes = modes
    self.keys = keys
    self.entries = entries
    commaSeparated = table.text
  }

  private func changes(_ key: [String]) -> Bool { modes.contains { entries[key + [$0]]?.changes ?? false } }

  /// How many conclusions depend on the token mode, and some that do.
  func finding() -> Finding? {
    guard !keys.isEmpty, modes.count > 1 else { return nil }
    let changed = keys.filter(changes)
    let listed = changed.prefix(5).map { key in
      let best = modes.compactMap { mode in entries[key + [mode]].map { "\($0.bestTap) with \(mode)" } }
      return "\(key[0]) \(key[1]) in \(key[2]) (\(label(key))): \(best.joined(separator: ", "))."
    }
    let rest = changed.count > listed.count ? ", of which the first \(listed.count)" : ""
    let changing = changed.isEmpty ? "." : ", and changes for \(changed.count)\(rest):"
    return Finding(
      lead: "Token modes",
      text: "Which tap of another model matches a tap best is the same with \(modes.joined(separator: ", ")) for "
        + "\(keys.count - changed.count) of \(keys.count) taps\(changing)",
      items: listed)
  }

  private func label(_ key: [String]) -> String {
    (MeasureDefinition.named(key[3])?.name ?? key[3]) + (key[4].isEmpty ? "" : ", \(key[4])")
  }

  /// A line for each conclusion; as CSV the whole file.
  func table() -> ResultTable {
    let measures = Set(keys.map { Array($0[3...]) }).count
    var columns: [ResultTable.Column] = []
    for (index, mode) in modes.enumerated() {
      columns.append(ResultTable.Column("Value, \(mode)", digits: 3))
      if index > 0 { columns.append(ResultTable.Column("Order, \(mode)", digits: 2)) }
    }
    return ResultTable(
      name: "\(identifier)-token-modes",
      caption:
        "The best match of every tap in every other model, by token mode, with its value and 95 % interval. Order: "
        + "Spearman's ρ between the values of all candidates under this mode and under \(modes.first ?? "the first").",
      nameColumns: ["Model", "Tap", "Other model"] + (measures > 1 ? ["Measure"] : [])
        + modes.map { "Best match, \($0)" },
      columns: columns,
      rows: keys.map { key -> ResultTable.Line in
        let found = modes.map { entries[key + [$0]] }
        var names = Array(key[0..<3])
        if measures > 1 { names.append(label(key)) }
        names += found.map { $0?.bestTap ?? "–" }
        var values: [ResultTable.Value?] = []
        for (index, entry) in found.enumerated() {
          values.append(entry.map { ResultTable.Value($0.value, low: $0.low, high: $0.high) })
          if index > 0 { values.append(ResultTable.Value(entry?.orderAgreement)) }
        }
        return (names, "", values)
      }, commaSeparated: commaSeparated)
  }
}
