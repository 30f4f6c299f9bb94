/// An image grid with tiles of a given width, set as a plan says. A draft takes the same room with empty tiles.
struct ImageGridPage {
  private(set) var nodes: [SceneNode] = []
  private(set) var bounds = Rectangle(x: 0, y: 0, width: 1, height: 1)
  /// Whether texts below the tiles had to go.
  private(set) var leavesOutTexts = false

  private let measures: ImageGridMeasures
  private let tile: Double
  private let style: FigureStyle
  private let draft: Bool
  private let writesTexts: Bool

  init(
    _ figure: ImageGridFigure, measures: ImageGridMeasures, plan: ImageGridPlan, tile: Double, draft: Bool,
    style: FigureStyle, measurer: some TextMeasuring
  ) {
    self.measures = measures
    self.tile = tile
    self.style = style
    self.draft = draft
    writesTexts = measures.hasTexts && measures.fitsTexts(tile)
    leavesOutTexts = measures.hasTexts && !writesTexts
    let limit = measures.limit
    let widestLabel = measures.labelWidths.flatMap { $0 }.max() ?? 0
    var y = 0.0
    for (number, panel) in figure.panels.enumerated() {
      if let title = panel.title, figure.layout?.titles != false {
        let text = measurer.elided(title, toWidth: limit, size: style.sizes.title, weight: .bold)
        nodes.append(
          .text(
            TextRun(
              text, at: Point(0, y + style.sizes.title * 0.9), size: style.sizes.title, weight: .bold,
              color: style.colors.ink, fullText: text == title ? nil : title)))
        y += style.sizes.title * 1.6
      }
      let bandLength = (panel.columns.count + plan.bands - 1) / plan.bands
      // Rows of one group stay together.
      let groups = panel.groups
      let blockLength = (groups.count + plan.blocks - 1) / plan.blocks
      let blocks = stride(from: 0, to: groups.count, by: blockLength).map { first in
        groups[first].lowerBound..<groups[min(first + blockLength, groups.count) - 1].upperBound
      }
      // Pieces below each other start their tiles at the same place.
      let bands = stride(from: 0, to: panel.columns.count, by: bandLength).map {
        $0..<min($0 + bandLength, panel.columns.count)
      }
      let widest = bands.map { tilesWidth(panel, columns: $0) }.max() ?? 0
      for columns in bands {
        var x = 0.0
        var lowest = y
        for rows in blocks {
          // The tiles of all panels align.
          let labelWidth = figure.panels.count > 1 ? widestLabel : measures.labelWidths[number][rows].max() ?? 0
          let size = addPiece(
            panel, number: number, rows: rows, columns: columns, at: Point(x, y), labelWidth: labelWidth,
            measurer: measurer)
          x += widest + left(labelWidth, panel) + style.sizes.label * 1.6
          lowest = max(lowest, y + size.height)
        }
        y = lowest + style.sizes.label * 1.1
      }
      y += panel.title == nil || figure.layout?.titles == false ? 0 : style.sizes.label * 0.5
    }
    let entries = Self.legend(hasMissing: measures.hasMissing, ringMeaning: figure.ringMeaning, style: style)
    if !entries.isEmpty {
      let legend = Legend(entries, width: limit, sampleWidth: style.sizes.tick, style: style, measurer: measurer)
      nodes.append(.group(SceneGroup(legend.nodes, offset: Point(0, y))))
    }
    if let bar = measures.bar {
      let grid = SceneNode.bounds(of: nodes, measurer) ?? Rectangle(x: 0, y: 0, width: 1, height: 1)
      let place = Point(
        grid.right + style.sizes.label, max(grid.y + style.sizes.tick, grid.y + (grid.height - bar.height) / 2))
      nodes.append(.group(SceneGroup(bar.nodes, offset: place)))
    }
    let drawn = SceneNode.bounds(of: nodes, measurer) ?? Rectangle(x: 0, y: 0, width: 1, height: 1)
    bounds = Rectangle(x: drawn.x - 1, y: drawn.y - 1, width: drawn.width + 2, height: drawn.height + 2)
  }

  /// What signs on the tiles mean.
  private static func legend(hasMissing: Bool, ringMeaning: String?, style: FigureStyle) -> [Legend.Entry] {
    func square(_ box: Size) -> Rectangle { Rectangle(x: 0, y: 0, width: box.height, height: box.height) }
    var entries: [Legend.Entry] = []
    if hasMissing {
      entries.append(
        Legend.Entry(text: "no picture") { box in
          [
            .rectangle(RectangleShape(frame: square(box), fill: style.colors.missing)),
            .path(PathShape(elements: HeatMapPanel.hatch(square(box)), stroke: HeatMapPanel.hatchStroke(style))),
          ]
        })
    }
    if let ringMeaning {
      entries.append(Legend.Entry(text: ringMeaning) { ImageGridTile.ring(around: square($0), style: style) })
    }
    return entries
  }

  /// From the left edge of a piece to its tiles.
  private func left(_ labelWidth: Double, _ panel: ImageGridFigure.Panel) -> Double {
    groupWidth(panel) + (labelWidth > 0 ? labelWidth + style.sizes.tick * 0.6 : 0)
  }

  /// For what groups of rows have in common.
  private func groupWidth(_ panel: ImageGridFigure.Panel) -> Double {
    panel.rows.contains { $0.group != nil } ? style.sizes.tick * 1.5 : 0
  }

  /// From the first tile's left edge to the last one's right edge.
  private func tilesWidth(_ panel: ImageGridFigure.Panel, columns: Range<Int>) -> Double {
    columns.dropLast().reduce(tile) { $0 + tile + gap(behind: $1, panel) }
  }

  private func gap(behind column: Int, _ panel: ImageGridFigure.Panel) -> Double {
    panel.gapsBehind.contains(column) ? measures.gap * 3.5 : measures.gap
  }

  /// Draws some rows and columns of a panel at `origin`; returns the room they take.
  private mutating func addPiece(
    _ panel: ImageGridFigure.Panel, number: Int, rows: Range<Int>, columns: Range<Int>, at origin: Point,
    labelWidth: Double, measurer: some TextMeasuring
  ) -> Size {
    let size = style.sizes.tick
    let gap = measures.gap
    var places: [Double] = []
    var x = left(labelWidth, panel)
    for column in columns {
      places.append(x)
      x += tile + self.gap(behind: column, panel)
    }
    let width = left(labelWidth, panel) + tilesWidth(panel, columns: columns)
    let centers = places.map { origin.x + $0 + tile / 2 }
    let top: Double
    if let icons = panel.icons {
      top = addIcons(columns.map { icons[$0] }, centers: centers, y: origin.y)
    } else {
      top = addHeadings(
        columns.map { panel.columns[$0] }, widest: measures.headingWidths[number][columns].max() ?? 0,
        centers: centers, y: origin.y, measurer: measurer)
    }
    let height = tile * measures.aspects[number]
    let step = height + (writesTexts ? style.sizes.annotation * 1.35 : gap)
    let groups = panel.groups.filter { rows.contains($0.lowerBound) }
    let between = panel.rows.contains { $0.group != nil } ? gap * 2 : 0
    let below = writesTexts ? 0 : gap
    let room = Size(width, top + Double(rows.count) * step + Double(groups.count - 1) * between - below)
    if draft {
      let frame = Rectangle(x: origin.x, y: origin.y, width: room.width, height: room.height)
      // With the frames of the pictures.
      nodes.append(.rectangle(RectangleShape(frame: frame.outset(style.lines.grid))))
      return room
    }
    var middles: [Double] = []
    for (index, group) in groups.enumerated() {
      for row in group {
        let above = Double(row - rows.lowerBound) * step + Double(index) * between
        middles.append(origin.y + top + above + height / 2)
      }
    }
    for group in groups {
      guard let label = panel.rows[group.lowerBound].group else { continue }
      let (first, last) = (middles[group.lowerBound - rows.lowerBound], middles[group.upperBound - 1 - rows.lowerBound])
      let text = measurer.elided(label, toWidth: last - first + height, size: size)
      nodes.append(
        .text(
          TextRun(
            text, at: Point(origin.x + size * 0.5, (first + last) / 2), size: size, alignment: .middle,
            baseline: .middle, direction: .upwards, color: style.colors.ink, fullText: text == label ? nil : label)))
    }
    let written = LabelThinning.select(
      labels: rows.map { panel.rows[$0].label }, blockStarts: [0], centers: middles, room: size * 1.12)
    for place in written {
      let label = panel.rows[rows.lowerBound + place].label
      let text = measures.labels[number][rows.lowerBound + place]
      nodes.append(
        .text(
          TextRun(
            text, at: Point(origin.x + groupWidth(panel) + labelWidth, middles[place]), size: size, alignment: .end,
            baseline: .middle, color: style.colors.ink, fullText: text == label ? nil : label)))
    }
    for (middle, row) in zip(middles, rows) {
      for (place, column) in zip(places, columns) {
        let frame = Rectangle(x: origin.x + place, y: middle - height / 2, width: tile, height: height)
        let own = panel.rows[row]
        add(
          own.tiles[column],
          label: ([own.group, own.label, panel.columns[column]].compactMap { $0 }).joined(separator: ", "),
          in: frame)
      }
    }
    return room
  }

  /// Cells over every column, one of them filled; returns how far below `y` the tiles begin.
  private mutating func addIcons(_ icons: [ImageGridFigure.CellIcon], centers: [Double], y: Double) -> Double {
    var side = 0.0
    for (icon, center) in zip(icons, centers) {
      // As large as a line of text, its cells large enough to be told apart.
      let cell = max(style.sizes.tick * 1.5 / Double(icon.rows), style.sizes.tick * 0.55)
      let wide = min(cell, (tile + measures.gap) * 0.8 / Double(icon.columns))
      side = max(side, cell * Double(icon.rows))
      let start = Point(center - wide * Double(icon.columns) / 2, y)
      var cells: [SceneNode] = []
      for row in 0..<max(0, icon.rows) {
        for column in 0..<max(0, icon.columns) {
          let isShown = row == icon.row && column == icon.column
          cells.append(
            .rectangle(
              RectangleShape(
                frame: Rectangle(
                  x: start.x + Double(column) * wide, y: start.y + Double(row) * cell, width: wide, height: cell),
                fill: isShown ? style.colors.ink : nil,
                stroke: Stroke(color: style.colors.muted, width: style.lines.grid))))
        }
      }
      nodes.append(
        .group(
          SceneGroup(cells, title: "row \(icon.row + 1) of \(icon.rows), column \(icon.column + 1) of \(icon.columns)"))
      )
    }
    return side + style.sizes.tick * 0.5
  }

  /// Level where each fits over its own column, else all upright; returns how far below `y` the tiles begin.
  private mutating func addHeadings(
    _ headings: [String], widest: Double, centers: [Double], y: Double, measurer: some TextMeasuring
  ) -> Double {
    guard widest > 0 else { return 0 }
    let size = style.sizes.tick
    let isLevel = widest <= tile + measures.gap - size * 0.4
    let limit = size * 12
    let top = isLevel ? size * 1.3 : min(widest, limit) + size * 0.5
    let written = LabelThinning.select(
      labels: headings, blockStarts: [0], centers: centers, room: isLevel ? 0 : size * 1.12)
    for place in written {
      let heading = headings[place]
      let text = isLevel ? heading : measurer.elided(heading, toWidth: limit, size: size)
      nodes.append(
        .text(
          TextRun(
            text, at: Point(centers[place], y + (isLevel ? size * 0.9 : top - size * 0.4)), size: size,
            alignment: isLevel ? .middle : .start, baseline: isLevel ? .baseline : .middle,
            direction: isLevel ? .rightwards : .upwards, color: style.colors.ink,
            fullText: text == heading ? nil : heading)))
    }
    return top
  }

  private mutating func add(_ tile: ImageGridFigure.Tile, label: String, in frame: Rectangle) {
    guard tile.picture != nil || tile.isMissing else { return }
    var children = ImageGridTile(tile, in: frame, style: style).nodes
    if writesTexts, !tile.text.isEmpty {
      children.append(
        .text(
          TextRun(
            tile.text, at: Point(frame.x + frame.width / 2, frame.bottom + style.sizes.annotation),
            size: style.sizes.annotation, alignment: .middle, color: style.colors.ink)))
    }
    nodes.append(.group(SceneGroup(children, title: tile.text.isEmpty ? label : "\(label): \(tile.text)")))
  }
}
