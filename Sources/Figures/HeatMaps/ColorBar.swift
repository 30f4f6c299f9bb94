import Formats

/// The scale of colours beside one or more heat maps; its upper left corner is the origin.
struct ColorBar {
  let nodes: [SceneNode]
  /// From the bar's left edge to the far side of its label.
  let width: Double
  let height: Double

  /// - Parameters:
  ///   - height: how tall the bar should be; it is tall enough for five numbers at least.
  ///   - label: what the colours measure, written along the bar.
  init(
    range: ClosedRange<Double>, colorMap: ColorMap, label: String, height wanted: Double, style: FigureStyle,
    measurer: some TextMeasuring
  ) {
    let tickSize = style.sizes.tick
    let height = max(wanted, tickSize * 5)
    let lines = measurer.wrapped(label, toWidth: max(height, style.sizes.label * 9), size: style.sizes.label, most: 4)
    let thickness = style.sizes.label
    let steps = 256
    var pixels: [UInt8] = []
    for step in 0..<steps { pixels += colorMap.color(at: 1 - Double(step) / Double(steps - 1)).bytes }
    let frame = Rectangle(x: 0, y: 0, width: thickness, height: height)
    var nodes: [SceneNode] = [
      .image(ImageShape(frame: frame, columns: 1, rows: steps, pixels: pixels)),
      .rectangle(RectangleShape(frame: frame, stroke: Stroke(color: style.colors.ink, width: style.lines.grid))),
    ]
    let ticks = Ticks(in: range, count: max(1, min(5, Int(saturating: height / (tickSize * 2.2)))))
    let span = range.upperBound - range.lowerBound
    var elements: [PathShape.Element] = []
    var reach = 0.0
    for (value, text) in zip(ticks.values, ticks.labels) {
      let y = height * (1 - (value - range.lowerBound) / span)
      elements += [.move(Point(thickness, y)), .line(Point(thickness + style.lines.tickLength, y))]
      let x = thickness + style.lines.tickLength + tickSize * 0.3
      nodes.append(.text(TextRun(text, at: Point(x, y), size: tickSize, baseline: .middle, color: style.colors.ink)))
      reach = max(reach, x + measurer.width(of: text, size: tickSize))
    }
    nodes.append(.path(PathShape(elements: elements, stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
    var baseline = reach + style.sizes.label * 1.2
    for (row, text) in lines.enumerated() {
      if row > 0 { baseline += style.sizes.label * 1.2 }
      nodes.append(
        .text(
          TextRun(
            text, at: Point(baseline, height / 2), size: style.sizes.label, alignment: .middle, direction: .upwards,
            color: style.colors.ink, fullText: text.contains("…") ? label : nil)))
    }
    self.nodes = nodes
    self.height = height
    width = baseline + style.sizes.label * 0.3
  }
}
