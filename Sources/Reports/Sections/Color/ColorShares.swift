import Figures
import Results

/// What becomes of a changed colour at the deepest tap of every store: shown, as the original was, or other. Grouped bars.
struct ColorShares {
  /// `recovery.csv`.
  let table: EstimateTable
  let prefix: String
  let style: FigureStyle
  /// What the taps are in their models.
  let tree: TapTree

  private static let shares = [
    (RecoveryMetric.shown.rawValue, "as shown"), (RecoveryMetric.usual.rawValue, "as the original"),
    (RecoveryMetric.other.rawValue, "other"),
  ]
  private static let mostPanels = 6

  /// nil where no condition has a share.
  func figure() -> ReportFigure? {
    guard table.index(of: .region) != nil else { return nil }
    let regions = table.entries(.region)
    guard let region = regions.contains("object") ? "object" : regions.first else { return nil }
    let index = EstimateIndex(table, by: [.store, .condition, .tap, .region, .metric])
    let stores = table.entries(.store)
    let deepest = stores.map {
      tree.deepest(of: index.entries(.tap, where: [(.store, $0), (.metric, RecoveryMetric.shown.rawValue)]), in: $0)
    }
    var rows: [EstimateTable.Row] = []
    let panels = table.entries(.condition).compactMap { condition -> BarFigure.Panel? in
      var own: [EstimateTable.Row] = []
      let series = Self.shares.map { metric, name -> BarFigure.Series in
        let found = zip(stores, deepest).map { store, tap in
          tap.flatMap { index.row([store, condition, $0, region, metric]) }
        }
        own += found.compactMap { $0 }
        return BarFigure.Series(
          name: name, values: found.map { $0?.value }, low: found.map { $0?.low }, high: found.map { $0?.high })
      }
      // Without a change of hue there is but one colour, and grey has none: no share of the two.
      guard series.prefix(2).allSatisfy({ $0.values.contains { $0 != nil } }) else { return nil }
      rows += own
      return BarFigure.Panel(title: condition, groups: stores, series: series)
    }.prefix(Self.mostPanels)
    guard !panels.isEmpty else { return nil }
    let taps = zip(stores, deepest).compactMap { store, tap in tap.map { "\($0) of \(store)" } }
    let place =
      region == "object" ? "inside objects" : region == "image" ? "of the whole image" : "of the region \(region)"
    let count = table.countText(rows).map { " \($0) images." } ?? ""
    let description = FigureDescription(
      kind: "bars", title: "What becomes of a changed colour",
      caption:
        "The colour \(place) that comes back from the deepest tap with reconstructions (\(taps.joined(separator: ", "))) when "
        + "the image is shown under a condition, as shares of the colour shown, of the original's, and of what is neither. "
        + "Whiskers are 95 % intervals over images.\(count)",
      alternativeText: "Grouped bars of three shares for \(stores.joined(separator: ", ")) under "
        + "\(panels.map(\.title).joined(separator: ", ")).",
      settings: [
        .init("kind", "bars"), .init("region", region), .init("style", style.name),
        .init("font", style.fontFamilies[0]),
      ])
    return ReportFigure(
      name: "\(prefix)-shares", kind: "shares", heading: "What becomes of a changed colour",
      content: BarFigure(panels: Array(panels), valueLabel: "Share of the colour", description: description),
      data: table.text(of: rows))
  }
}
