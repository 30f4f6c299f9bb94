/// Entries of a sample and a word, in as many lines as the width asks for; the upper left corner is the origin.
struct Legend {
  struct Entry {
    let text: String
    /// Draws the sample into a box of the given size whose upper left corner is the origin.
    let sample: (Size) -> [SceneNode]
  }

  let nodes: [SceneNode]
  let height: Double

  init(_ entries: [Entry], width: Double, sampleWidth: Double, style: FigureStyle, measurer: some TextMeasuring) {
    let size = style.sizes.tick
    let lineHeight = size * 1.5
    let box = Size(sampleWidth, size)
    var nodes: [SceneNode] = []
    var x = 0.0
    var y = 0.0
    for entry in entries {
      let textLimit = max(width - box.width - size * 0.5, size * 4)
      let text = measurer.elided(entry.text, toWidth: textLimit, size: size)
      let entryWidth = box.width + size * 0.5 + measurer.width(of: text, size: size)
      if x > 0, x + entryWidth > width {
        x = 0
        y += lineHeight
      }
      nodes.append(.group(SceneGroup(entry.sample(box), offset: Point(x, y))))
      nodes.append(
        .text(
          TextRun(
            text, at: Point(x + box.width + size * 0.5, y + size / 2), size: size, baseline: .middle,
            color: style.colors.ink, fullText: text == entry.text ? nil : entry.text)))
      x += entryWidth + size * 1.6
    }
    self.nodes = nodes
    height = entries.isEmpty ? 0 : y + size
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
                elements: HeatMapPanel.dot(square(box).center, radius: box.height * 0.18), fill: color.readableInk)),
          ]
        })
    }
    return entries
  }
}
