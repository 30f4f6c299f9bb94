/// One or more heat maps with one colour bar, and cells of one size or panels of one size.
///
/// A single map may span several models (blocks on both axes); several maps are set in lines, in their order, with as
/// many to a line as makes the cells largest.
public struct HeatMapFigure: Sendable {
  public var maps: [HeatMap] { didSet { marks = HeatMapMarks(maps) } }
  public var colorMap: ColorMap
  /// What the colours measure, written along the colour bar.
  public var valueLabel: String
  public var description: FigureDescription
  /// What of the maps needs a word in the legend.
  private(set) var marks: HeatMapMarks
  public var layout: FigureLayout?
  /// Whether all maps are equal squares, whatever their numbers of cells.
  public var panelsAreEqual: Bool

  public init(
    maps: [HeatMap], colorMap: ColorMap, valueLabel: String, description: FigureDescription,
    layout: FigureLayout? = nil, panelsAreEqual: Bool = false
  ) {
    self.layout = layout
    self.panelsAreEqual = panelsAreEqual
    self.maps = maps
    self.colorMap = colorMap
    self.valueLabel = valueLabel
    self.description = description
    marks = HeatMapMarks(maps)
  }

  /// Lays the figure out within `width` points, or the width of the style's text.
  /// The page is as large as what is drawn: at most that wide, unless the labels or demanded numbers need more
  /// (then `warnings` says so).
  public func laidOut(style: FigureStyle, measurer: some TextMeasuring, width: Double? = nil) throws(FigureError)
    -> Figure
  {
    try style.validate()
    guard let range = maps.first?.range else { throw FigureError("a figure of heat maps needs at least one") }
    for map in maps {
      try map.validate()
      guard map.range == range else { throw FigureError("heat maps that share a colour bar must share their range") }
    }
    let limit = FigureLayout.limit(layout, width: width, style: style)
    let wanted = layout?.columns.map { min(maps.count, $0) }
    var best: Layout?
    var largest = 0.0
    for perLine in 1...maps.count
    where wanted.map({ perLine == $0 }) ?? (perLine == AxesGrid.balanced(maps.count, perLine: perLine)) {
      let layout = Layout(
        self, perLine: perLine, barIsBelow: false, limit: limit, range: range, style: style, measurer: measurer)
      largest = max(largest, layout.cell)
      // The largest cells win, among nearly equal ones the figure that is less tall, and that is wide enough; where all maps are
      // equally large, as many stand in a line as stay large enough to be read.
      let isLarge =
        panelsAreEqual
        && (layout.cell * Double(mostCells) >= style.sizes.tick * 9 || layout.cell >= largest * 0.7)
      if best == nil || layout.cell >= largest * 0.98 || isLarge { best = layout }
    }
    guard let best else { throw FigureError("a figure of heat maps needs at least one") }
    guard wanted == nil, panelsAreEqual, maps.count > 1, best.isStrip else { return best.figure(self) }
    // A strip of a narrow page becomes a block where the bar lies below and panels stay large enough to be read.
    for perLine in stride(from: maps.count, to: 1, by: -1)
    where perLine == AxesGrid.balanced(maps.count, perLine: perLine) {
      let layout = Layout(
        self, perLine: perLine, barIsBelow: true, limit: limit, range: range, style: style, measurer: measurer)
      if layout.cell * Double(mostCells) >= style.sizes.tick * 7, layout.bounds.height < best.bounds.height * 0.8 {
        return layout.figure(self)
      }
    }
    return best.figure(self)
  }

  /// The size of a map's cells, given the side of those of the map with most of them.
  func cell(of map: HeatMap, largest cell: Double) -> Size {
    guard panelsAreEqual else { return Size(cell, cell) }
    let side = cell * Double(mostCells)
    return Size(side / Double(max(1, map.columnCount)), side / Double(max(1, map.rowCount)))
  }

  /// How many cells the longest side of a map has.
  private var mostCells: Int { maps.map { max($0.rowCount, $0.columnCount) }.max() ?? 1 }

  /// Side of the smallest cell that is drawn.
  static let smallestCell = 0.75

  /// One way to set the maps, finished.
  private struct Layout {
    let cell: Double
    private let nodes: [SceneNode]
    private let regions: [HeatMapRegion]
    let bounds: Rectangle
    private let limit: Double
    private let style: FigureStyle

    /// Whether it is so tall that most of a page beside it would be empty.
    var isStrip: Bool { bounds.height > bounds.width * 1.8 }

    init(
      _ figure: HeatMapFigure, perLine: Int, barIsBelow: Bool, limit: Double, range: ClosedRange<Double>,
      style: FigureStyle,
      measurer: some TextMeasuring
    ) {
      var smallest = HeatMapFigure.smallestCell
      for map in figure.maps where map.annotations == .always {
        smallest = max(smallest, HeatMapNumbers.neededCell(for: map, style: style, measurer: measurer))
      }
      func page(_ cell: Double, draft: Bool) -> Page {
        Page(
          figure, cell: cell, perLine: perLine, barIsBelow: barIsBelow, limit: limit, range: range, draft: draft,
          style: style, measurer: measurer)
      }
      func fits(_ cell: Double) -> Bool {
        let bounds = page(cell, draft: true).bounds
        return bounds.width <= limit && bounds.height <= style.maximumHeight
      }
      // Which labels are written depends on the cells, and the room for cells on the labels: halve the interval.
      var cell = max(style.maximumCell, smallest)
      if cell > smallest, !fits(cell) {
        var low = smallest
        var high = cell
        while high - low > 0.005 {
          let middle = (low + high) / 2
          if fits(middle) { low = middle } else { high = middle }
        }
        // Larger cells may fit again, as names find room along their blocks: look a little further up.
        for _ in 0..<12 {
          high *= 1.08
          if high < cell, fits(high) { low = high }
        }
        cell = low
      }
      let page = page(cell, draft: false)
      self.cell = cell
      nodes = page.nodes
      regions = page.regions
      bounds = page.bounds
      self.limit = limit
      self.style = style
    }

    func figure(_ figure: HeatMapFigure) -> Figure {
      let page = PageFrame(bounds: bounds)
      var warnings: [String] = []
      if page.size.width > limit + 0.5 {
        warnings.append(
          "the figure is \(Numbers.fixed(page.size.width / 72, digits: 2)) in wide, more than the "
            + "\(Numbers.fixed(limit / 72, digits: 2)) in of style '\(style.name)'")
      }
      let moved = regions.map { region in
        HeatMapRegion(
          panel: region.panel, cell: region.cell, height: region.height,
          columns: region.columns.map { ($0 + page.offset.x).thousandths },
          rows: region.rows.map { ($0 + page.offset.y).thousandths })
      }
      return Figure(
        scene: page.scene(nodes, style: style), description: figure.description, regions: moved, warnings: warnings)
    }
  }
}

extension Double {
  /// Rounded to a thousandth.
  var thousandths: Double { (self * 1000).rounded() / 1000 }
}

/// A page around what is drawn, with whole hundredths of a point as its size.
struct PageFrame {
  let size: Size
  let offset: Point

  init(bounds: Rectangle) {
    size = Size((bounds.width * 100).rounded(.up) / 100, (bounds.height * 100).rounded(.up) / 100)
    offset = Point(-bounds.x, -bounds.y)
  }

  func scene(_ nodes: [SceneNode], style: FigureStyle) -> Scene {
    Scene(
      size: size, background: style.colors.background, nodes: [.group(SceneGroup(nodes, offset: offset))],
      fontFamilies: style.fontFamilies)
  }
}
