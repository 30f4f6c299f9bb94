/// The labels beside the rows or below the columns of a heat map: names of taps, brackets and names of blocks.
///
/// Everything is laid out along the axis (`along`, from its start) and away from the cells (`away`, from their edge).
struct HeatMapAxis {
  enum Side { case left, bottom }

  let side: Side
  let cell: Double
  /// Where each row or column begins, from the start of the axis.
  let offsets: [Double]
  let length: Double
  /// How far the labels reach away from the cells, in points.
  let thickness: Double
  /// Where one part of a model ends and another begins, from the start of the axis.
  let groupEdges: [Double]
  private let nodes: [SceneNode]

  /// Lays the axis out for cells of a given side.
  init(
    side: Side, blocks: [HeatMapBlock], showsBlockNames: Bool, cell: Double, style: FigureStyle,
    measurer: some TextMeasuring, labelLimit: Double
  ) {
    self.side = side
    self.cell = cell
    var offsets: [Double] = []
    var spans: [(start: Double, end: Double)] = []
    var position = 0.0
    for (index, block) in blocks.enumerated() {
      if index > 0 { position += style.lines.blockGap }
      let start = position
      for _ in block.labels {
        offsets.append(position)
        position += cell
      }
      spans.append((start, position))
    }
    self.offsets = offsets
    length = position

    var nodes: [SceneNode] = []
    let labels = blocks.flatMap(\.labels)
    let centers = offsets.map { $0 + cell / 2 }
    var starts: [Int] = []
    var count = 0
    for block in blocks {
      starts.append(count)
      count += block.labels.count
    }
    let size = style.sizes.tick
    let gap = size * 0.3
    let tick = style.lines.tickLength

    // Column labels stay level where each fits over its own column.
    let widest = labels.map { measurer.width(of: $0, size: size) }.max() ?? 0
    let level = side == .left || widest + size * 0.5 <= cell
    let lineHeight = size * 1.12
    let room = side == .bottom && level ? 0 : lineHeight
    // Below the columns numbers of blocks stand level where names do not.
    func isShort(_ label: String) -> Bool {
      side == .bottom && !level && label.allSatisfy(\.isNumber) && measurer.width(of: label, size: size) <= lineHeight
    }
    let written = LabelThinning.select(labels: labels, blockStarts: starts, centers: centers, room: room)
    var reach = 0.0
    var ticks: [PathShape.Element] = []
    for index in written {
      let text =
        level && side == .bottom ? labels[index] : measurer.elided(labels[index], toWidth: labelLimit, size: size)
      let full = text == labels[index] ? nil : labels[index]
      let along = centers[index]
      let away = tick + gap
      switch side {
      case .left:
        nodes.append(
          .text(
            TextRun(
              text, at: Point(-away, along), size: size, alignment: .end, baseline: .middle, color: style.colors.ink,
              fullText: full)))
        ticks += [.move(Point(-tick, along)), .line(Point(0, along))]
        reach = max(reach, away + measurer.width(of: text, size: size))
      case .bottom where level || isShort(labels[index]):
        nodes.append(
          .text(
            TextRun(
              text, at: Point(along, away + size * 0.75), size: size, alignment: .middle, color: style.colors.ink,
              fullText: full)))
        ticks += [.move(Point(along, 0)), .line(Point(along, tick))]
        reach = max(reach, away + size)
      case .bottom:
        nodes.append(
          .text(
            TextRun(
              text, at: Point(along, away), size: size, alignment: .end, baseline: .middle, direction: .upwards,
              color: style.colors.ink, fullText: full)))
        ticks += [.move(Point(along, 0)), .line(Point(along, tick))]
        reach = max(reach, away + measurer.width(of: text, size: size))
      }
    }
    if !ticks.isEmpty, tick > 0 {
      nodes.append(
        .path(PathShape(elements: ticks, stroke: Stroke(color: style.colors.muted, width: style.lines.axis))))
    }
    var groups: [(name: String, start: Double, end: Double)] = []
    for (block, start) in zip(blocks, starts) {
      for group in block.groups ?? [] {
        let last = start + group.first + group.count - 1
        groups.append((name: group.name, start: offsets[start + group.first], end: offsets[last] + cell))
      }
    }
    groupEdges = groups.flatMap { [$0.start, $0.end] }.filter { edge in
      !spans.contains { ($0.start - edge).magnitude < 1e-6 || ($0.end - edge).magnitude < 1e-6 }
    }
    if !groups.isEmpty {
      reach = Self.addGroups(side: side, groups, from: reach, style: style, measurer: measurer, to: &nodes)
    }
    if showsBlockNames {
      reach = Self.addBrackets(
        side: side, blocks: blocks, spans: spans, from: reach, style: style, measurer: measurer, limit: labelLimit,
        to: &nodes)
    }
    self.nodes = nodes
    thickness = reach
  }

  /// The nodes of the axis, given where the corner of the cells from which it starts lies on the page.
  func placed(at corner: Point) -> SceneNode { .group(SceneGroup(nodes, offset: corner)) }

  /// A thin line along every part of a model and its name beyond it, where it is long enough for that; returns how far they reach.
  private static func addGroups(
    side: Side, _ groups: [(name: String, start: Double, end: Double)], from start: Double, style: FigureStyle,
    measurer: some TextMeasuring, to nodes: inout [SceneNode]
  ) -> Double {
    let size = style.sizes.tick
    let line = start + size * 0.35
    let elements = groups.flatMap { group -> [PathShape.Element] in
      let (first, last) = (group.start + 0.6, max(group.start + 0.6, group.end - 0.6))
      return side == .left
        ? [.move(Point(-line, first)), .line(Point(-line, last))]
        : [.move(Point(first, line)), .line(Point(last, line))]
    }
    nodes.append(
      .path(PathShape(elements: elements, stroke: Stroke(color: style.colors.muted, width: style.lines.axis))))
    var reach = line
    var lastEnd = -Double.infinity
    for group in groups {
      let middle = (group.start + group.end) / 2
      let half = measurer.width(of: group.name, size: size) / 2
      guard 2 * half <= group.end - group.start + size * 0.2, middle - half >= lastEnd + size * 0.3 else { continue }
      lastEnd = middle + half
      let away = line + size * 0.35
      nodes.append(
        .text(
          side == .left
            ? TextRun(
              group.name, at: Point(-(away + size * 0.25), middle), size: size, alignment: .middle, direction: .upwards,
              color: style.colors.ink)
            : TextRun(
              group.name, at: Point(middle, away + size * 0.75), size: size, alignment: .middle,
              color: style.colors.ink)))
      reach = max(reach, away + size)
    }
    return reach
  }

  /// A line along every block and its name beyond it; returns how far they reach.
  private static func addBrackets(
    side: Side, blocks: [HeatMapBlock], spans: [(start: Double, end: Double)], from start: Double, style: FigureStyle,
    measurer: some TextMeasuring, limit: Double, to nodes: inout [SceneNode]
  ) -> Double {
    let size = style.sizes.label
    let line = start + size * 0.45
    var reach = line
    let widths = blocks.map { measurer.width(of: $0.name, size: size) }
    // Names run along their blocks where all fit, else away from the cells.
    let along = zip(widths, spans).allSatisfy { $0 <= $1.end - $1.start } || blocks.count == 1
    if blocks.count > 1 {
      let inset = min(style.lines.axis, 0.5)
      let elements = spans.flatMap { span -> [PathShape.Element] in
        let (first, last) = (span.start + inset, span.end - inset)
        return side == .left
          ? [.move(Point(-line, first)), .line(Point(-line, last))]
          : [.move(Point(first, line)), .line(Point(last, line))]
      }
      nodes.append(
        .path(PathShape(elements: elements, stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
    }
    var lastEnd = -Double.infinity
    for (block, span) in zip(blocks, spans) where !block.name.isEmpty {
      let middle = (span.start + span.end) / 2
      let room = along ? max(span.end - span.start, size * 4) : limit
      let text = measurer.elided(block.name, toWidth: room, size: size)
      let full = text == block.name ? nil : block.name
      let width = measurer.width(of: text, size: size)
      let half = along ? width / 2 : size * 0.56
      // A block too thin for its own name leaves it to the next.
      guard middle - half >= lastEnd else { continue }
      lastEnd = middle + half
      let away = line + size * 0.45
      let ink = style.colors.ink
      switch (side, along) {
      case (.left, true):
        nodes.append(
          .text(
            TextRun(
              text, at: Point(-(away + size * 0.25), middle), size: size, alignment: .middle, direction: .upwards,
              color: ink, fullText: full)))
        reach = max(reach, away + size)
      case (.left, false):
        nodes.append(
          .text(
            TextRun(
              text, at: Point(-away, middle), size: size, alignment: .end, baseline: .middle, color: ink, fullText: full
            )))
        reach = max(reach, away + width)
      case (.bottom, true):
        nodes.append(
          .text(
            TextRun(
              text, at: Point(middle, away + size * 0.75), size: size, alignment: .middle, color: ink, fullText: full)))
        reach = max(reach, away + size)
      case (.bottom, false):
        nodes.append(
          .text(
            TextRun(
              text, at: Point(middle, away), size: size, alignment: .end, baseline: .middle, direction: .upwards,
              color: ink, fullText: full)))
        reach = max(reach, away + width)
      }
    }
    return reach
  }
}
