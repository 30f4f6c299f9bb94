import Figures
import Formats
import Results

/// The figures of one variant of the results.
struct SimilarityFigures {
  let variant: SimilarityVariant
  let table: SimilarityTable
  let identifier: String
  let context: SectionContext
  let colorMap: ColorMap
  /// What the taps are in their models.
  let tree: TapTree

  var style: FigureStyle { context.style }
  var study: Study { context.study }

  func all() -> [ReportFigure] {
    var figures: [ReportFigure] = []
    if models("all-models").count > 1 { figures.append(allModels()) }
    if let summary = summary() { figures.append(summary) }
    if let within = withinModels() { figures.append(within) }
    if let across = acrossModels() { figures.append(across) }
    if let depth = alongDepth() { figures.append(depth) }
    if let null = chance() { figures.append(null) }
    return figures
  }

  /// Whether anything is known of a pair of stores.
  private func hasRows(_ a: SimilarityVariant.Store, _ b: SimilarityVariant.Store) -> Bool {
    a.indices.contains { row in b.indices.contains { variant.row(row, $0) != nil } }
  }

  /// A model of a figure: its name, its block and its taps as indices of the matrix.
  private typealias Model = (store: SimilarityVariant.Store, label: String, block: HeatMapBlock, indices: [Int])

  private func models(_ kind: String) -> [Model] {
    let blocks = SimilarityBlocks(study: study, kind: kind)
    return study.choice(variant.stores.map(\.name), kind: kind).entries.compactMap { entry -> Model? in
      guard let store = variant.stores.first(where: { $0.name == entry.store }) else { return nil }
      let (block, indices) = blocks.block(store, label: entry.label)
      return indices.isEmpty ? nil : (store, entry.label, block, indices)
    }
  }

  private func values(_ rows: some Sequence<Int>, _ columns: some Collection<Int>) -> [Double?] {
    rows.flatMap { row in columns.map { variant.row(row, $0)?.value } }
  }

  /// Values below 0 are marked where their interval lies below it too, or is not known: others are 0 but for noise.
  private func marks(_ rows: [Int], _ columns: [Int]) -> [Bool] {
    rows.flatMap { row in
      columns.map { column in
        guard let found = variant.row(row, column), let high = found.high else { return true }
        return high < variant.range.lowerBound || (found.low ?? -.infinity) > variant.range.upperBound
      }
    }
  }

  private func map(_ a: Model, _ b: Model, title: String? = nil, showsBlockNames: Bool = true) -> HeatMap {
    var map = HeatMap(
      rows: [a.block], columns: [b.block], values: values(a.indices, b.indices), range: variant.range, title: title,
      showsBlockNames: showsBlockNames)
    map.marked = marks(a.indices, b.indices)
    return map
  }

  private var rangeText: String {
    "0 to \(variant.range.upperBound == 1 ? "1" : Numbers.fixed(variant.range.upperBound, digits: 4))"
  }

  func settings(_ kind: String) -> [FigureDescription.Setting] {
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
  func captionTail(_ rows: [SimilarityTable.Row]) -> String {
    var text = "\(variant.longLabel), \(variant.countText) images"
    if rows.contains(where: { ($0.value ?? 0) < 0 }) {
      text +=
        "; values below 0 take the colour of 0, and carry a dot where their interval lies below it, or their number"
    }
    if rows.contains(where: { $0.value == nil }) { text += "; hatched cells have no value" }
    return text + "."
  }

  func extremes(_ pairs: [SimilarityTable.Row]) -> String {
    let known = pairs.filter { $0.value != nil && !($0.storeA == $0.storeB && $0.tapA == $0.tapB) }
    let sorted = known.sorted { ($0.value ?? 0) < ($1.value ?? 0) }
    guard let low = sorted.first, let high = sorted.last else { return "No value is known." }
    return "Values run from \(SimilarityFindings.sentence(low)) to \(SimilarityFindings.sentence(high))."
  }

  func made(
    name: String, kind: String, heading: String, content: any LaidOutFigure, panels: [(rows: [Int], columns: [Int])],
    rows: [SimilarityTable.Row], data: String? = nil
  ) -> ReportFigure {
    var figure = ReportFigure(
      name: name, kind: kind, heading: heading, content: content, data: data ?? table.text(of: rows))
    figure.panels = panels
    return figure
  }

  private func allModels() -> ReportFigure {
    let kind = "all-models"
    let given = models(kind)
    let isOrdered = ordersByLikeness(kind, given.count)
    let models = isOrdered ? LikenessOrder(given.map(\.indices), likeness: likeness).order.map { given[$0] } : given
    let indices = models.flatMap(\.indices)
    let names = models.map(\.label).joined(separator: ", ")
    var map = HeatMap(
      rows: models.map(\.block), columns: models.map(\.block), values: values(indices, indices), range: variant.range)
    map.marked = marks(indices, indices)
    let description = FigureDescription(
      kind: "heat map", title: "\(variant.label) of all taps of all models",
      caption:
        "Similarity of every tap with every other, within and across \(names). Taps in order of depth, from top to "
        + "bottom and from left to right; gaps separate the models.\(isOrdered ? " Models that are alike stand side by side." : "") "
        + "\(captionTail(variant.rows))",
      alternativeText: "Heat map of \(variant.label) between all \(indices.count) taps of \(names). "
        + extremes(variant.rows), settings: settings("heat map"))
    return made(
      name: "all-models-\(identifier)", kind: kind, heading: "All taps of all models",
      content: HeatMapFigure(
        maps: [map], colorMap: colorMap, valueLabel: variant.label, description: description),
      panels: [(indices, indices)], rows: variant.rows)
  }

  /// From so many models on they are ordered by likeness, and summed up model by model.
  private static let manyModels = 10

  private func ordersByLikeness(_ kind: String, _ count: Int) -> Bool {
    study.settings.value(.order, of: kind).map { $0 == "likeness" } ?? (count >= Self.manyModels)
  }

  /// How alike two models are: the mean over the taps of both of the most similar tap of the other.
  private func likeness(_ a: [Int], _ b: [Int]) -> Double? {
    func best(_ taps: [Int], _ others: [Int]) -> [Double] {
      taps.compactMap { tap in
        let known = others.compactMap { variant.row(tap, $0)?.value }
        return variant.isDistance ? known.min() : known.max()
      }
    }
    let all = best(a, b) + best(b, a)
    guard !all.isEmpty else { return nil }
    let mean = all.reduce(0, +) / Double(all.count)
    return variant.isDistance ? -mean : mean
  }

  /// One cell for every two models.
  private func summary() -> ReportFigure? {
    let kind = "all-models"
    let given = models(kind)
    guard given.count >= Self.manyModels else { return nil }
    let models =
      ordersByLikeness(kind, given.count)
      ? LikenessOrder(given.map(\.indices), likeness: likeness).order.map { given[$0] } : given
    let block = HeatMapBlock(name: "", labels: models.map(\.label))
    let values = models.flatMap { a in
      models.map { b in likeness(a.indices, b.indices).map { variant.isDistance ? -$0 : $0 } }
    }
    var map = HeatMap(rows: [block], columns: [block], values: values, range: variant.range, showsBlockNames: false)
    map.marked = nil
    let names = models.map(\.label).joined(separator: ", ")
    let description = FigureDescription(
      kind: "heat map", title: "\(variant.label) of models",
      caption: "How alike the models are: the mean over the taps of both of their most similar tap in the other. "
        + "Models that are alike stand side by side. \(variant.longLabel), \(variant.countText) images.",
      alternativeText: "Heat map of the likeness of \(models.count) models: \(names).", settings: settings("heat map"))
    let lines = models.indices.flatMap { a in
      models.indices.map { b in
        CommaSeparatedValues.line([
          models[a].store.name, models[b].store.name, values[a * models.count + b].map { "\($0)" } ?? "",
        ])
      }
    }
    return made(
      name: "models-\(identifier)", kind: kind, heading: "Model by model",
      content: HeatMapFigure(maps: [map], colorMap: colorMap, valueLabel: variant.label, description: description),
      panels: [], rows: [],
      data: CommaSeparatedValues.line([Column.storeA.name, Column.storeB.name, variant.measure]) + lines.joined())
  }

  private func withinModels() -> ReportFigure? {
    let kind = "within-models"
    let models = models(kind)
    guard !models.isEmpty else { return nil }
    let isOne = models.count == 1
    let maps = models.map { map($0, $0, title: $0.label, showsBlockNames: false) }
    let names = models.map(\.label).joined(separator: ", ")
    let rows = variant.rows.filter { row in
      row.storeA == row.storeB && models.contains { $0.store.name == row.storeA }
    }
    let description = FigureDescription(
      kind: "grid of heat maps", title: "\(variant.label) within \(isOne ? names : "each model")",
      caption: "Similarity of the taps of \(names)\(isOne ? "" : ", each with itself"), in order of depth. "
        + "\(isOne ? "" : "Panels have one size and one scale. ")\(captionTail(rows))",
      alternativeText: "Heat maps of \(variant.label) between the taps within "
        + models.map { "\($0.label) (\($0.indices.count) taps)" }.joined(separator: ", ") + ". " + extremes(rows),
      settings: settings("grid of heat maps"))
    return made(
      name: "within-models-\(identifier)", kind: kind, heading: isOne ? "Within the model" : "Within each model",
      content: HeatMapFigure(
        maps: maps, colorMap: colorMap, valueLabel: variant.label, description: description, panelsAreEqual: true),
      panels: models.map { ($0.indices, $0.indices) }, rows: rows)
  }

  private func acrossModels() -> ReportFigure? {
    let kind = "across-models"
    let models = models(kind)
    var maps: [HeatMap] = []
    var panels: [(rows: [Int], columns: [Int])] = []
    for (index, a) in models.enumerated() {
      for b in models[(index + 1)...] where hasRows(a.store, b.store) {
        maps.append(map(a, b))
        panels.append((a.indices, b.indices))
      }
    }
    guard !maps.isEmpty else { return nil }
    let rows = variant.rows.filter { $0.storeA != $0.storeB }
    let description = FigureDescription(
      kind: "grid of heat maps", title: "\(variant.label) across models",
      caption:
        "Similarity of the taps of every two models, in order of depth. Panels have one size and one scale. \(captionTail(rows))",
      alternativeText: "Heat maps of \(variant.label) between the taps of \(maps.count) pairs of models. "
        + extremes(rows), settings: settings("grid of heat maps"))
    return made(
      name: "across-models-\(identifier)", kind: kind, heading: "Across models, pair by pair",
      content: HeatMapFigure(
        maps: maps, colorMap: colorMap, valueLabel: variant.label, description: description,
        panelsAreEqual: true),
      panels: panels, rows: rows)
  }

  /// What random pairings of the images give: the upper end of the null band of every two taps.
  private func chance() -> ReportFigure? {
    let nulls = variant.knownNulls
    guard let permutations = nulls.first?.null.permutations, nulls.contains(where: { $0.null.high != nil }) else {
      return nil
    }
    let kind = "null"
    let models = models(kind)
    let indices = models.flatMap(\.indices)
    let blocks = models.map(\.block)
    guard !blocks.isEmpty else { return nil }
    let names = models.map(\.label).joined(separator: ", ")
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
      alternativeText:
        "Heat map of the \(end) end of the null band between all \(indices.count) taps of \(names), from "
        + "\(SimilarityFindings.number(span.0)) to \(SimilarityFindings.number(span.1)).",
      settings: settings("heat map") + [.init("permutations", "\(permutations)")])
    return ReportFigure(
      name: "null-\(identifier)", kind: kind, heading: "What chance gives",
      content: HeatMapFigure(
        maps: [HeatMap(rows: blocks, columns: blocks, values: ends, range: variant.range)], colorMap: colorMap,
        valueLabel: "\(variant.label), \(end) end of the null band", description: description),
      data: NullTable.text(of: nulls))
  }
}
