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
  let study: Study

  static let kind = "shares"
  /// Shares are no models: greys, which no model has.
  private static let shades = ["#4d4d4d", "#a6a6a6", "#e0e0e0"].compactMap { Color(hex: $0) }
  private static let shares = [
    (RecoveryMetric.shown.rawValue, "as shown"), (RecoveryMetric.usual.rawValue, "as the original"),
    (RecoveryMetric.other.rawValue, "other"),
  ]

  /// nil where no condition has a share.
  func figure() -> ReportFigure? {
    guard table.index(of: .region) != nil else { return nil }
    let regions = table.entries(.region)
    guard let region = regions.contains("object") ? "object" : regions.first else { return nil }
    let index = EstimateIndex(table, by: [.store, .condition, .tap, .region, .metric])
    let choice = study.choice(table.entries(.store), kind: Self.kind)
    let stores = choice.entries.map(\.store)
    let deepest = stores.map {
      tree.deepest(of: index.entries(.tap, where: [(.store, $0), (.metric, RecoveryMetric.shown.rawValue)]), in: $0)
    }
    var rows: [EstimateTable.Row] = []
    let panels = study.chosen(table.entries(.condition), by: .conditions, kind: Self.kind).compactMap {
      condition -> BarFigure.Panel? in
      var own: [EstimateTable.Row] = []
      let series = zip(Self.shares, Self.shades).map { share, shade -> BarFigure.Series in
        let (metric, name) = share
        let found = zip(stores, deepest).map { store, tap in
          tap.flatMap { index.row([store, condition, $0, region, metric]) }
        }
        own += found.compactMap { $0 }
        return BarFigure.Series(
          name: name, values: found.map { $0?.value }, low: found.map { $0?.low }, high: found.map { $0?.high },
          look: SeriesLook(color: nil, shape: 0, paint: shade))
      }
      // Without a change of hue there is but one colour, and grey has none: no share of the two.
      guard series.prefix(2).allSatisfy({ $0.values.contains { $0 != nil } }) else { return nil }
      rows += own
      return BarFigure.Panel(
        title: study.name(condition, kind: Self.kind), groups: choice.entries.map(\.label), series: series)
    }
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
      name: "\(prefix)-shares", kind: Self.kind, heading: "What becomes of a changed colour",
      content: BarFigure(panels: panels, valueLabel: "Share of the colour", description: description),
      data: table.text(of: rows))
  }
}
