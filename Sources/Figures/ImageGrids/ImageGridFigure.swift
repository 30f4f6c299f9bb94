/// Pictures in rows and columns: images by depth, conditions by depth, pairs of before and after; perhaps a line of text
/// under each. One panel a model, all tiles of one width.
public struct ImageGridFigure: Sendable, Codable {
  public var panels: [Panel]
  /// Shown beside the pictures where some of them are maps.
  public var scale: Scale?
  /// What rings on tiles mean; nil where there are none.
  public var ringMeaning: String?
  public var layout: FigureLayout?
  public var description: FigureDescription

  public init(
    panels: [Panel], scale: Scale? = nil, ringMeaning: String? = nil, layout: FigureLayout? = nil,
    description: FigureDescription
  ) {
    self.panels = panels
    self.scale = scale
    self.ringMeaning = ringMeaning
    self.layout = layout
    self.description = description
  }

  /// Side of the narrowest tile that is drawn, in points.
  static let smallestTile = 6.0

  /// Lays the figure out within `width` points, or the width of the style's text. Many columns are set in several bands
  /// below each other, many rows in several blocks beside each other, where that makes the tiles clearly larger.
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    try validate()
    let limit = FigureLayout.limit(layout, width: width, style: style)
    let measures = try ImageGridMeasures(self, limit: limit, style: style, measurer: measurer)
    var best: (plan: ImageGridPlan, tile: Double, writesTexts: Bool)?
    func isStrip(_ plan: ImageGridPlan, _ tile: Double) -> Bool {
      let page = ImageGridPage(
        self, measures: measures, plan: plan, tile: tile, draft: true, style: style, measurer: measurer)
      return page.bounds.height > page.bounds.width * 3
    }
    for plan in plans() {
      let tile = largestTile(plan, measures: measures, style: style, measurer: measurer)
      let writesTexts = measures.fitsTexts(tile)
      // Clearly larger tiles win, and before them those with room for what is written below.
      if let known = best {
        // What can be read unbroken stays unbroken, but for a strip that would leave most of the page empty.
        if known.plan == ImageGridPlan(blocks: 1, bands: 1), known.writesTexts, known.tile >= style.maximumCell,
          !isStrip(known.plan, known.tile)
        {
          break
        }
        let isCompact = tile >= known.tile * 0.95 && isStrip(known.plan, known.tile) && !isStrip(plan, tile)
        guard writesTexts == known.writesTexts ? tile >= known.tile * 1.15 || isCompact : writesTexts else { continue }
      }
      best = (plan, tile, writesTexts)
    }
    guard let best else { throw FigureError("an image grid needs at least one picture") }
    let page = ImageGridPage(
      self, measures: measures, plan: best.plan, tile: best.tile, draft: false, style: style, measurer: measurer)
    let frame = PageFrame(bounds: page.bounds)
    var warnings: [String] = []
    if frame.size.width > limit + 0.5 || frame.size.height > style.maximumHeight + 0.5 {
      warnings.append("so many pictures need more than a page of style '\(style.name)'; show fewer of them")
    }
    if page.leavesOutTexts {
      warnings.append("the tiles are too narrow for the numbers below them, which are left out; show fewer columns")
    }
    return Figure(
      scene: frame.scene(page.nodes, style: style), description: description, regions: [], warnings: warnings)
  }

  /// Ways to break the grid, the plain one first.
  private func plans() -> [ImageGridPlan] {
    guard panels.count == 1, let panel = panels.first else {
      // Panels stand below each other: only their columns can be broken.
      let most = max(1, min(8, panels.map(\.columns.count).max() ?? 1))
      return (1...most).map { ImageGridPlan(blocks: 1, bands: $0) }
    }
    var plans: [ImageGridPlan] = []
    let groups = panel.groups.count
    // What was asked for, as far as there are rows for it.
    let wanted = layout?.columns.map { min($0, groups) }
    if let wanted, wanted > 8 { return [ImageGridPlan(blocks: wanted, bands: 1)] }
    for pieces in 1...8 {
      for blocks in 1...pieces where pieces % blocks == 0 && wanted.map({ $0 == blocks }) ?? true {
        if blocks <= groups, pieces / blocks <= panel.columns.count {
          plans.append(ImageGridPlan(blocks: blocks, bands: pieces / blocks))
        }
      }
    }
    return plans
  }

  private func largestTile(
    _ plan: ImageGridPlan, measures: ImageGridMeasures, style: FigureStyle, measurer: some TextMeasuring
  ) -> Double {
    func fits(_ tile: Double) -> Bool {
      let page = ImageGridPage(
        self, measures: measures, plan: plan, tile: tile, draft: true, style: style, measurer: measurer)
      return page.bounds.width <= measures.limit && page.bounds.height <= style.maximumHeight
    }
    // Many rows of large tiles would fill a page.
    let rows = panels.reduce(0) { $0 + $1.rows.count }
    var high = style.maximumCell * (rows > 4 ? 2.2 : 3)
    if fits(high) { return high }
    var low = Self.smallestTile
    while high - low > 0.05 {
      let middle = (low + high) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    return low
  }

  private func validate() throws(FigureError) {
    guard !panels.isEmpty else { throw FigureError("an image grid needs at least one panel") }
    for panel in panels {
      guard !panel.columns.isEmpty, !panel.rows.isEmpty else {
        throw FigureError("panel '\(panel.title ?? "")' of an image grid has no rows or columns")
      }
      for icon in panel.icons ?? [] where !(1...64).contains(icon.rows) || !(1...64).contains(icon.columns) {
        throw FigureError("an icon of an image grid has \(icon.rows) × \(icon.columns) cells, expected 1 to 64 each")
      }
      let areas = panel.rows.flatMap(\.tiles).flatMap { ($0.frames ?? []).map(\.area) + [$0.inset].compactMap { $0 } }
      for area in areas where ![area.x, area.y, area.width, area.height].allSatisfy(\.isFinite) {
        throw FigureError("a frame on a picture of an image grid is not of finite numbers")
      }
      if let icons = panel.icons, icons.count != panel.columns.count {
        throw FigureError("an image grid has \(icons.count) icons of \(panel.columns.count) columns")
      }
      for row in panel.rows where row.tiles.count != panel.columns.count {
        throw FigureError(
          "row '\(row.label)' of an image grid has \(row.tiles.count) tiles, expected \(panel.columns.count)")
      }
    }
  }
}

/// How a grid is broken: its rows into blocks beside each other, its columns into bands below each other.
struct ImageGridPlan: Equatable {
  let blocks: Int
  let bands: Int
}

/// What of an image grid does not depend on the width of its tiles.
struct ImageGridMeasures {
  let limit: Double
  /// Labels as they are written, one list a panel.
  let labels: [[String]]
  let labelWidths: [[Double]]
  let headingWidths: [[Double]]
  let aspects: [Double]
  let hasMissing: Bool
  /// Between neighbouring tiles.
  let gap: Double
  private let neededTile: Double
  let bar: ColorBar?

  init(
    _ figure: ImageGridFigure, limit: Double, style: FigureStyle, measurer: some TextMeasuring
  ) throws(FigureError) {
    self.limit = limit
    let size = style.sizes.tick
    labels = figure.panels.map { panel in
      panel.rows.map { measurer.elided($0.label, toWidth: limit * 0.2, size: size) }
    }
    labelWidths = labels.map { $0.map { measurer.width(of: $0, size: size) } }
    headingWidths = figure.panels.map { $0.columns.map { measurer.width(of: $0, size: size) } }
    aspects = figure.panels.map(\.aspect)
    hasMissing = figure.panels.contains(where: \.hasMissing)
    let gap = max(1.5, style.lines.blockGap)
    self.gap = gap
    let texts = figure.panels.flatMap(\.rows).flatMap(\.tiles).map(\.text).filter { !$0.isEmpty }
    let widest = texts.map { measurer.width(of: $0, size: style.sizes.annotation) }.max()
    if let scale = figure.scale {
      guard scale.low < scale.high else { throw FigureError("the scale of an image grid has to rise") }
      bar = ColorBar(
        range: scale.low...scale.high, colorMap: try .named(scale.colorMap), label: scale.label,
        height: Self.barHeight, style: style, measurer: measurer)
    } else {
      bar = nil
    }
    // The numbers of neighbours must not read as one.
    neededTile = widest.map { $0 + style.sizes.annotation * 0.5 - gap } ?? 0
  }

  /// Of the scale of colours, in points.
  private static let barHeight = 84.0

  var hasTexts: Bool { neededTile > 0 }

  /// Whether what is written below tiles of a width has room there.
  func fitsTexts(_ tile: Double) -> Bool { tile >= neededTile }
}
