import Figures
import Formats
import Results

/// The table of a paper: a line a model and tap, the methods beside each other under each metric, the best of them bold.
struct MethodTable {
  let table: EstimateTable
  let methods: StoreMethods
  /// Paired differences of the stores; nil where none were computed.
  let differences: DifferenceTable?
  let name: String
  let subject: String

  /// A value that a table of a paper shows, and whether it is bold.
  private struct Entry {
    let row: EstimateTable.Row
    var isBest = false
  }

  /// Columns that say what a line is of, beside the model.
  private var columns: [String] { (table.variedColumns + [Column.tap.name]).filter(table.labels.contains) }

  private typealias Entries = [[String]: [String: [String: Entry]]]

  /// The values by what a line is of, metric and method, and the lines in the order of the table; the best of the methods marked.
  private func marked(_ metrics: [String]) -> (keys: [[String]], entries: Entries) {
    guard let store = table.index(of: .store), let metric = table.index(of: .metric) else { return ([], [:]) }
    let positions = columns.compactMap { table.index(of: $0) }
    var keys: [[String]] = []
    var entries: Entries = [:]
    for row in table.rows where metrics.contains(row.labels[metric]) && row.value != nil {
      let key = [methods.model(row.labels[store])] + positions.map { row.labels[$0] }
      if entries[key] == nil { keys.append(key) }
      let method = methods.method(row.labels[store])
      if entries[key]?[row.labels[metric]]?[method] == nil {
        entries[key, default: [:]][row.labels[metric], default: [:]][method] = Entry(row: row)
      }
    }
    for key in keys {
      for metric in metrics {
        guard let found = entries[key]?[metric], let best = best(found, metric: metric) else { continue }
        entries[key]?[metric]?[best]?.isBest = true
      }
    }
    return (keys, entries)
  }

  /// The labels of the rows that are the best of the methods at their tap.
  func best(_ metrics: [String]) -> Set<[String]> {
    Set(marked(metrics).entries.values.flatMap { $0.values.flatMap { $0.values } }.filter(\.isBest).map(\.row.labels))
  }

  /// nil where no model was inverted by several methods at one tap.
  func result(_ metrics: [String]) -> ResultTable? {
    guard methods.compares else { return nil }
    let (keys, entries) = marked(metrics)
    guard entries.values.contains(where: { $0.values.contains { $0.count > 1 } }) else { return nil }
    let order = methods.models
    // Models in their order, each with its lines in theirs.
    let sorted = keys.enumerated().sorted { first, second in
      let (a, b) = (order.firstIndex(of: first.element[0]) ?? 0, order.firstIndex(of: second.element[0]) ?? 0)
      return (a, first.offset) < (b, second.offset)
    }.map(\.element)
    return result(metrics, keys: sorted, entries: entries)
  }

  private func result(
    _ metrics: [String], keys: [[String]], entries: Entries
  ) -> ResultTable {
    // Methods with no value of a metric get no column under it.
    let shown = metrics.flatMap { metric in
      methods.methods.filter { method in keys.contains { entries[$0]?[metric]?[method] != nil } }
        .map { (metric: metric, method: $0) }
    }
    let rows = keys.map { key -> ResultTable.Line in
      (
        key, "",
        shown.map { column in
          entries[key]?[column.metric]?[column.method].map {
            ResultTable.Value($0.row.value, low: $0.row.low, high: $0.row.high, isBest: $0.isBest)
          }
        }
      )
    }
    let labels = ["Model"] + columns.map(EstimateTableLayout.heading)
    var result = ResultTable(
      name: "\(name)-paper", caption: caption(metrics, entries: entries), nameColumns: labels,
      columns: shown.map { column in
        let facts = MetricDefinition.named(column.metric)
        var made = ResultTable.Column(column.method.isEmpty ? "alone" : column.method, digits: facts.digits)
        made.group = facts.label + Self.arrow(facts)
        return made
      }, rows: rows, commaSeparated: commaSeparated(shown, keys: keys, entries: entries))
    result.condensed = ("Brackets: 95 % intervals.", reach(metrics, entries: entries))
    return result
  }

  private static func arrow(_ metric: MetricDefinition) -> String {
    switch metric.better {
    case .high: " ↑"
    case .low: " ↓"
    case .none: ""
    }
  }

  // MARK: The best

  /// The method with the best mean, where it is settled that it is better than every other one of the model at that tap. Where no paired
  /// differences were computed, the best mean alone.
  private func best(_ entries: [String: Entry], metric: String) -> String? {
    let facts = MetricDefinition.named(metric)
    guard facts.better != .none, entries.count > 1, let store = table.index(of: .store) else { return nil }
    // In the order of the methods, so that equal means never depend on the order of a dictionary.
    let found = methods.methods.compactMap { method in entries[method].map { (method, $0.row) } }
    let best = found.dropFirst().reduce(found[0]) {
      facts.isBetter($1.1.value ?? 0, than: $0.1.value ?? 0) ? $1 : $0
    }
    // Equal as printed is equal.
    guard found.count(where: { facts.number($0.1.value ?? 0) == facts.number(best.1.value ?? 0) }) == 1 else {
      return nil
    }
    guard let differences else { return best.0 }
    let isSettled = found.allSatisfy { method, row in
      method == best.0
        || differences.favours(
          best.1.labels[store], over: row.labels[store], at: row, of: table, metric: metric) == true
    }
    return isSettled ? best.0 : nil
  }

  // MARK: Words

  private func caption(_ metrics: [String], entries: Entries) -> String {
    let rows = entries.values.flatMap { $0.values.flatMap { $0.values.map(\.row) } }
    var text =
      "\(subject) by model, tap and method, means over images"
      + "\(table.countText(rows).map { " (\($0))" } ?? "")."
    if metrics.contains(where: { MetricDefinition.named($0).better != .none }) { text += " " + meaningOfBold(metrics) }
    return text
  }

  /// What is said of bold numbers.
  func meaningOfBold(_ metrics: [String]) -> String {
    guard let differences else {
      return
        "Bold: the best mean of a model's methods at a tap; whether they differ by more than chance was not computed."
    }
    let compared = Set(differences.rows.map(\.metric))
    let unknown = metrics.filter { MetricDefinition.named($0).better != .none && !compared.contains($0) }
    return
      "Bold: the best of a model's methods at a tap, where the 95 % intervals of its paired differences from all others "
      + "exclude zero."
      + (unknown.isEmpty
        ? ""
        : " Nothing is bold under \(unknown.map { MetricDefinition.named($0).title }.joined(separator: ", ")), of which there are no paired differences.")
  }

  /// How far intervals reach, for a table without them.
  private func reach(_ metrics: [String], entries: Entries) -> String {
    let reaches = metrics.compactMap { metric -> String? in
      let facts = MetricDefinition.named(metric)
      let rows = entries.values.compactMap { $0[metric] }.flatMap { $0.values.map(\.row) }
      let largest = rows.compactMap { row -> Double? in
        guard let value = row.value, let low = row.low, let high = row.high else { return nil }
        return max(high - value, value - low)
      }.max()
      return largest.map { "\(Numbers.fixed(Self.roundedUp($0, facts.digits), digits: facts.digits)) (\(facts.title))" }
    }
    guard !reaches.isEmpty else { return "No intervals were computed." }
    return "95 % intervals reach no further from the mean than \(reaches.joined(separator: ", "))."
  }

  /// To the next number of so many digits, so that what is said of intervals holds.
  private static func roundedUp(_ value: Double, _ digits: Int) -> Double {
    let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    return (value * scale - 1e-9).rounded(.up) / scale
  }

  private func commaSeparated(
    _ shown: [(metric: String, method: String)], keys: [[String]], entries: Entries
  ) -> String {
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let header = ["model", "method"] + columns + ["metric", "value", "low", "high", "n", "bold"]
    return CommaSeparatedValues.line(header)
      + keys.flatMap { key in
        shown.compactMap { column -> String? in
          guard let entry = entries[key]?[column.metric]?[column.method] else { return nil }
          let row = entry.row
          return CommaSeparatedValues.line(
            [key[0], column.method] + key.dropFirst() + [column.metric] + [row.value, row.low, row.high].map(text)
              + [row.count.map(String.init) ?? "", entry.isBest ? "1" : "0"])
        }
      }.joined()
  }
}

extension DifferenceTable {
  /// Whether the interval of a paired difference excludes zero in favour of a store; nil where the two were not compared there.
  /// - Parameters:
  ///   - row: of the other store, in `table`: where they are compared.
  func favours(
    _ store: String, over other: String, at row: EstimateTable.Row, of table: EstimateTable, metric: String
  ) -> Bool? {
    guard let tap = table.index(of: .tap) else { return nil }
    let condition = table.index(of: .condition).map { row.labels[$0] }
    let found = rows.first { difference in
      difference.metric == metric && difference.tapA == row.labels[tap] && difference.tapB == row.labels[tap]
        && condition.map { $0 == difference.condition } ?? true
        && (difference.storeA == store && difference.storeB == other
          || difference.storeA == other && difference.storeB == store)
    }
    guard let found, let low = found.low, let high = found.high else { return nil }
    let isGain = (found.storeA == store) == (MetricDefinition.named(metric).better == .high)
    return isGain ? low > 0 : high < 0
  }
}
