import Formats

/// One heat map laid out for cells of a given size: its cells, marks, numbers, labels and title.
/// The cells' upper left corner is the origin.
struct HeatMapPanel {
  let map: HeatMap
  let cell: Size
  let rows: HeatMapAxis
  let columns: HeatMapAxis
  /// Room above the cells: the title.
  let top: Double
  /// How numbers are written into the cells.
  let numbers: HeatMapNumbers
  let style: FigureStyle

  var left: Double { rows.thickness }
  var bottom: Double { columns.thickness }
  var width: Double { columns.length }
  /// From the left edge of the cells to whatever reaches furthest to the right.
  let reach: Double
  private let title: String?
  var height: Double { rows.length }

  /// - Parameter titleRoom: what the title may take where the cells are narrower.
  init(
    map: HeatMap, cell: Size, style: FigureStyle, measurer: some TextMeasuring, labelLimit: Double, titleRoom: Double
  ) {
    self.map = map
    self.cell = cell
    self.style = style
    rows = HeatMapAxis(
      side: .left, blocks: map.rows, showsBlockNames: map.showsBlockNames, cell: cell.height, style: style,
      measurer: measurer, labelLimit: labelLimit)
    columns = HeatMapAxis(
      side: .bottom, blocks: map.columns, showsBlockNames: map.showsBlockNames, cell: cell.width, style: style,
      measurer: measurer, labelLimit: labelLimit)
    let room = max(columns.length, titleRoom)
    title = map.title.map { measurer.elided($0, toWidth: room, size: style.sizes.title, weight: .bold) }
    reach = max(
      columns.length, title.map { measurer.width(of: $0, size: style.sizes.title, weight: .bold) } ?? 0)
    top = map.title == nil ? 0 : style.sizes.title * 1.5
    numbers = HeatMapNumbers(for: map, cell: cell, style: style, measurer: measurer)
  }

  /// Where the cells lie when the origin is put at `corner`.
  func region(panel: Int, at corner: Point) -> HeatMapRegion {
    func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
    return HeatMapRegion(
      panel: panel, cell: rounded(cell.width), height: rounded(cell.height),
      columns: columns.offsets.map { rounded($0 + corner.x) },
      rows: rows.offsets.map { rounded($0 + corner.y) })
  }

  /// The drawing, with the origin at `corner`; a draft has a plain rectangle for its cells.
  func nodes(colorMap: ColorMap, draft: Bool, at corner: Point) -> SceneNode {
    var nodes: [SceneNode] = []
    if draft {
      nodes.append(.rectangle(RectangleShape(frame: Rectangle(x: 0, y: 0, width: width, height: height))))
    } else {
      nodes += cellImages(colorMap) + groupLines() + missingHatch() + outsideMarks(colorMap) + numberNodes(colorMap)
    }
    nodes.append(rows.placed(at: Point(0, 0)))
    nodes.append(columns.placed(at: Point(0, height)))
    if let title {
      nodes.append(
        .text(
          TextRun(
            title, at: Point(0, -style.sizes.title * 0.5), size: style.sizes.title, weight: .bold,
            color: style.colors.ink, fullText: title == map.title ? nil : map.title)))
    }
    return .group(SceneGroup(nodes, offset: corner))
  }

  /// The fraction of the range at which a value is coloured.
  func fraction(_ value: Double) -> Double {
    (value - map.range.lowerBound) / (map.range.upperBound - map.range.lowerBound)
  }

  /// One image for each pair of blocks, so that the gap between two models stays white.
  private func cellImages(_ colorMap: ColorMap) -> [SceneNode] {
    let missing = style.colors.missing.bytes
    let palette = colorMap.colors.map(\.bytes)
    var nodes: [SceneNode] = []
    var firstRow = 0
    for rowBlock in map.rows {
      var firstColumn = 0
      for columnBlock in map.columns {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(rowBlock.labels.count * columnBlock.labels.count * 4)
        for row in firstRow..<firstRow + rowBlock.labels.count {
          for column in firstColumn..<firstColumn + columnBlock.labels.count {
            if map.isHidden(row, column) {
              pixels += [0, 0, 0, 0]
            } else if let value = map.value(row, column) {
              pixels += palette[Int(saturating: (min(max(fraction(value), 0), 1) * 255).rounded())]
            } else {
              pixels += missing
            }
          }
        }
        nodes.append(
          .image(
            ImageShape(
              frame: Rectangle(
                x: columns.offsets[firstColumn], y: rows.offsets[firstRow],
                width: cell.width * Double(columnBlock.labels.count),
                height: cell.height * Double(rowBlock.labels.count)),
              columns: columnBlock.labels.count, rows: rowBlock.labels.count, pixels: pixels)))
        firstColumn += columnBlock.labels.count
      }
      firstRow += rowBlock.labels.count
    }
    return nodes
  }

  /// Thin lines between the parts of models.
  private func groupLines() -> [SceneNode] {
    var elements: [PathShape.Element] = []
    for edge in rows.groupEdges { elements += [.move(Point(0, edge)), .line(Point(width, edge))] }
    for edge in columns.groupEdges { elements += [.move(Point(edge, 0)), .line(Point(edge, height))] }
    guard !elements.isEmpty else { return [] }
    return [
      .path(PathShape(elements: elements, stroke: Stroke(color: style.colors.background, width: style.lines.grid)))
    ]
  }

  /// One diagonal through every cell without a value.
  private func missingHatch() -> [SceneNode] {
    var elements: [PathShape.Element] = []
    for (row, y) in rows.offsets.enumerated() {
      for (column, x) in columns.offsets.enumerated()
      where map.value(row, column) == nil && !map.isHidden(row, column) {
        elements += Self.hatch(Rectangle(x: x, y: y, width: cell.width, height: cell.height))
      }
    }
    guard !elements.isEmpty else { return [] }
    return [.path(PathShape(elements: elements, stroke: Self.hatchStroke(style)))]
  }

  static func hatch(_ frame: Rectangle) -> [PathShape.Element] {
    [.move(Point(frame.x, frame.bottom)), .line(Point(frame.right, frame.y))]
  }

  static func hatchStroke(_ style: FigureStyle) -> Stroke {
    Stroke(color: style.colors.muted, width: style.lines.grid)
  }

  /// A dot in every cell whose value lies outside the range and is drawn in the colour of its end; where numbers
  /// stand in the cells they say so themselves.
  private func outsideMarks(_ colorMap: ColorMap) -> [SceneNode] {
    guard numbers == .none else { return [] }
    var below: [PathShape.Element] = []
    var above: [PathShape.Element] = []
    for (row, y) in rows.offsets.enumerated() {
      for (column, x) in columns.offsets.enumerated() {
        guard let value = map.value(row, column), !map.range.contains(value), map.isMarked(row, column),
          !map.isHidden(row, column)
        else { continue }
        let dot = PathShape.circle(
          Point(x + cell.width / 2, y + cell.height / 2),
          radius: min(min(cell.width, cell.height) * 0.16, style.lines.marker / 2))
        if value < map.range.lowerBound { below += dot } else { above += dot }
      }
    }
    return [(below, colorMap.color(at: 0)), (above, colorMap.color(at: 1))].compactMap { elements, color in
      elements.isEmpty ? nil : .path(PathShape(elements: elements, fill: color.readableInk))
    }
  }
}
