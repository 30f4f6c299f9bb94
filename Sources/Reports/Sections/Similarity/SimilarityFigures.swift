import Figures

/// The figures of one variant of the results.
struct SimilarityFigures {
  let variant: SimilarityVariant
  let table: SimilarityTable
  let identifier: String
  let style: FigureStyle
  let colorMap: ColorMap

  private static let before = "with the layer before"
  private static let chanceName = "chance"

  /// Pairs of stores above which their panels would be too small: the map of all models shows them.
  static let mostPairs = 10

  func all() -> [ReportFigure] {
    var figures: [ReportFigure] = []
    if variant.stores.count > 1 { figures.append(allModels()) }
    figures.append(withinModels())
    let pairs = variant.stores.count * (variant.stores.count - 1) / 2
    if pairs > 0, pairs <= Self.mostPairs, let across = acrossModels() { figures.append(across) }
    if let depth = alongDepth() { figures.append(depth) }
    if let null = chance() { figures.append(null) }
    return figures
  }

  /// Whether anything is known of a pair of stores.
  private func hasRows(_ a: SimilarityVariant.Store, _ b: SimilarityVariant.Store) -> Bool {
    a.indices.contains { row in b.indices.contains { variant.row(row, $0) != nil } }
  }

  private func block(_ store: SimilarityVariant.Store) -> HeatMapBlock {
    HeatMapBlock(name: store.name, labels: store.taps)
  }

  private func values(_ rows: some Sequence<Int>, _ columns: some Collection<Int>) -> [Double?] {
    rows.flatMap { row in columns.map { variant.row(row, $0)?.value } }
  }

  private var rangeText: String {
    "0 to \(variant.range.upperBound == 1 ? "1" : Numbers.fixed(variant.range.upperBound, digits: 4))"
  }

  private func settings(_ kind: String) -> [FigureDescription.Setting] {
    var settings = [
      FigureDescription.Setting("kind", kind), .init("measure", variant.measure), .init("estimator", variant.estimator),
    ]
    if let tokens = variant.tokens { settings.append(.init("tokens", tokens)) }
    settings += [
      .init("n", variant.countText), .init("style", style.name),
      .init("text width", "\(Numbers.fixed(style.textWidthInches, digits: 2)) in"),
      .init("font", style.fontFamilies[0]),
    ]
    if kind != "lines" { settings += [.init("colour map", colorMap.name), .init("range", rangeText)] }
    return settings
  }

  /// What every caption ends with.
  private func captionTail(_ rows: [SimilarityTable.Row]) -> String {
    var text = "\(variant.longLabel), \(variant.countText) images"
    if rows.contains(where: { ($0.value ?? 0) < 0 }) {
      text += "; values below 0 take the colour of 0 and carry a dot or their number"
    }
    if rows.contains(where: { $0.value == nil }) { text += "; hatched cells have no value" }
    return text + "."
  }

  private func extremes(_ pairs: [SimilarityTable.Row]) -> String {
    let known = pairs.filter { $0.value != nil && !($0.storeA == $0.storeB && $0.tapA == $0.tapB) }
    let sorted = known.sorted { ($0.value ?? 0) < ($1.value ?? 0) }
    guard let low = sorted.first, let high = sorted.last else { return "No value is known." }
    return "Values run from \(SimilarityFindings.sentence(low)) to \(SimilarityFindings.sentence(high))."
  }

  private func made(
    name: String, kind: String, heading: String, content: any LaidOutFigure, panels: [(rows: [Int], columns: [Int])],
    rows: [SimilarityTable.Row]
  ) -> ReportFigure {
    var figure = ReportFigure(name: name, kind: kind, heading: heading, content: content, data: table.text(of: rows))
    figure.panels = panels
    return figure
  }

  private func allModels() -> ReportFigure {
    let blocks = variant.stores.map(block)
    let indices = Array(0..<variant.size)
    let names = variant.stores.map(\.name).joined(separator: ", ")
    let description = FigureDescription(
      kind: "heat map", title: "\(variant.label) of all taps of all models",
      caption:
        "Similarity of every tap with every other, within and across \(names). Taps in order of depth, from top to "
        + "bottom and from left to right; gaps separate the models. \(captionTail(variant.rows))",
      alternativeText: "Heat map of \(variant.label) between all \(variant.size) taps of \(names). "
        + extremes(variant.rows), settings: settings("heat map"))
    return made(
      name: "all-models-\(identifier)", kind: "all-models", heading: "All taps of all models",
      content: HeatMapFigure(
        maps: [HeatMap(rows: blocks, columns: blocks, values: values(indices, indices), range: variant.range)],
        colorMap: colorMap,
        valueLabel: variant.label, description: description), panels: [(indices, indices)], rows: variant.rows)
  }

  private func withinModels() -> ReportFigure {
    let stores = variant.stores
    let maps = stores.map { store in
      HeatMap(
        rows: [block(store)], columns: [block(store)], values: values(store.indices, store.indices),
        range: variant.range,
        title: store.name, showsBlockNames: false)
    }
    let names = stores.map(\.name).joined(separator: ", ")
    let rows = variant.rows.filter { $0.storeA == $0.storeB }
    let description = FigureDescription(
      kind: "grid of heat maps", title: "\(variant.label) within \(stores.count == 1 ? names : "each model")",
      caption: "Similarity of the taps of \(names)\(stores.count == 1 ? "" : ", each with itself"), in order of depth. "
        + "\(stores.count == 1 ? "" : "Cells have one size and one scale in all panels. ")\(captionTail(rows))",
      alternativeText: "Heat maps of \(variant.label) between the taps within "
        + stores.map { "\($0.name) (\($0.taps.count) taps)" }.joined(separator: ", ") + ". " + extremes(rows),
      settings: settings("grid of heat maps"))
    return made(
      name: "within-models-\(identifier)", kind: "within-models",
      heading: stores.count == 1 ? "Within the model" : "Within each model",
      content: HeatMapFigure(maps: maps, colorMap: colorMap, valueLabel: variant.label, description: description),
      panels: stores.map { (Array($0.indices), Array($0.indices)) }, rows: rows)
  }

  private func acrossModels() -> ReportFigure? {
    var maps: [HeatMap] = []
    var panels: [(rows: [Int], columns: [Int])] = []
    for (index, a) in variant.stores.enumerated() {
      for b in variant.stores[(index + 1)...] where hasRows(a, b) {
        maps.append(
          HeatMap(rows: [block(a)], columns: [block(b)], values: values(a.indices, b.indices), range: variant.range))
        panels.append((Array(a.indices), Array(b.indices)))
      }
    }
    guard !maps.isEmpty else { return nil }
    let rows = variant.rows.filter { $0.storeA != $0.storeB }
    let description = FigureDescription(
      kind: "grid of heat maps", title: "\(variant.label) across models",
      caption:
        "Similarity of the taps of every two models, in order of depth. Cells have one size and one scale in all "
        + "panels. \(captionTail(rows))",
      alternativeText: "Heat maps of \(variant.label) between the taps of \(maps.count) pairs of models. "
        + extremes(rows), settings: settings("grid of heat maps"))
    return made(
      name: "across-models-\(identifier)", kind: "across-models", heading: "Across models, pair by pair",
      content: HeatMapFigure(maps: maps, colorMap: colorMap, valueLabel: variant.label, description: description),
      panels: panels, rows: rows)
  }

  /// Each tap against the one before it, the first and the last of its model.
  private func alongDepth() -> ReportFigure? {
    var panels: [LineFigure.Panel] = []
    var hasNull = false
    var rows: [SimilarityTable.Row] = []
    for store in variant.stores {
      // Places in the matrix, layers first; a head stands beside the others behind the last layer.
      let (trunk, heads) = (
        store.course.trunk.compactMap(store.index), store.course.heads.compactMap(store.index)
      )
      let taps = trunk + heads
      guard taps.count > 1, let first = taps.first else { continue }
      let last = trunk.last ?? first
      func before(_ index: Int) -> Int? {
        index == 0 ? nil : index < trunk.count ? trunk[index - 1] : trunk.last
      }
      func series(_ name: String, _ other: (Int) -> Int?) -> LineFigure.Series {
        let found = taps.indices.map { index in
          other(index).flatMap { taps[index] == $0 ? nil : variant.row(taps[index], $0) }
        }
        rows += found.compactMap { $0 }
        return LineFigure.Series(
          name: name, values: found.map { $0?.value }, low: found.map { $0?.low }, high: found.map { $0?.high })
      }
      var lines = [
        series(Self.before, before), series("with the first layer", { _ in first }),
        series("with the last layer", { _ in last }),
      ]
      let nulls = taps.indices.map { index in before(index).flatMap { variant.null(taps[index], $0) } }
      if nulls.contains(where: { $0?.mean != nil }) {
        hasNull = true
        lines.append(
          LineFigure.Series(
            name: Self.chanceName, values: nulls.map { $0?.mean }, low: nulls.map { $0?.low },
            high: nulls.map { $0?.high }))
      }
      if lines.contains(where: { $0.values.contains { $0 != nil } }) {
        panels.append(
          LineFigure.Panel(title: store.name, labels: store.course.all, series: lines, detached: heads.count))
      }
    }
    guard !panels.isEmpty else { return nil }
    let bands =
      variant.hasIntervals ? "Bands are 95 % intervals over images." : "No intervals were computed."
    let chance =
      hasNull
      ? " The curve named \(Self.chanceName) is the null band of the comparison with the layer before: mean and 95 % band over "
        + "random pairings of the images." : ""
    let description = FigureDescription(
      kind: "lines with bands", title: "\(variant.label) along the depth",
      caption:
        "Similarity of each layer with the layer before it, with the first and with the last layer of its model, in order "
        + "of depth. A \(variant.isDistance ? "high" : "low") value with the layer before marks a step at which the "
        + "representation changes most.\(Self.headsText(panels)) \(bands)\(chance) "
        + "\(variant.longLabel), \(variant.countText) images.",
      alternativeText: "Curves of \(variant.label) along the depth of \(panels.map(\.title).joined(separator: ", ")): "
        + "each layer with the one before it, with the first and with the last. " + extremes(rows),
      settings: settings("lines"))
    var seen: Set<[String]> = []
    let distinct = rows.filter { seen.insert([$0.storeA, $0.tapA, $0.storeB, $0.tapB]).inserted }
    return made(
      name: "along-depth-\(identifier)", kind: "along-depth", heading: "Along the depth",
      content: LineFigure(panels: panels, valueLabel: variant.label, range: variant.range, description: description),
      panels: [], rows: distinct)
  }

  /// What the points behind the gap are.
  static func headsText(_ panels: [LineFigure.Panel]) -> String {
    panels.contains { $0.detachedCount > 0 }
      ? " Points behind the gap are heads (class scores, boxes), which stand beside each other behind the last layer."
      : ""
  }

  /// What random pairings of the images give: the upper end of the null band of every two taps.
  private func chance() -> ReportFigure? {
    let nulls = variant.knownNulls
    guard let permutations = nulls.first?.null.permutations, nulls.contains(where: { $0.null.high != nil }) else {
      return nil
    }
    let blocks = variant.stores.map(block)
    let indices = Array(0..<variant.size)
    let names = variant.stores.map(\.name).joined(separator: ", ")
    let ends = indices.flatMap { row in
      indices.map { variant.isDistance ? variant.null(row, $0)?.low : variant.null(row, $0)?.high }
    }
    let differing = nulls.filter { $0.row.storeA != $0.row.storeB || $0.row.tapA != $0.row.tapB }
    let above = differing.count { $0.null.isBeyond($0.row.value, variant) }
    let known = ends.compactMap { $0 }
    let span = known.min().flatMap { low in known.max().map { (low, $0) } } ?? (0, 0)
    let end = variant.isDistance ? "lower" : "upper"
    let description = FigureDescription(
      kind: "heat map", title: "\(variant.label) by chance",
      caption:
        "What chance gives, on the scale of the maps above: the \(variant.isDistance ? "2.5th" : "97.5th") percentile of \(variant.label) over "
        + "\(Numbers.grouped(permutations)) random pairings of the images, for every two taps of \(names). "
        + "\(Numbers.grouped(above)) of \(Numbers.grouped(differing.count)) pairs of different taps have a value \(variant.isDistance ? "below" : "above") it; "
        + "p-values are in the table of all values. \(variant.longLabel), \(variant.countText) images.",
      alternativeText: "Heat map of the \(end) end of the null band between all \(variant.size) taps of \(names), from "
        + "\(SimilarityFindings.number(span.0)) to \(SimilarityFindings.number(span.1)).",
      settings: settings("heat map") + [.init("permutations", "\(permutations)")])
    return ReportFigure(
      name: "null-\(identifier)", kind: "null", heading: "What chance gives",
      content: HeatMapFigure(
        maps: [HeatMap(rows: blocks, columns: blocks, values: ends, range: variant.range)], colorMap: colorMap,
        valueLabel: "\(variant.label), \(end) end of the null band", description: description),
      data: NullTable.text(of: nulls))
  }
}
