import Figures
import Results

/// One metric of one store less that of another on the same images, for stores with reconstructions from the same taps.
struct DifferenceFigure {
  let differences: DifferenceTable
  /// `quality.csv`, for the order of stores and taps.
  let quality: EstimateTable
  let metric: String
  let prefix: String
  let style: FigureStyle
  /// What the taps are in their models.
  let tree: TapTree
  let study: Study

  static let kind = "differences"
  /// Pairs of which a sentence tells.
  private static let mostSentences = 6
  private static let level = DifferencePairs.level

  static let method = Method(
    "Paired differences",
    "Of two models the difference is taken image by image, the first less the second, and averaged. Intervals are 95 % "
      + "intervals of the mean over images (Student's t on a scale without skewness, Hall 1992, unless the settings name another method), "
      + "p-values those of a two-sided sign-flip test (Fisher, 1935), adjusted for the number of comparisons of the same metric, "
      + "not for several metrics, as the settings under Provenance say."
  )

  private typealias Pair = DifferencePairs.Pair

  private func pairs() -> [Pair] {
    DifferencePairs(differences: differences, quality: quality, study: study).pairs(metric: metric, kind: Self.kind)
  }

  private func method(_ entry: Study.Choice.Entry) -> String {
    entry.member.method.isEmpty ? "no inverse" : study.name(entry.member.method, kind: Self.kind)
  }

  /// nil where no two stores share all their taps.
  func figure() -> ReportFigure? {
    let all = pairs()
    let comparable = all.filter { $0.kind != .both }
    let pairs = comparable.isEmpty ? all : comparable
    let axis = DepthAxis(
      pairs.map { ($0.a.store, $0.taps) }, tree: tree, study: study, kind: Self.kind)
    var rows: [DifferenceTable.Row] = []
    var panels: [(title: String, kind: Pair.Kind, series: [LineFigure.Series])] = []
    var legend: [LegendItem] = []
    let hasConditions = pairs.contains { $0.conditions.count > 1 }
    for pair in pairs {
      // Of two methods a panel for all models, of two models a panel for all methods.
      let (heading, name, look): (String, String, SeriesLook) =
        switch pair.kind {
        case .method:
          (
            "\(method(pair.a)) \u{2212} \(method(pair.b))", study.name(ofModel: pair.a.member.model, kind: Self.kind),
            SeriesLook(color: pair.a.look.color, shape: pair.a.look.shape, paint: pair.a.look.paint)
          )
        case .model:
          (
            "\(study.name(ofModel: pair.a.member.model, kind: Self.kind)) \u{2212} \(study.name(ofModel: pair.b.member.model, kind: Self.kind))",
            method(pair.a), SeriesLook(color: nil, shape: 0, line: pair.a.look.line)
          )
        case .both: (pair.title, "difference", SeriesLook(color: nil, shape: 0))
        }
      let isNamed = pair.kind == .method || !pair.a.member.method.isEmpty
      if isNamed, !legend.contains(where: { $0.look == look }) {
        legend.append(
          LegendItem(name, look, startsGroup: pair.kind == .model && legend.allSatisfy { $0.look.color != nil }))
      }
      for condition in pair.conditions {
        let full = hasConditions ? "\(heading), \(study.name(condition, kind: Self.kind))" : heading
        let series = axis.series(pair.a.store, name: name, look: look) { tap in
          pair.rows[[condition, tap]].map { ($0.difference, $0.low, $0.high) }
        }
        rows += pair.taps.compactMap { pair.rows[[condition, $0]] }
        if let known = panels.firstIndex(where: { $0.title == full }) {
          panels[known].series.append(series)
        } else {
          panels.append((full, pair.kind, [series]))
        }
      }
    }
    guard let low = rows.map(\.count).min(), let high = rows.map(\.count).max() else { return nil }
    func range(_ kinds: [Pair.Kind]) -> ClosedRange<Double> {
      let series = panels.filter { kinds.contains($0.kind) }.flatMap(\.series)
      return NumericAxis(series.flatMap { $0.values + $0.low + $0.high }.compactMap { $0 }, include: [0]).range
    }
    // Models differ by less than methods, as a rule: each kind of pair has a scale of its own.
    let kinds = panels.map(\.kind).reduce(into: [Pair.Kind]()) { if !$0.contains($1) { $0.append($1) } }
    let drawn = panels.map { axis.panel($0.title, $0.series, range: kinds.count > 1 ? range([$0.kind]) : nil) }
    let facts = MetricDefinition.named(metric)
    let number = low == high ? "n = \(low)" : "n = \(low) to \(high)"
    let tested = rows.compactMap(\.adjusted)
    let settled = tested.count { $0 < Self.level }
    let left = all.count - pairs.count
    let rest =
      left == 0
      ? ""
      : " \(left) \(left == 1 ? "pair differs" : "pairs differ") in model and method both, and \(left == 1 ? "stands" : "stand") in the table alone."
    let description = FigureDescription(
      kind: "differences", title: "Paired differences of \(facts.title)",
      caption:
        "\(facts.label) of what a panel's title names first minus that of what it names second, on the same images. "
        + "Whiskers are 95 % intervals of the mean difference over images, each for itself; hollow "
        + "points are those whose interval holds 0. After correction for multiple comparisons p is below "
        + "\(Numbers.fixed(Self.level, digits: 2)) at \(settled) of the \(tested.count) points.\(axis.text(drawn))\(rest) \(number) images.",
      alternativeText: "Differences of \(facts.title) over depth for \(panels.map(\.title).joined(separator: ", ")).",
      settings: [.init("kind", "differences"), .init("metric", metric), .init("n", number), .init("style", style.name)])
    return ReportFigure(
      name: "\(prefix)-differences", kind: Self.kind, heading: "Paired differences of \(facts.title)",
      content: LineFigure(
        panels: drawn, valueLabel: "Difference of \(study.name(metric, kind: Self.kind, otherwise: facts.label))",
        range: range(kinds), reference: 0, description: description, axisTitle: axis.title,
        intervals: .whiskers, legend: legend.count > 1 ? legend : []), data: differences.text(of: rows))
  }

  /// The differences at the deepest layer of the first pairs, under their first condition.
  func finding() -> Finding? {
    let facts = MetricDefinition.named(metric)
    let pairs = pairs()
    let items = pairs.prefix(Self.mostSentences).compactMap { pair -> String? in
      guard let condition = pair.conditions.first, let tap = tree.deepest(of: pair.taps, in: pair.a.store),
        let row = pair.rows[[condition, tap]],
        let difference = row.difference
      else { return nil }
      let p = row.adjusted.map { value in
        let text = ResultTable.probability(value)
        return ", adjusted p \(text.hasPrefix("<") ? text : "= \(text)")"
      }
      return
        "\(pair.title) at \(tap): \(facts.text(difference, low: row.low, high: row.high))\(p ?? "") (n = \(row.count))."
    }
    guard !items.isEmpty else { return nil }
    return Finding(
      lead: "Paired differences",
      text: "\(facts.label) of the first minus that of the second on the same images, at their deepest layer"
        + (pairs.count > Self.mostSentences
          ? " (\(Self.mostSentences) of \(pairs.count) pairs; the table has all):" : ":"),
      items: items)
  }
}
