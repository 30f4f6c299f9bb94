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
    // Five numbers, or the ends and the middle of a low bar.
    let room = Int(saturating: height / (tickSize * 2.2))
    let ticks = Ticks(in: range, count: room >= 5 ? 5 : room >= 2 ? 2 : 1)
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

  /// The same lying, below the maps: the numbers and the label under it.
  ///
  /// - Parameter length: how long the bar should be; it is long enough for three numbers at least.
  static func level(
    range: ClosedRange<Double>, colorMap: ColorMap, label: String, length wanted: Double, style: FigureStyle,
    measurer: some TextMeasuring
  ) -> ColorBar {
    let tickSize = style.sizes.tick
    let length = max(wanted, tickSize * 9)
    let thickness = style.sizes.label * 0.8
    let steps = 256
    let pixels = (0..<steps).flatMap { colorMap.color(at: Double($0) / Double(steps - 1)).bytes }
    let frame = Rectangle(x: 0, y: 0, width: length, height: thickness)
    var nodes: [SceneNode] = [
      .image(ImageShape(frame: frame, columns: steps, rows: 1, pixels: pixels)),
      .rectangle(RectangleShape(frame: frame, stroke: Stroke(color: style.colors.ink, width: style.lines.grid))),
    ]
    let ticks = Ticks(in: range, count: max(2, min(5, Int(saturating: length / (tickSize * 3.5)))))
    let span = range.upperBound - range.lowerBound
    var elements: [PathShape.Element] = []
    let numbers = thickness + style.lines.tickLength + tickSize
    for (value, text) in zip(ticks.values, ticks.labels) {
      let x = length * (value - range.lowerBound) / span
      elements += [.move(Point(x, thickness)), .line(Point(x, thickness + style.lines.tickLength))]
      nodes.append(
        .text(TextRun(text, at: Point(x, numbers), size: tickSize, alignment: .middle, color: style.colors.ink)))
    }
    nodes.append(.path(PathShape(elements: elements, stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
    let lines = measurer.wrapped(label, toWidth: length * 1.2, size: style.sizes.label, most: 3)
    for (row, text) in lines.enumerated() {
      nodes.append(
        .text(
          TextRun(
            text, at: Point(length / 2, numbers + style.sizes.label * (1.3 + 1.2 * Double(row))),
            size: style.sizes.label,
            alignment: .middle, color: style.colors.ink, fullText: text.contains("…") ? label : nil)))
    }
    return ColorBar(
      nodes: nodes, width: length, height: numbers + style.sizes.label * (0.4 + 1.2 * Double(lines.count)))
  }

  private init(nodes: [SceneNode], width: Double, height: Double) {
    self.nodes = nodes
    self.width = width
    self.height = height
  }
}
