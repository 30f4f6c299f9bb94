/// A forest plot set for one width: what its points mean, and below it the lines, in blocks beside each other.
struct ForestPage {
  private(set) var nodes: [SceneNode] = []
  private(set) var bounds = Rectangle(x: 0, y: 0, width: 1, height: 1)

  private let figure: ForestFigure
  private let style: FigureStyle

  /// - Parameter blocks: how many; as many lines in each as can be.
  init(_ figure: ForestFigure, width: Double, blocks: Int, style: FigureStyle, measurer: some TextMeasuring) {
    self.figure = figure
    self.style = style
    var top = 0.0
    let legend = entries()
    if !legend.isEmpty, figure.layout?.legend != FigureLayout.LegendPlace.none {
      let drawn = Legend(
        legend, width: width - 2, sampleWidth: style.sizes.tick, style: style, measurer: measurer)
      nodes.append(.group(SceneGroup(drawn.nodes)))
      top = drawn.height + style.sizes.label * 0.8
    }
    let gap = style.sizes.label * 1.6
    let blockWidth = (width - gap * Double(blocks - 1)) / Double(blocks)
    for (place, groups) in Self.split(figure.groups, into: blocks).enumerated() {
      let block = ForestBlock(figure, groups: groups, width: blockWidth, style: style, measurer: measurer)
      nodes.append(.group(SceneGroup(block.nodes, offset: Point(Double(place) * (blockWidth + gap), top))))
    }
    let drawn = SceneNode.bounds(of: nodes, measurer) ?? bounds
    bounds = Rectangle(x: drawn.x - 1, y: drawn.y - 1, width: drawn.width + 2, height: drawn.height + 2)
  }

  /// The lines in as many parts of about the same length, between groups where that is near; a group that is broken has its title again.
  private static func split(_ groups: [ForestFigure.Group], into count: Int) -> [[ForestFigure.Group]] {
    let total = groups.reduce(0) { $0 + $1.rows.count }
    let most = (total + count - 1) / count
    var parts: [[ForestFigure.Group]] = [[]]
    var length = 0
    for group in groups {
      // A few lines more or fewer are better than a broken group.
      let isNear = length > 0 && length + group.rows.count > most + 2 && length + 2 >= most
      if isNear, parts.count < count {
        parts.append([])
        length = 0
      }
      var rest = group.rows[...]
      while !rest.isEmpty {
        let room = parts.count < count ? most - length : rest.count
        let isWhole = rest.count <= room + 2
        let taken = isWhole ? rest.count : max(1, room)
        parts[parts.count - 1].append(ForestFigure.Group(title: group.title, rows: Array(rest.prefix(taken))))
        rest = rest.dropFirst(taken)
        length += taken
        if !rest.isEmpty {
          parts.append([])
          length = 0
        }
      }
    }
    return parts.filter { !$0.isEmpty }
  }

  private func entries() -> [Legend.Entry] {
    var entries = figure.legend.count < 2 ? [] : figure.legend.map { $0.entry(hasLine: false, style: style) }
    let meanings = [(SeriesLook.Filling.full, figure.fullLabel), (.hollow, figure.hollowLabel)]
    for case (let filling, let text?) in meanings {
      entries.append(
        Legend.Entry(text: text, startsGroup: filling == .full && !entries.isEmpty) { [style] box in
          Marker.nodes(
            SeriesLook(color: nil, shape: 0), filling: filling, at: [Point(box.width / 2, box.height / 2)],
            radius: style.lines.marker / 2, style: style)
        })
    }
    if let text = figure.markLabel {
      entries.append(
        Legend.Entry(text: text) { [style] box in
          [ForestBlock.mark(at: Point(box.width / 2, box.height / 2), reach: box.height * 0.45, style: style)]
        })
    }
    return entries
  }
}
