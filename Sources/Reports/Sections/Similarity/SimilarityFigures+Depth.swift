import Figures

extension SimilarityFigures {
  private static let depthKind = "along-depth"
  private static let chanceName = "chance"

  /// Each layer against the one before it, the first and the last of its model: a panel each, a curve a model.
  func alongDepth() -> ReportFigure? {
    let choice = study.choice(variant.stores.map(\.name), kind: Self.depthKind)
    let stores = choice.entries.compactMap { entry in variant.stores.first { $0.name == entry.store } }
      .filter { $0.course.all.count > 1 }
    let axis = DepthAxis(stores.map { ($0.name, $0.taps) }, tree: tree, study: study, kind: Self.depthKind)
    var hasNull = false
    var rows: [SimilarityTable.Row] = []
    /// What a tap is compared with: those of the trunk in order, heads with the last of it.
    func before(_ store: SimilarityVariant.Store, _ tap: String) -> String? {
      guard let place = store.course.trunk.firstIndex(of: tap) else { return store.course.trunk.last }
      return place == 0 ? nil : store.course.trunk[place - 1]
    }
    let comparisons: [(title: String, other: (SimilarityVariant.Store, String) -> String?)] = [
      ("with the layer before", before), ("with the first layer", { store, _ in store.course.all.first }),
      ("with the last layer", { store, _ in store.course.trunk.last ?? store.course.all.first }),
    ]
    let nullLine = (choice.entries.map(\.look.line).max() ?? 0) + 1
    let panels = comparisons.enumerated().compactMap { place, comparison -> LineFigure.Panel? in
      let series = stores.flatMap { store -> [LineFigure.Series] in
        guard let entry = choice[store.name] else { return [] }
        func pair(_ tap: String) -> (Int, Int)? {
          guard let other = comparison.other(store, tap), other != tap, let a = store.index(of: tap),
            let b = store.index(of: other)
          else { return nil }
          return (a, b)
        }
        var curves = [
          axis.series(store.name, name: entry.label, look: entry.look) { tap in
            guard let (a, b) = pair(tap), let row = variant.row(a, b) else { return nil }
            rows.append(row)
            return (row.value, row.low, row.high)
          }
        ]
        if place == 0 {
          var look = entry.look
          look.line = nullLine
          let null = axis.series(store.name, name: "\(entry.label), \(Self.chanceName)", look: look) { tap in
            pair(tap).flatMap { variant.null($0.0, $0.1) }.map { ($0.mean, $0.low, $0.high) }
          }
          if null.values.contains(where: { $0 != nil }) {
            hasNull = true
            curves.append(null)
          }
        }
        return curves.filter { $0.values.contains { $0 != nil } }
      }
      return series.isEmpty ? nil : axis.panel(comparison.title, series)
    }
    guard !panels.isEmpty else { return nil }
    let intervals =
      variant.hasIntervals ? "Whiskers are 95 % intervals over images." : "No intervals were computed."
    let chance =
      hasNull
      ? " The curve named \(Self.chanceName) is the null band of the comparison with the layer before: mean and 95 % band over "
        + "random pairings of the images." : ""
    let description = FigureDescription(
      kind: "lines", title: "\(variant.label) along the depth",
      caption:
        "Similarity of each layer with the layer before it, with the first and with the last layer of its model. "
        + "A \(variant.isDistance ? "high" : "low") value with the layer before marks a step at which the "
        + "representation changes most.\(choice.models.count > 1 ? " Colour: model." : "")\(axis.text(panels)) "
        + (stores.contains { !$0.course.parts.isEmpty } ? "What is inside blocks is in the heat maps alone. " : "")
        + "\(intervals)\(chance) \(variant.longLabel), \(variant.countText) images.",
      alternativeText: "Curves of \(variant.label) along the depth of \(stores.map(\.name).joined(separator: ", ")): "
        + "each layer with the one before it, with the first and with the last. " + extremes(rows),
      settings: settings("lines"))
    var seen: Set<[String]> = []
    let distinct = rows.filter { seen.insert([$0.storeA, $0.tapA, $0.storeB, $0.tapB]).inserted }
    let legend =
      choice.legend + (hasNull ? [LegendItem(Self.chanceName, SeriesLook(color: nil, shape: 0, line: nullLine))] : [])
    return made(
      name: "along-depth-\(identifier)", kind: Self.depthKind, heading: "Along the depth",
      content: LineFigure(
        panels: panels, valueLabel: variant.label, range: variant.range, description: description,
        axisTitle: axis.title, intervals: .whiskers, legend: legend), panels: [], rows: distinct)
  }
}
