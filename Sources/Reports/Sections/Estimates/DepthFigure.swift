import Figures
import Formats
import Results

/// Figures of estimates over depth: one panel a metric, a curve for each store in the colour of its model and the line of its
/// method; conditions and regions have panels of their own.
struct DepthFigure {
  let table: EstimateTable
  /// Begins the names of the figures' files.
  let prefix: String
  let style: FigureStyle
  /// What the taps are in their models.
  let tree: TapTree
  let study: Study

  static let kind = "depth"
  private static let baselineName = "shuffled"
  private static let mostCurves = 12

  /// How many curves of a metric a store has.
  private var curveCount: Int { table.variedColumns.reduce(1) { $0 * table.entries($1).count } }

  /// Whether the baselines of shuffled pairs or labels stand in the figures of their metrics: where the curves stay few enough
  /// to be told apart.
  var drawsBaselines: Bool { curveCount <= 3 }

  /// What the figure of a metric is called.
  func name(of metric: String) -> String { "\(prefix)-\(Escaping.fileName(metric))" }

  /// What tells rows of one store and metric apart, beside the tap: a condition, a region.
  private var variants: [[String]] {
    let columns = table.variedColumns
    let places = columns.compactMap { table.index(of: $0) }
    let wanted =
      study.settings.list(.conditions, of: Self.kind) == nil
      ? nil : study.chosen(table.entries(.condition), by: .conditions, kind: Self.kind)
    let all = table.rows.map { row in places.map { row.labels[$0] } }
      .reduce(into: (seen: Set<[String]>(), keys: [[String]]())) {
        if $0.seen.insert($1).inserted { $0.keys.append($1) }
      }.keys
    guard let wanted, let column = columns.firstIndex(of: Column.condition.name) else { return all }
    return all.filter { wanted.contains($0[column]) }.enumerated().sorted {
      let first = wanted.firstIndex(of: $0.element[column]) ?? 0
      let second = wanted.firstIndex(of: $1.element[column]) ?? 0
      return (first, $0.offset) < (second, $1.offset)
    }.map(\.element)
  }

  /// The figure of one metric, or of those that were asked for, with baselines where there is room for them; nil where no row has
  /// a value.
  func figure(_ metric: String) -> ReportFigure? {
    let known = table.entries(.metric)
    let asked = study.settings.list(.metrics, of: Self.kind).map { _ in
      study.chosen(known, by: .metrics, kind: Self.kind)
    }
    return figure(asked.flatMap { $0.first == metric ? $0 : nil } ?? [metric])
  }

  private func figure(_ metrics: [String]) -> ReportFigure? {
    guard let first = metrics.first, let metricColumn = table.index(of: .metric),
      let storeColumn = table.index(of: .store), table.index(of: .tap) != nil
    else { return nil }
    let wanted = Set(metrics + (drawsBaselines ? metrics.map { $0 + MetricDefinition.shuffledSuffix } : []))
    let choice = study.choice(table.entries(.store), kind: Self.kind)
    let stores = Set(choice.entries.map(\.store))
    let rows = table.rows.filter { wanted.contains($0.labels[metricColumn]) && stores.contains($0.labels[storeColumn]) }
    let plain = rows.filter { metrics.contains($0.labels[metricColumn]) }
    guard plain.contains(where: { $0.value != nil }) else { return nil }
    let hasBaseline = rows.contains { !metrics.contains($0.labels[metricColumn]) && $0.value != nil }
    let names = table.variedColumns
    let index = EstimateIndex(table, by: [Column.store.name] + names + [Column.metric.name, Column.tap.name])
    let taps = EstimateIndex(table, by: [.store])
    let axes = axes(
      choice.entries.map { entry in
        let all = metrics.flatMap { taps.entries(.tap, where: [(.store, entry.store), (.metric, $0)]) }
        return (entry.store, all.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } })
      })

    let variants = variants
    // More curves than these are told apart by panels of methods.
    let isCrowded = choice.entries.count > Self.mostCurves && choice.methods.count > 1
    let split = study.settings.value(.panels, of: Self.kind) ?? (isCrowded ? "method" : "metric")
    let baselineLine = max(1, choice.entries.map(\.look.line).max() ?? 0) + 1
    func curves(
      _ entries: [Study.Choice.Entry], _ metric: String, _ variant: [String], _ axis: DepthAxis,
      look: (SeriesLook) -> SeriesLook
    )
      -> [LineFigure.Series]
    {
      entries.flatMap { entry -> [LineFigure.Series] in
        let ways = [(metric, false)] + (drawsBaselines ? [(metric + MetricDefinition.shuffledSuffix, true)] : [])
        return ways.compactMap { metric, isBaseline in
          var own = look(entry.look)
          if isBaseline { own.line = baselineLine }
          let label = variants.count > 1 && split == "model" ? [entry.label] + variant : [entry.label]
          let series = axis.series(
            entry.store, name: (label + (isBaseline ? [Self.baselineName] : [])).joined(separator: ", "), look: own
          ) { tap in
            index.row([entry.store] + variant + [metric, tap]).map { ($0.value, $0.low, $0.high) }
          }
          return series.values.contains { $0 != nil } ? series : nil
        }
      }
    }
    var panels: [LineFigure.Panel] = []
    var shown: [DepthAxis] = []
    func add(_ names: [String], _ metric: String, _ series: (DepthAxis) -> [LineFigure.Series]) {
      let facts = MetricDefinition.named(metric)
      for (part, axis) in axes {
        let series = series(axis)
        guard !series.isEmpty else { continue }
        let title =
          ((metrics.count > 1 ? [study.name(metric, kind: Self.kind, otherwise: facts.title)] : []) + names
          + [part?.rawValue ?? ""]).filter { !$0.isEmpty }.joined(separator: ", ")
        panels.append(
          axis.panel(
            title, series, valueLabel: metrics.count > 1 ? valueLabel(facts) : nil,
            range: metrics.count > 1 ? range(facts, plain.filter { $0.labels[metricColumn] == metric }) : nil))
        shown.append(axis)
      }
    }
    func variantName(_ variant: [String]) -> [String] { variant.map { study.name($0, kind: Self.kind) } }
    for metric in metrics {
      switch split {
      case "model":
        for model in choice.models {
          let own = choice.entries.filter { $0.member.model == model }
          add([study.name(ofModel: model, kind: Self.kind)], metric) { axis in
            variants.enumerated().flatMap { place, variant in
              curves(own, metric, variant, axis) { look in
                variants.count > 1 ? SeriesLook(color: place, shape: place, line: look.line) : look
              }
            }
          }
        }
      case "method":
        for method in choice.methods {
          let own = choice.entries.filter { $0.member.method == method }
          for variant in variants {
            add(
              [method.isEmpty ? "no inverse" : study.name(method, kind: Self.kind)]
                + (variants.count > 1 ? variantName(variant) : []), metric
            ) { curves(own, metric, variant, $0) { $0 } }
          }
        }
      default:
        for variant in variants {
          add(variants.count > 1 ? variantName(variant) : [], metric) {
            curves(choice.entries, metric, variant, $0) { $0 }
          }
        }
      }
    }
    guard !panels.isEmpty else { return nil }
    var legend = choice.legend
    if split == "model", variants.count > 1 {
      legend =
        variants.enumerated().map {
          LegendItem(variantName($1).joined(separator: ", "), SeriesLook(color: $0, shape: $0))
        }
        + (choice.methods.count > 1 ? legend.filter { $0.look.color == nil } : [])
    }
    if hasBaseline {
      legend.append(LegendItem(Self.baselineName, SeriesLook(color: nil, shape: 0, line: baselineLine)))
    }
    let facts = MetricDefinition.named(first)
    let titles = metrics.map { MetricDefinition.named($0).title }.joined(separator: ", ")
    let description = FigureDescription(
      kind: "lines", title: "\(titles) over depth",
      caption: metrics.map { caption(MetricDefinition.named($0)) }.joined(separator: " ")
        + reading(choice, split: split, variants: variants.count, rows: plain) + (shown.first?.text(panels) ?? "")
        + (axes.count > 1 ? " Panels named after a part of a block show it inside each block, over the blocks." : "")
        + (hasBaseline
          ? " Curves named \(Self.baselineName) are the baseline: pairs or labels drawn at random." : ""),
      alternativeText: metrics.map { metric in
        alternative(MetricDefinition.named(metric), rows: plain.filter { $0.labels[metricColumn] == metric })
      }.joined(separator: " "), settings: settings(metrics))
    return ReportFigure(
      name: name(of: first), kind: Self.kind, heading: "\(titles) over depth",
      content: LineFigure(
        panels: panels, valueLabel: valueLabel(facts), range: range(facts, plain), description: description,
        axisTitle: shown.first?.title, intervals: .whiskers, legend: legend,
        layout: metrics.count > 1 ? FigureLayout(letters: true) : nil), data: table.text(of: rows))
  }

  /// The axis of what is between the blocks, and of each part inside them that there is.
  private func axes(_ taps: [(store: String, taps: [String])]) -> [(part: BlockPart?, axis: DepthAxis)] {
    let inside = Set(
      taps.flatMap { tree.course(of: $0.taps, in: $0.store).parts }.compactMap { BlockPart.split($0)?.part })
    return ([nil] + BlockPart.allCases.filter(inside.contains)).map { part in
      (part, DepthAxis(taps, tree: tree, study: study, kind: Self.kind, part: part))
    }
  }

  /// The metric with an arrow towards the better values.
  private func valueLabel(_ facts: MetricDefinition) -> String {
    let arrow =
      switch facts.better {
      case .high: " ↑"
      case .low: " ↓"
      case .none: ""
      }
    return study.name(facts.identifier, kind: Self.kind, otherwise: facts.axisTitle) + arrow
  }

  /// What the axis shows at least: the whole range of metrics that have one, and what the values span of others.
  private func range(_ facts: MetricDefinition, _ rows: [EstimateTable.Row]) -> ClosedRange<Double> {
    if facts.unit == nil, let range = facts.range { return range }
    return NumericAxis(rows.flatMap { [$0.value, $0.low, $0.high].compactMap { $0 } }).range
  }

  private func settings(_ metrics: [String]) -> [FigureDescription.Setting] {
    [
      .init("kind", "lines"), .init("metric", metrics.joined(separator: ", ")), .init("style", style.name),
      .init("text width", "\(Numbers.fixed(style.textWidthInches, digits: 2)) in"),
      .init("font", style.fontFamilies[0]),
    ]
  }

  private func caption(_ facts: MetricDefinition) -> String {
    switch facts.better {
    case .high: "\(facts.label) over depth; higher is better."
    case .low: "\(facts.label) over depth; lower is better."
    case .none: "\(facts.label) over depth."
    }
  }

  /// How the figure is read.
  private func reading(_ choice: Study.Choice, split: String, variants: Int, rows: [EstimateTable.Row]) -> String {
    var signs: [String] = []
    if split == "model", variants > 1 {
      signs.append("colour: \(table.variedColumns.joined(separator: " and "))")
    } else if choice.models.count > 1 {
      signs.append("colour: model")
    }
    if choice.methods.count > 1 { signs.append("line and filling: method") }
    var text = signs.isEmpty ? "" : " \(Self.capitalised(signs.joined(separator: "; ")))."
    if variants > 1, split != "model" { text += " One panel a \(table.variedColumns.joined(separator: " and "))." }
    text +=
      rows.contains(where: \.hasInterval)
      ? " Whiskers are 95 % intervals over images." : " No intervals were computed."
    if let count = table.countText(rows) { text += " \(count) images." }
    return text
  }

  private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private func alternative(_ facts: MetricDefinition, rows: [EstimateTable.Row]) -> String {
    let known = rows.filter { $0.value != nil }.sorted { ($0.value ?? 0) < ($1.value ?? 0) }
    guard let low = known.first, let high = known.last else { return "No value is known." }
    return "Curves of \(facts.label) over the depth of \(table.entries(.store).joined(separator: ", ")). "
      + "The lowest value is \(facts.text(low)) (\(table.place(low))), the highest \(facts.text(high)) (\(table.place(high)))."
  }
}
