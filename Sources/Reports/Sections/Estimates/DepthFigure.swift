import Figures
import Results

/// Figures of estimates over depth: one panel a model, a curve for each condition or region.
struct DepthFigure {
  let table: EstimateTable
  /// Begins the names of the figures' files.
  let prefix: String
  let style: FigureStyle
  /// What the taps are in their models.
  let tree: TapTree

  /// How many curves of a metric a store has.
  private var curveCount: Int { table.variedColumns.reduce(1) { $0 * table.entries($1).count } }

  /// Whether the baselines of shuffled pairs or labels stand in the figures of their metrics: where the curves stay few enough
  /// to be told apart.
  var drawsBaselines: Bool { curveCount <= 3 }

  /// What the figure of a metric is called.
  func name(of metric: String) -> String { "\(prefix)-\(Escaping.fileName(metric))" }

  /// The figure of one metric, with its baseline where there is room for it; nil where no row has a value.
  func figure(_ metric: String) -> ReportFigure? {
    let facts = MetricDefinition.named(metric)
    guard let metricColumn = table.index(of: .metric), let store = table.index(of: .store),
      let tap = table.index(of: .tap)
    else { return nil }
    let plain = table.rows.filter { $0.labels[metricColumn] == metric }
    guard plain.contains(where: { $0.value != nil }) else { return nil }
    let baseline = table.rows.filter {
      drawsBaselines && $0.labels[metricColumn] == metric + MetricDefinition.shuffledSuffix
    }
    let rows = plain + baseline
    // Very many curves are spread over panels.
    var varied = table.variedColumns
    let panelColumn = curveCount > 6 && varied.count > 1 ? varied.removeFirst() : nil
    let seriesPlaces = varied.compactMap { table.index(of: $0) }
    var panels: [(key: [String], taps: [String], names: [[String]], rows: [[String]: [String: EstimateTable.Row]])] = []
    for row in rows {
      let key = [row.labels[store]] + (panelColumn.flatMap { table.index(of: $0) }.map { [row.labels[$0]] } ?? [])
      let name =
        seriesPlaces.map { row.labels[$0] } + (row.labels[metricColumn] == metric ? [] : [Self.baselineName])
      let index = panels.firstIndex { $0.key == key } ?? panels.endIndex
      if index == panels.endIndex { panels.append((key, [], [], [:])) }
      if !panels[index].taps.contains(row.labels[tap]) { panels[index].taps.append(row.labels[tap]) }
      if !panels[index].names.contains(name) { panels[index].names.append(name) }
      if panels[index].rows[name]?[row.labels[tap]] == nil {
        panels[index].rows[name, default: [:]][row.labels[tap]] = row
      }
    }
    let names = panels.flatMap(\.names).reduce(into: [[String]]()) { if !$0.contains($1) { $0.append($1) } }
    let drawn = panels.map { panel in
      let course = tree.course(of: panel.taps, in: panel.key.first ?? "")
      return LineFigure.Panel(
        title: panel.key.joined(separator: ", "), labels: course.all,
        series: names.map { name in
          let found = course.all.map { panel.rows[name]?[$0] }
          return LineFigure.Series(
            name: name.isEmpty ? facts.title : name.joined(separator: ", "), values: found.map { $0?.value },
            low: found.map { $0?.low }, high: found.map { $0?.high })
        }, detached: course.heads.count)
    }
    let description = FigureDescription(
      kind: "lines with bands", title: "\(facts.title) over depth",
      caption: caption(facts, rows: plain, varied: varied) + SimilarityFigures.headsText(drawn)
        + (baseline.isEmpty
          ? "" : " Curves named \(Self.baselineName) are the baseline: pairs or labels drawn at random."),
      alternativeText: alternative(facts, rows: plain),
      settings: settings(metric))
    let range = facts.range ?? NumericAxis(rows.flatMap { [$0.value, $0.low, $0.high].compactMap { $0 } }).range
    return ReportFigure(
      name: name(of: metric), kind: "depth", heading: "\(facts.title) over depth",
      content: LineFigure(panels: drawn, valueLabel: facts.axisTitle, range: range, description: description),
      data: table.text(of: rows))
  }

  private static let baselineName = "shuffled"

  private func settings(_ metric: String) -> [FigureDescription.Setting] {
    [
      .init("kind", "lines"), .init("metric", metric), .init("style", style.name),
      .init("text width", "\(Numbers.fixed(style.textWidthInches, digits: 2)) in"),
      .init("font", style.fontFamilies[0]),
    ]
  }

  private func caption(_ facts: MetricDefinition, rows: [EstimateTable.Row], varied: [String]) -> String {
    var text = "\(facts.label) at every tap, in order of depth"
    if !varied.isEmpty { text += ", one curve a \(varied.joined(separator: " and "))" }
    text += "."
    switch facts.better {
    case .high: text += " Higher is better."
    case .low: text += " Lower is better."
    case .none: break
    }
    text +=
      rows.contains(where: \.hasInterval)
      ? " Bands are 95 % intervals over images." : " No intervals were computed."
    if let count = table.countText(rows) { text += " \(count) images." }
    return text
  }

  private func alternative(_ facts: MetricDefinition, rows: [EstimateTable.Row]) -> String {
    let known = rows.filter { $0.value != nil }.sorted { ($0.value ?? 0) < ($1.value ?? 0) }
    guard let low = known.first, let high = known.last else { return "No value is known." }
    return "Curves of \(facts.label) over the depth of \(table.entries(.store).joined(separator: ", ")). "
      + "The lowest value is \(facts.text(low)) (\(table.place(low))), the highest \(facts.text(high)) (\(table.place(high)))."
  }
}
