import Figures

/// Figures and sentences of estimates over depth: one panel a model, a curve for each condition or region.
struct EstimateDepth {
  let table: EstimateTable
  /// Begins the names of the figures' files.
  let prefix: String
  let style: FigureStyle

  /// Columns beside store, tap and metric in which the rows differ.
  var variedColumns: [String] {
    table.labels.filter { !["store", "tap", "metric"].contains($0) && table.entries($0).count > 1 }
  }

  /// What the name of a metric ends with that was measured on shuffled pairs or labels.
  static let shuffledSuffix = "_shuffled"

  /// How many curves of a metric a store has.
  private var curveCount: Int { variedColumns.reduce(1) { $0 * table.entries($1).count } }

  /// Whether the baselines of shuffled pairs or labels stand in the figures of their metrics: where the curves stay few enough
  /// to be told apart.
  var drawsBaselines: Bool { curveCount <= 3 }

  /// The figure of one metric, with its baseline where there is room for it; nil where no row has a value.
  func figure(_ metric: String) -> ReportFigure? {
    let facts = MetricFacts.named(metric)
    guard let metricColumn = table.column("metric"), let store = table.column("store"), let tap = table.column("tap")
    else { return nil }
    let plain = table.rows.filter { $0.labels[metricColumn] == metric }
    guard plain.contains(where: { $0.value != nil }) else { return nil }
    let baseline = table.rows.filter { drawsBaselines && $0.labels[metricColumn] == metric + Self.shuffledSuffix }
    let rows = plain + baseline
    // Very many curves are spread over panels.
    var varied = variedColumns
    let panelColumn = curveCount > 6 && varied.count > 1 ? varied.removeFirst() : nil
    let seriesPlaces = varied.compactMap { table.column($0) }
    var panels: [(key: [String], taps: [String], names: [[String]], rows: [[String]: [String: EstimateTable.Row]])] = []
    for row in rows {
      let key = [row.labels[store]] + (panelColumn.flatMap { table.column($0) }.map { [row.labels[$0]] } ?? [])
      let name =
        seriesPlaces.map { row.labels[$0] } + (row.labels[metricColumn] == metric ? [] : [Self.baselineName])
      let place = panels.firstIndex { $0.key == key } ?? panels.endIndex
      if place == panels.endIndex { panels.append((key, [], [], [:])) }
      if !panels[place].taps.contains(row.labels[tap]) { panels[place].taps.append(row.labels[tap]) }
      if !panels[place].names.contains(name) { panels[place].names.append(name) }
      if panels[place].rows[name]?[row.labels[tap]] == nil {
        panels[place].rows[name, default: [:]][row.labels[tap]] = row
      }
    }
    let names = panels.flatMap(\.names).reduce(into: [[String]]()) { if !$0.contains($1) { $0.append($1) } }
    let drawn = panels.map { panel in
      LineFigure.Panel(
        title: panel.key.joined(separator: ", "), labels: panel.taps,
        series: names.map { name in
          let found = panel.taps.map { panel.rows[name]?[$0] }
          return LineFigure.Series(
            name: name.isEmpty ? facts.name : name.joined(separator: ", "), values: found.map { $0?.value },
            low: found.map { $0?.low }, high: found.map { $0?.high })
        })
    }
    let description = FigureDescription(
      kind: "lines with bands", title: "\(facts.name) over depth",
      caption: caption(facts, rows: plain, varied: varied)
        + (baseline.isEmpty
          ? "" : " Curves named \(Self.baselineName) are the baseline: pairs or labels drawn at random."),
      alternativeText: alternative(facts, rows: plain),
      settings: settings(metric))
    let range = facts.range ?? NumericAxis(rows.flatMap { [$0.value, $0.low, $0.high].compactMap { $0 } }).range
    return ReportFigure(
      name: "\(prefix)-\(SimilarityVariant.slug(metric))", kind: "depth", heading: "\(facts.name) over depth",
      content: LineFigure(panels: drawn, valueLabel: facts.axisLabel, range: range, description: description),
      data: table.text(of: rows))
  }

  private static let baselineName = "shuffled"

  func settings(_ metric: String) -> [FigureDescription.Setting] {
    [
      .init("kind", "lines"), .init("metric", metric), .init("style", style.name),
      .init("text width", "\(Numbers.fixed(style.textWidthInches, digits: 2)) in"),
      .init("font", style.fontFamilies[0]),
    ]
  }

  private func caption(_ facts: MetricFacts, rows: [EstimateTable.Row], varied: [String]) -> String {
    var text = "\(facts.label) at every tap, in order of depth"
    if !varied.isEmpty { text += ", one curve a \(varied.joined(separator: " and "))" }
    text += "."
    switch facts.best {
    case .high: text += " Higher is better."
    case .low: text += " Lower is better."
    case .none: break
    }
    text +=
      rows.contains(where: \.hasInterval)
      ? " Bands are 95 % bootstrap intervals over images." : " No intervals were computed."
    if let count = table.countText(rows) { text += " \(count) images." }
    return text
  }

  private func alternative(_ facts: MetricFacts, rows: [EstimateTable.Row]) -> String {
    let known = rows.filter { $0.value != nil }.sorted { ($0.value ?? 0) < ($1.value ?? 0) }
    guard let low = known.first, let high = known.last else { return "No value is known." }
    return "Curves of \(facts.label) over the depth of \(table.entries("store").joined(separator: ", ")). "
      + "The lowest value is \(facts.text(low)) (\(place(low))), the highest \(facts.text(high)) (\(place(high)))."
  }

  /// "vit, red, block.3": what a row is of.
  func place(_ row: EstimateTable.Row) -> String {
    table.labels.indices.filter { table.labels[$0] != "metric" }.filter {
      table.labels[$0] == "store" || table.labels[$0] == "tap" || variedColumns.contains(table.labels[$0])
    }.map { row.labels[$0] }.joined(separator: ", ")
  }

  // MARK: Sentences

  /// Rows of one metric, a run of taps for each store and variant, in order of the table.
  func runs(_ metric: String) -> [(store: String, variant: [String], rows: [EstimateTable.Row])] {
    guard let metricColumn = table.column("metric"), let store = table.column("store") else { return [] }
    let places = variedColumns.compactMap { table.column($0) }
    var runs: [(store: String, variant: [String], rows: [EstimateTable.Row])] = []
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

  /// From the first tap to the last, and the largest step between neighbours.
  func course(_ metric: String, of run: (store: String, variant: [String], rows: [EstimateTable.Row])) -> String? {
    let facts = MetricFacts.named(metric)
    guard let tap = table.column("tap"), let first = run.rows.first, let last = run.rows.last, run.rows.count > 1,
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
    let steps = zip(run.rows, run.rows.dropFirst()).map { ($0, $1, (($1.value ?? 0) - ($0.value ?? 0)).magnitude) }
    if steps.count > 1, let largest = steps.max(by: { $0.2 < $1.2 }), largest.2 > 0 {
      text +=
        " The largest step between neighbouring taps is from \(largest.0.labels[tap]) to "
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
    let items = runs.compactMap { run -> String? in
      guard !stores.contains(run.store) else { return nil }
      stores.append(run.store)
      return course(metric, of: run)
    }
    guard !items.isEmpty else { return nil }
    let others = runs.count > stores.count ? " (further conditions are in the figure and the table)" : ""
    return Finding(
      lead: MetricFacts.named(metric).name, text: "From the first tap to the last\(others):", items: items)
  }

  /// Whether two intervals have no number in common; nil where one is not known.
  static func areApart(_ a: EstimateTable.Row, _ b: EstimateTable.Row) -> Bool? {
    guard let lowA = a.low, let highA = a.high, let lowB = b.low, let highB = b.high else { return nil }
    return highA < lowB || highB < lowA
  }

  /// The deepest taps of all stores, best first; nil for metrics without a best and for a single store.
  func deepest(_ metric: String) -> String? {
    let facts = MetricFacts.named(metric)
    guard facts.best != .none, let tap = table.column("tap") else { return nil }
    var last: [(store: String, row: EstimateTable.Row)] = []
    for run in runs(metric) where !last.contains(where: { $0.store == run.store }) {
      if let row = run.rows.last { last.append((run.store, row)) }
    }
    guard last.count > 1 else { return nil }
    let sorted = last.sorted { facts.isBetter($0.row.value ?? 0, than: $1.row.value ?? 0) }
    var text = "From its deepest tap, "
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
    let stores = table.entries("store").map { store in
      let taps = EstimateIndex(table, by: ["store"]).entries("tap", where: [("store", store)])
      return "\(store) (\(taps.count) \(taps.count == 1 ? "tap" : "taps"))"
    }
    let images = table.countText(rows).map { " on \($0) images" } ?? ""
    let intervals =
      rows.contains(where: \.hasInterval)
      ? " Brackets hold 95 % intervals over images; they do not tell of other kinds of images, nor of other trainings."
      : " No intervals were computed, so how far a value would move with other images is not known."
    let conditions = table.entries("condition")
    let under = conditions.count > 1 ? ", under \(conditions.joined(separator: ", "))" : ""
    return "\(stores.joined(separator: ", "))\(images)\(under).\(intervals)"
  }
}
