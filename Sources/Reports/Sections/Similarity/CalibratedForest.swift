import Figures
import Results

/// How alike every two models are on the whole, beside what chance gives: a line each for two models and an aggregate.
struct CalibratedForest {
  let table: CalibratedTable
  let style: FigureStyle
  let study: Study

  static let kind = "calibrated"

  /// The two models of a row as a heading of its lines; nil where one is not wanted.
  private func title(_ row: CalibratedTable.Row, _ choice: Study.Choice) -> String? {
    let labels = row.stores.compactMap { choice[$0]?.label }
    return labels.count == 2 ? labels.joined(separator: " and ") : nil
  }

  /// nil where no two models that are wanted have a row.
  func figure() -> ReportFigure? {
    let kind = Self.kind
    let choice = study.choice(
      table.rows.flatMap(\.stores).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, kind: kind)
    let rows = table.rows.filter { title($0, choice) != nil && $0.value != nil }
    let headings = rows.compactMap { title($0, choice) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    guard !headings.isEmpty else { return nil }
    let measures = rows.map(\.measure).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let modes = rows.compactMap(\.mode).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let groups = headings.map { heading in
      ForestFigure.Group(
        title: heading,
        rows: rows.filter { title($0, choice) == heading }.map { row in
          let what =
            row.aggregate == "max" ? "most similar taps" : row.aggregate == "mean" ? "mean of all taps" : row.aggregate
          let parts =
            [measures.count > 1 ? row.measure : nil, modes.count > 1 ? row.mode.map { "tokens \($0)" } : nil, what]
          let isAbove = row.adjusted.map { $0 < DifferencePairs.level }
          return ForestFigure.Row(
            label: parts.compactMap { $0 }.joined(separator: ", "),
            estimates: [
              ForestFigure.Estimate(row.value, isFull: isAbove, mark: row.threshold),
              ForestFigure.Estimate(
                row.calibrated, note: row.adjusted.map(ResultTable.probability) ?? "", isFull: isAbove),
            ])
        })
    }
    let hasTests = rows.contains { $0.adjusted != nil }
    let level = Numbers.fixed(DifferencePairs.level, digits: 2)
    let name = measures.count == 1 ? measures[0] : "Similarity"
    let description = FigureDescription(
      kind: kind, title: "Calibrated similarity of models",
      caption:
        "How alike every two models are on the whole by \(Sentences.list(measures)): left the value, of their two most similar taps and the mean over all "
        + "pairs of taps; the upright stroke is what 5 % of random pairings of the images exceed. Right the calibrated score, 0 for no more than that "
        + "and 1 for agreement. p is corrected for the number of pairs of models. No intervals.",
      alternativeText:
        "Dot plot of similarity beside chance, and of calibrated scores, for \(headings.joined(separator: ", ")).",
      settings: [.init("kind", kind), .init("measure", measures.joined(separator: "; ")), .init("style", style.name)])
    return ReportFigure(
      name: "\(table.identifier)-calibrated-scores", kind: kind, heading: "Calibrated similarity of models",
      content: ForestFigure(
        fields: [
          ForestFigure.Field(.init(name, include: [0])),
          ForestFigure.Field(
            .init("Calibrated score", include: [0, 1]), noteLabel: hasTests ? "p, corrected" : ""),
        ], groups: groups, description: description, fullLabel: hasTests ? "p below \(level)" : nil,
        hollowLabel: hasTests ? "p not below \(level)" : nil, markLabel: "chance"), data: table.commaSeparated)
  }
}
