import Figures
import Results

extension ColorAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [ColorSection.self] }
}

/// The section of `analyze color`: what a change of colour does to the features, the hue circle, and what comes back of it.
struct ColorSection: ReportSection {
  static let definition = AnalysisDefinition.color

  let folder: AnalysisFolder
  let context: SectionContext

  private var identifier: String { context.identifier }

  func section() throws -> AnalysisSection? {
    let estimates = EstimateSection(
      folder: folder, table: .color,
      introduction:
        "How far a change of colour moves the representation at every tap, and how much of it comes back in the "
        + "reconstruction; each against the baseline of shuffled pairs where the table holds it.", context: context)
    var section = try estimates.section()
    let (table, repeats) = try estimates.read()
    guard table.index(of: .condition) != nil else {
      throw ReportError("\(folder.path(of: .color)): line 1: no column '\(Column.condition.name)'")
    }
    section.figures += table.entries(.store).enumerated().compactMap { position, store in
      hueCircle(table, store: store, number: position + 1)
    }
    if folder.has(.hue) {
      let statistics = try HueStatistics(
        folder: folder, prefix: "\(identifier)-hue", style: context.style, leavingOut: repeats.map(\.store))
      section.findings += [statistics.finding()].compactMap { $0 }
      section.figures += statistics.figures()
      section.further += statistics.further()
      section.tables.append(statistics.table())
    }
    if folder.has(.recovery) {
      let recovery = try folder.estimates(.recovery, required: [.store, .condition, .tap, .metric])
      section.figures += [
        ColorShares(table: recovery, prefix: identifier, style: context.style, tree: folder.tapTree).figure()
      ]
      .compactMap { $0 }
      let depth = DepthFigure(
        table: recovery, prefix: "\(identifier)-recovery", style: context.style, tree: folder.tapTree)
      // The others say the same in other units, and stand in the table.
      let metrics = recovery.entries(.metric)
      let main = metrics.filter(Self.drawnRecovery.contains)
      section.further += (main.isEmpty ? metrics : main).compactMap(depth.figure)
      let shares = ColorHeadlines(
        table: recovery, tree: folder.tapTree, models: context.models,
        figure: section.figures.first { $0.name == "\(identifier)-shares" }?.name ?? "")
      if let headline = shares.headline() { section.headlines = [headline] }
      section.keyNumbers = [shares.keyNumber()].compactMap { $0 }
      section.tables.append(
        EstimateTableLayout(
          table: recovery, name: "\(identifier)-recovery", subject: "What comes back of the colour",
          methods: folder.methods(of: recovery.entries(.store))
        )
        .table(metrics: recovery.entries(.metric)))
    }
    section.aspect = folder.has(.recovery) ? "colour" : nil
    section.question = Question(rank: 2) { "What does a change of colour do to the features of \($0)" }
    section.methods = [
      Method(
        "Colour",
        "Conditions act on 8-bit HSV before normalisation. Distances and similarities compare the features of each image under a "
          + "condition with those of the same image as it is; shuffled pairs compare it with another image and say how far "
          + "that is from no relation at all."
      )
    ]
    return section
  }

  private static let drawnRecovery = [
    RecoveryMetric.toShown, .toOriginal, .chromaRatio, .carried, .shown, .usual, .other,
  ].map(\.rawValue)

  /// Relative distance over the hue circle at up to six taps; nil with fewer than three turns.
  private func hueCircle(_ table: EstimateTable, store: String, number: Int) -> ReportFigure? {
    let index = EstimateIndex(table, by: [.store, .condition, .tap, .metric])
    let turns = index.entries(.condition, where: [(.store, store)])
      .compactMap { condition in ConditionName.hueTurn(of: condition).map { (condition: condition, angle: $0) } }
      .filter { $0.angle != 0 }.sorted { $0.angle < $1.angle }
    let taps = index.entries(.tap, where: [(.store, store)])
    guard turns.count >= 3, !taps.isEmpty else { return nil }
    let shown = taps.count <= 6 ? taps : (0..<6).map { taps[$0 * (taps.count - 1) / 5] }
    let distance = ColorMetric.relativeL2.definition
    let metrics = [(distance.key, "turned hue"), (distance.shuffled.key, "shuffled pairs")]
    var rows: [EstimateTable.Row] = []
    let panels = shown.map { tap in
      PolarFigure.Panel(
        title: tap,
        series: metrics.map { metric, name in
          let found = turns.map { index.row([store, $0.condition, tap, metric]) }
          rows += found.compactMap { $0 }
          // The original is at no distance from itself; of shuffled pairs none was measured there, which leaves a gap.
          return PolarFigure.Series(
            name: name, angles: [0] + turns.map(\.angle),
            values: [metric == distance.key ? 0 : nil] + found.map { $0?.value.map { max(0, $0) } },
            low: [nil] + found.map { $0?.low }, high: [nil] + found.map { $0?.high })
        })
    }
    guard rows.contains(where: { $0.value != nil }) else { return nil }
    let count = table.countText(rows).map { " \($0) images." } ?? ""
    let description = FigureDescription(
      kind: "polar hue curves", title: "Distance over the hue circle in \(store)",
      caption:
        "Relative L2 distance between the features of \(store) for images as they are and with their hue turned by an angle, "
        + "at \(shown.count) taps; the farther from the middle, the more the turn changes the features. Shuffled pairs are "
        + "the distance to another image. Bands are 95 % intervals.\(count)",
      alternativeText: "Polar curves of the relative distance over \(turns.count) turns of hue at the taps "
        + "\(shown.joined(separator: ", ")) of \(store).",
      settings: [
        .init("kind", "polar"), .init("metric", distance.key), .init("store", store),
        .init("style", context.style.name),
      ])
    return ReportFigure(
      name: "\(identifier)-hue-\(number)", kind: "hue", heading: "The hue circle in \(store)",
      content: PolarFigure(
        panels: panels, valueLabel: "Distance from the middle: relative L2 distance", description: description),
      data: table.text(of: rows))
  }
}
