import Figures
import Results

/// Paired differences as a forest plot: a line each for two stores at one tap, with the corrected p-value beside it.
struct ForestPlot {
  let differences: DifferenceTable
  /// `quality.csv`, for the order of stores and taps.
  let quality: EstimateTable
  let prefix: String
  let style: FigureStyle
  let tree: TapTree
  let study: Study

  static let kind = "forest"
  /// More lines than are read on one page: then each pair has one, of its deepest layer.
  private static let mostLines = 48

  private struct Line {
    let pair: DifferencePairs.Pair
    let condition: String
    let tap: String
    let rows: [DifferenceTable.Row?]
  }

  /// - Parameter lead: the metric that is shown where the author names none.
  /// - Returns: nil where no two stores have a tap in common.
  func figure(lead: String) -> ReportFigure? {
    let known = differences.rows.map(\.metric).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let asked = study.settings.list(.metrics, of: Self.kind).map { _ in
      study.chosen(known, by: .metrics, kind: Self.kind)
    }
    let metrics = asked ?? [lead]
    guard let first = metrics.first else { return nil }
    let found = DifferencePairs(differences: differences, quality: quality, study: study)
    let all = found.pairs(metric: first, kind: Self.kind, needsSameTaps: false)
    let others = metrics.dropFirst().map { metric in
      Dictionary(
        found.pairs(metric: metric, kind: Self.kind, needsSameTaps: false).map { ([$0.a.store, $0.b.store], $0) }
      ) { first, _ in first }
    }
    let comparable = all.filter { $0.kind != .both }
    let pairs = comparable.isEmpty ? all : comparable
    func lines(_ pair: DifferencePairs.Pair, deepestAlone: Bool) -> [Line] {
      let course = tree.course(of: study.chosen(pair.taps, by: .taps, kind: Self.kind), in: pair.a.store).all
      let taps = deepestAlone ? [tree.deepest(of: pair.taps, in: pair.a.store)].compactMap { $0 } : course
      return pair.conditions.flatMap { condition in
        taps.compactMap { tap -> Line? in
          guard let row = pair.rows[[condition, tap]] else { return nil }
          let more = others.map { $0[[pair.a.store, pair.b.store]]?.rows[[condition, tap]] }
          return Line(pair: pair, condition: condition, tap: tap, rows: [row] + more)
        }
      }
    }
    let whole = pairs.map { lines($0, deepestAlone: false) }
    let isShortened =
      whole.reduce(0) { $0 + $1.count } > Self.mostLines && study.settings.value(.taps, of: Self.kind) == nil
    let drawn = (isShortened ? pairs.map { lines($0, deepestAlone: true) } : whole).filter { !$0.isEmpty }
    let rows = drawn.flatMap { $0 }.flatMap(\.rows).compactMap { $0 }
    guard let low = rows.map(\.count).min(), let high = rows.map(\.count).max() else { return nil }
    let hasConditions = pairs.contains { $0.conditions.count > 1 }
    let tested = rows.compactMap(\.adjusted)
    let groups = drawn.map { lines in
      ForestFigure.Group(
        title: lines[0].pair.shortTitle({ study.name($0.member.method, kind: Self.kind) }) {
          study.name($0.member.model, kind: Self.kind)
        },
        rows: lines.map { line in
          let tap = study.name(line.tap, kind: Self.kind)
          return ForestFigure.Row(
            label: hasConditions ? "\(tap), \(study.name(line.condition, kind: Self.kind))" : tap,
            estimates: line.rows.map { estimate($0) }, look: look(line.pair))
        })
    }
    let definitions = metrics.map { MetricDefinition.named($0) }
    let number = low == high ? "n = \(low)" : "n = \(low) to \(high)"
    let settled = tested.count { $0 < DifferencePairs.level }
    let left = all.count - pairs.count
    let level = Numbers.fixed(DifferencePairs.level, digits: 2)
    let titles = definitions.map(\.title).joined(separator: " and ")
    let rest =
      (isShortened
        ? " Of each pair the deepest layer is shown, of \(whole.reduce(0) { $0 + $1.count }) comparisons; the table has all."
        : "")
      + (left == 0
        ? ""
        : " \(left) \(left == 1 ? "pair differs" : "pairs differ") in model and method both, and \(left == 1 ? "stands" : "stand") in the table alone.")
    let description = FigureDescription(
      kind: Self.kind, title: "Paired differences of \(titles), with p-values",
      caption:
        "What stands first in a heading less what stands second, on the same images: mean difference with its 95 % interval over "
        + "images, each for itself. p is that of a sign-flip test, corrected for the number of comparisons of the metric; "
        + "full points are those below \(level), which are \(settled) of the \(tested.count).\(rest) \(number) images.",
      alternativeText: "Forest plot of differences of \(titles) for \(groups.map(\.title).joined(separator: ", ")).",
      settings: [
        .init("kind", Self.kind), .init("metric", metrics.joined(separator: ",")), .init("n", number),
        .init("style", style.name),
      ])
    return ReportFigure(
      name: "\(prefix)-forest\(asked == nil ? "-\(lead)" : "")", kind: Self.kind,
      heading: "Differences of \(titles) with corrected p-values",
      content: ForestFigure(
        fields: zip(metrics, definitions).map { metric, definition in
          ForestFigure.Field(
            .init("Difference of \(study.name(metric, kind: Self.kind, otherwise: definition.label))"), reference: 0,
            noteLabel: tested.isEmpty ? "" : "p, corrected")
        }, groups: groups, description: description,
        fullLabel: tested.isEmpty ? nil : "p below \(level)", hollowLabel: tested.isEmpty ? nil : "p not below \(level)"
      ),
      data: differences.text(of: rows))
  }

  private func estimate(_ row: DifferenceTable.Row?) -> ForestFigure.Estimate {
    guard let row else { return ForestFigure.Estimate(nil) }
    return ForestFigure.Estimate(
      row.difference, low: row.low, high: row.high, note: row.adjusted.map(ResultTable.probability) ?? "",
      isFull: row.adjusted.map { $0 < DifferencePairs.level })
  }

  /// Of two methods the model's colour and shape; else the ink.
  private func look(_ pair: DifferencePairs.Pair) -> SeriesLook? {
    pair.kind == .method
      ? SeriesLook(color: pair.a.look.color, shape: pair.a.look.shape, paint: pair.a.look.paint) : nil
  }
}
