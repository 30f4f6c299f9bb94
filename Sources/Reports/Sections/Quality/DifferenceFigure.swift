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

  /// Pairs of stores drawn at most.
  private static let mostPairs = 6
  /// Below which an adjusted p-value is counted.
  private static let level = 0.05
  /// What the column `match` says where taps were paired by their names.
  private static let byName = "name"

  static let method = Method(
    "Paired differences",
    "Of two models the difference is taken image by image, the first less the second, and averaged. Intervals are 95 % "
      + "intervals of the mean over images (Student's t on a scale without skewness, Hall 1992, unless the settings name another method), "
      + "p-values those of a two-sided sign-flip test (Fisher, 1935), adjusted for the number of comparisons of the same metric, "
      + "not for several metrics, as the settings under Provenance say."
  )

  /// Two stores, their taps and conditions.
  private struct Pair {
    let a: String
    let b: String
    let course: TapTree.Course
    /// By condition and tap.
    let rows: [[String]: DifferenceTable.Row]
    let conditions: [String]

    var title: String { "\(a) \u{2212} \(b)" }
  }

  /// The first pairs of stores with the same taps, in the order of the file.
  private func pairs() -> [Pair] {
    let index = EstimateIndex(quality, by: [.store])
    var order: [[String]] = []
    var groups: [[String]: [DifferenceTable.Row]] = [:]
    for row in differences.rows where row.metric == metric && row.match == Self.byName {
      let key = [row.storeA, row.storeB]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    return order.compactMap { key -> Pair? in
      let taps = index.entries(.tap, where: [(.store, key[0])])
      guard taps == index.entries(.tap, where: [(.store, key[1])]) else { return nil }
      let rows = groups[key] ?? []
      let found = Dictionary(rows.map { ([$0.condition, $0.tapA], $0) }) { first, _ in first }
      let conditions = rows.map(\.condition).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      return Pair(a: key[0], b: key[1], course: tree.course(of: taps, in: key[0]), rows: found, conditions: conditions)
    }.prefix(Self.mostPairs).map { $0 }
  }

  /// nil where no two stores share all their taps.
  func figure() -> ReportFigure? {
    let pairs = pairs()
    var rows: [DifferenceTable.Row] = []
    let panels = pairs.map { pair in
      LineFigure.Panel(
        title: pair.title, labels: pair.course.all,
        series: pair.conditions.map { condition in
          let found = pair.course.all.map { pair.rows[[condition, $0]] }
          rows += found.compactMap { $0 }
          return LineFigure.Series(
            name: condition, values: found.map { $0?.difference }, low: found.map { $0?.low },
            high: found.map { $0?.high })
        }, detached: pair.course.heads.count)
    }
    guard let low = rows.map(\.count).min(), let high = rows.map(\.count).max() else { return nil }
    let all = panels.flatMap(\.series).flatMap { $0.values + $0.low + $0.high }.compactMap { $0 }
    let facts = MetricDefinition.named(metric)
    let number = low == high ? "n = \(low)" : "n = \(low) to \(high)"
    let tested = rows.compactMap(\.adjusted)
    let settled = tested.count { $0 < Self.level }
    let description = FigureDescription(
      kind: "differences", title: "Paired differences of \(facts.title)",
      caption:
        "\(facts.title) of the first model minus that of the second on the same images, at every tap of both with "
        + "reconstructions. Bands are 95 % intervals of the mean difference over images, each for itself; hollow "
        + "points are those whose interval holds 0. After correction for multiple comparisons p is below "
        + "\(Numbers.fixed(Self.level, digits: 2)) at \(settled) of the \(tested.count) points.\(SimilarityFigures.headsText(panels)) \(number) images.",
      alternativeText: "Differences of \(facts.title) over depth for \(panels.map(\.title).joined(separator: ", ")).",
      settings: [.init("kind", "differences"), .init("metric", metric), .init("n", number), .init("style", style.name)])
    return ReportFigure(
      name: "\(prefix)-differences", kind: "differences", heading: "Paired differences of \(facts.title)",
      content: LineFigure(
        panels: panels, valueLabel: "Difference of \(facts.label)", range: NumericAxis(all, include: [0]).range,
        reference: 0, description: description), data: differences.text(of: rows))
  }

  /// The differences at the deepest layer of every pair that is drawn, under its first condition.
  func finding() -> Finding? {
    let facts = MetricDefinition.named(metric)
    let items = pairs().compactMap { pair -> String? in
      guard let condition = pair.conditions.first,
        let tap = pair.course.trunk.last ?? pair.course.heads.last, let row = pair.rows[[condition, tap]],
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
      text: "\(facts.label) of the first model minus that of the second on the same images, at their deepest layer:",
      items: items)
  }
}
