import Results

/// Sentences of estimates over depth. Nothing is said that the numbers do not hold: a difference is called settled only where
/// intervals lie apart.
struct EstimateFindings {
  let table: EstimateTable
  /// What the taps are in their models.
  let tree: TapTree

  /// The rows of one metric of a store under one condition or the like, in order of depth.
  typealias Run = (store: String, variant: [String], rows: [EstimateTable.Row])

  /// Rows of one metric, a run of taps for each store and variant, in order of the table.
  func runs(_ metric: String) -> [Run] {
    guard let metricColumn = table.index(of: .metric), let store = table.index(of: .store) else { return [] }
    let places = table.variedColumns.compactMap { table.index(of: $0) }
    var runs: [Run] = []
    for row in table.rows where row.labels[metricColumn] == metric && row.value != nil {
      let variant = places.map { row.labels[$0] }
      if let known = runs.firstIndex(where: { $0.store == row.labels[store] && $0.variant == variant }) {
        runs[known].rows.append(row)
      } else {
        runs.append((row.labels[store], variant, [row]))
      }
    }
    return runs
  }

  /// The rows of a run at the layers of its model, each once: without the heads beside them.
  private func layers(_ run: Run) -> [EstimateTable.Row] {
    guard let tap = table.index(of: .tap) else { return [] }
    let rows = Dictionary(run.rows.map { ($0.labels[tap], $0) }, uniquingKeysWith: { first, _ in first })
    return tree.layers(of: run.rows.map { $0.labels[tap] }, in: run.store).compactMap { rows[$0] }
  }

  /// The row of a run at its deepest layer.
  func deepest(_ run: Run) -> EstimateTable.Row? {
    guard let tap = table.index(of: .tap) else { return nil }
    let deepest = tree.deepest(of: run.rows.map { $0.labels[tap] }, in: run.store)
    return run.rows.first { $0.labels[tap] == deepest }
  }

  /// From the first layer to the last, and the largest step between neighbours.
  func course(_ metric: String, of run: Run) -> String? {
    let facts = MetricDefinition.named(metric)
    let rows = layers(run)
    guard let tap = table.index(of: .tap), let first = rows.first, let last = rows.last, rows.count > 1,
      let start = first.value, let end = last.value
    else { return nil }
    let verb = end < start ? "falls" : end > start ? "rises" : "stays"
    var text =
      "In \(([run.store] + run.variant).joined(separator: ", ")), \(facts.label) \(verb) from \(facts.text(first)) at "
      + "\(first.labels[tap]) to \(facts.text(last)) at \(last.labels[tap])"
    if let apart = Self.areApart(first, last) {
      text += apart ? "." : "; these two intervals overlap."
    } else {
      text += "."
    }
    let steps = zip(rows, rows.dropFirst()).map { ($0, $1, (($1.value ?? 0) - ($0.value ?? 0)).magnitude) }
    if steps.count > 1, let largest = steps.max(by: { $0.2 < $1.2 }), largest.2 > 0 {
      text +=
        " The largest step between neighbouring layers is from \(largest.0.labels[tap]) to "
        + "\(largest.1.labels[tap]), by \(facts.number(largest.2))"
      switch Self.areApart(largest.0, largest.1) {
      case true?: text += " (their intervals do not overlap)."
      case false?: text += " (their intervals overlap, so even it is not settled)."
      case nil: text += "."
      }
    }
    return text
  }

  /// The course of every store, under its first condition; the others stand in the table.
  func courses(_ metric: String) -> Finding? {
    let runs = runs(metric)
    var stores: [String] = []
    var rows: [[String]] = []
    let items = runs.compactMap { run -> String? in
      guard !stores.contains(run.store) else { return nil }
      stores.append(run.store)
      guard let text = course(metric, of: run), let row = courseRow(metric, of: run) else { return nil }
      rows.append(row)
      return text
    }
    guard !items.isEmpty else { return nil }
    let others = runs.count > stores.count ? " (further conditions are in the figure and the table)" : ""
    return Finding(
      lead: MetricDefinition.named(metric).title, text: "From the first layer to the last\(others):", items: items,
      header: ["Model", "First layer", "Deepest layer", "Largest step between neighbours"], rows: rows)
  }

  /// What the sentence of ``course(_:of:)`` says, as a line of a table.
  private func courseRow(_ metric: String, of run: Run) -> [String]? {
    let facts = MetricDefinition.named(metric)
    let rows = layers(run)
    guard let tap = table.index(of: .tap), let first = rows.first, let last = rows.last, rows.count > 1 else {
      return nil
    }
    let steps = zip(rows, rows.dropFirst()).map { ($0, $1, (($1.value ?? 0) - ($0.value ?? 0)).magnitude) }
    var step = "–"
    if steps.count > 1, let largest = steps.max(by: { $0.2 < $1.2 }), largest.2 > 0 {
      let isOpen = Self.areApart(largest.0, largest.1) == false
      step =
        "\(largest.0.labels[tap]) → \(largest.1.labels[tap]): \(facts.number(largest.2))\(isOpen ? ", intervals overlap" : "")"
    }
    return [
      ([run.store] + run.variant).joined(separator: ", "), "\(first.labels[tap]): \(facts.text(first))",
      "\(last.labels[tap]): \(facts.text(last))", step,
    ]
  }

  /// Whether two intervals have no number in common; nil where one is not known.
  static func areApart(_ a: EstimateTable.Row, _ b: EstimateTable.Row) -> Bool? {
    guard let lowA = a.low, let highA = a.high, let lowB = b.low, let highB = b.high else { return nil }
    return highA < lowB || highB < lowA
  }

  /// The deepest layers of all stores, best first; nil for metrics without a best and for a single store.
  func deepest(_ metric: String) -> String? {
    let facts = MetricDefinition.named(metric)
    guard facts.better != .none, let tap = table.index(of: .tap) else { return nil }
    var last: [(store: String, row: EstimateTable.Row)] = []
    for run in runs(metric) where !last.contains(where: { $0.store == run.store }) {
      if let row = deepest(run) { last.append((run.store, row)) }
    }
    guard last.count > 1 else { return nil }
    let sorted = last.sorted { facts.isBetter($0.row.value ?? 0, than: $1.row.value ?? 0) }
    var text = "From its deepest layer, "
    text += sorted.map { "\($0.store) (\($0.row.labels[tap])) reaches \(facts.text($0.row))" }.joined(separator: ", ")
    switch Self.areApart(sorted[0].row, sorted[1].row) {
    case true?: text += ". The best one's interval lies apart from the next one's."
    case false?: text += ". The intervals of the first two overlap, so which is better is not settled by them."
    case nil: text += "."
    }
    return text + " Taps of different models are not at the same depth, and their numbers of features differ."
  }

  /// What intervals stand for, and how many images.
  func overview(_ rows: [EstimateTable.Row]) -> String {
    let stores = table.entries(.store).map { store in
      let taps = EstimateIndex(table, by: [.store]).entries(.tap, where: [(.store, store)])
      return "\(store) (\(taps.count) \(taps.count == 1 ? "tap" : "taps"))"
    }
    let images = table.countText(rows).map { " on \($0) images" } ?? ""
    let intervals =
      rows.contains(where: \.hasInterval)
      ? " Brackets hold 95 % intervals over images; they do not tell of other kinds of images, nor of other trainings."
      : " No intervals were computed, so how far a value would move with other images is not known."
    let conditions = table.entries(.condition)
    let under = conditions.count > 1 ? ", under \(conditions.joined(separator: ", "))" : ""
    return "\(stores.joined(separator: ", "))\(images)\(under).\(intervals)"
  }
}
