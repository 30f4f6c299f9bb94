import Figures
import Results

/// How much of the image is left against what the model makes of it, every tap a point.
struct QualityScatter {
  /// `quality.csv`.
  let table: EstimateTable
  let prefix: String
  let style: FigureStyle
  let study: Study

  static let kind = "scatter"

  /// nil where the model was not asked, or PSNR is missing.
  func figure() -> ReportFigure? {
    guard let condition = table.entries(.condition).first else { return nil }
    let index = EstimateIndex(table, by: [.store, .condition, .tap, .metric])
    var rows: [EstimateTable.Row] = []
    let choice = study.choice(table.entries(.store), kind: Self.kind)
    let series = choice.entries.compactMap { entry -> PlotFigure.Series? in
      let store = entry.store
      let taps = study.chosen(index.entries(.tap, where: [(.store, store)]), by: .taps, kind: Self.kind)
      let pairs = taps.compactMap { tap -> (tap: String, x: EstimateTable.Row, y: EstimateTable.Row)? in
        guard let x = index.row([store, condition, tap, QualityMetric.psnr.rawValue]), x.value != nil,
          let y = index.row([store, condition, tap, QualityMetric.top1Agreement.rawValue]), y.value != nil
        else { return nil }
        return (tap, x, y)
      }
      guard !pairs.isEmpty else { return nil }
      rows += pairs.flatMap { [$0.x, $0.y] }
      return PlotFigure.Series(
        name: entry.label, x: pairs.map(\.x.value), y: pairs.map(\.y.value), low: pairs.map(\.y.low),
        high: pairs.map(\.y.high),
        labels: pairs.map { study.name($0.tap, kind: Self.kind) }, look: entry.look)
    }
    guard series.contains(where: { $0.x.count > 1 }) else { return nil }
    let count = table.countText(rows).map { " \($0) images." } ?? ""
    let description = FigureDescription(
      kind: "scatter", title: "What is left, and what the model makes of it",
      caption:
        "Share of images whose reconstruction gets the class of the input when it is shown to the model again, against the "
        + "reconstruction's PSNR; every point is a tap, condition \(condition). Whiskers are 95 % intervals of the share.\(count)",
      alternativeText: "Scatter plot of top-1 agreement against PSNR for the taps of "
        + "\(series.map(\.name).joined(separator: ", ")).",
      settings: [.init("kind", "scatter"), .init("condition", condition), .init("style", style.name)])
    return ReportFigure(
      name: "\(prefix)-scatter", kind: Self.kind, heading: "What is left, and what the model makes of it",
      content: PlotFigure(
        panels: [.init(series: series)], horizontal: .init(QualityMetric.psnr.definition.label),
        vertical: .init(QualityMetric.top1Agreement.definition.label), mark: .points,
        description: description, legend: choice.legend), data: table.text(of: rows))
  }
}
