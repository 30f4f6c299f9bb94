/// Entries of a sample and a word, in as many lines as the width asks for; the upper left corner is the origin.
struct Legend {
  struct Entry {
    let text: String
    /// Whether it begins a line where the legend does not fit into one.
    var startsGroup = false
    /// Draws the sample into a box of the given size whose upper left corner is the origin.
    let sample: (Size) -> [SceneNode]
  }

  let nodes: [SceneNode]
  let height: Double

  init(_ entries: [Entry], width: Double, sampleWidth: Double, style: FigureStyle, measurer: some TextMeasuring) {
    let size = style.sizes.tick
    let box = Size(sampleWidth, size)
    var nodes: [SceneNode] = []
    var x = 0.0
    var y = 0.0
    // Of the tallest entry of a line.
    var depth = size
    let whole = entries.reduce(0) {
      $0 + box.width + size * 2.1 + measurer.width(of: $1.text, size: size)
    }
    for entry in entries {
      let lines = measurer.wrapped(
        entry.text, toWidth: max(width - box.width - size * 0.5, size * 4), size: size, most: 3)
      let entryWidth =
        box.width + size * 0.5 + (lines.map { measurer.width(of: $0, size: size) }.max() ?? 0)
      if x > 0, x + entryWidth > width + 1e-6 || (entry.startsGroup && whole > width) {
        x = 0
        y += depth + size * 0.5
        depth = size
      }
      nodes.append(.group(SceneGroup(entry.sample(box), offset: Point(x, y))))
      for (row, text) in lines.enumerated() {
        nodes.append(
          .text(
            TextRun(
              text, at: Point(x + box.width + size * 0.5, y + size * (0.5 + 1.2 * Double(row))), size: size,
              baseline: .middle, color: style.colors.ink, fullText: text.contains("…") ? entry.text : nil)))
      }
      depth = max(depth, size * (1 + 1.2 * Double(max(0, lines.count - 1))))
      x += entryWidth + size * 1.6
    }
    self.nodes = nodes
    height = entries.isEmpty ? 0 : y + depth
  }

  /// The width of the widest entry.
  static func widest(
    _ entries: [Entry], sampleWidth: Double, style: FigureStyle, measurer: some TextMeasuring
  ) -> Double {
    let size = style.sizes.tick
    return sampleWidth + size * 0.5 + (entries.map { measurer.width(of: $0.text, size: size) }.max() ?? 0)
  }

  /// What heat maps need explained: cells without a value, values beyond the scale.
  static func entries(
    marks: HeatMapMarks, marksOutside: Bool, range: ClosedRange<Double>, colorMap: ColorMap, style: FigureStyle
  ) -> [Entry] {
    var entries: [Entry] = []
    func square(_ box: Size) -> Rectangle { Rectangle(x: 0, y: 0, width: box.height, height: box.height) }
    if marks.hasMissing {
      entries.append(
        Entry(text: "no value") { box in
          [
            .rectangle(RectangleShape(frame: square(box), fill: style.colors.missing)),
            .path(PathShape(elements: HeatMapPanel.hatch(square(box)), stroke: HeatMapPanel.hatchStroke(style))),
          ]
        })
    }
    guard marksOutside else { return entries }
    let ends = [
      (marks.hasBelow, 0.0, "below", range.lowerBound), (marks.hasAbove, 1.0, "above", range.upperBound),
    ]
    for (present, fraction, word, bound) in ends where present {
      let color = colorMap.color(at: fraction)
      let limit = Numbers.fixed(bound, digits: bound == bound.rounded() ? 0 : 2)
      entries.append(
        Entry(text: "\(word) \(limit), coloured as \(limit)") { box in
          [
            .rectangle(RectangleShape(frame: square(box), fill: color)),
            .path(
              PathShape(
                elements: PathShape.circle(square(box).center, radius: box.height * 0.18), fill: color.readableInk)),
          ]
        })
    }
    return entries
  }
}
