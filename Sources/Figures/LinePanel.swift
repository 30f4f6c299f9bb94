/// The axes, bands, curves and labels of one panel; the upper left corner of the plot is the origin.
struct LinePanel {
  let nodes: [SceneNode]
  /// Room the labels take below the plot.
  let bottom: Double

  init(
    panel: LineFigure.Panel, size: Size, vertical: ClosedRange<Double>, ticks: Ticks, writesTicks: Bool,
    style: FigureStyle, measurer: some TextMeasuring
  ) {
    let ink = style.colors.ink
    let span = vertical.upperBound - vertical.lowerBound
    func height(_ value: Double) -> Double { size.height * (1 - (value - vertical.lowerBound) / span) }
    let count = panel.labels.count
    let inset = min(style.lines.marker * 1.5, size.width / 4)
    func place(_ index: Int) -> Double {
      count == 1 ? size.width / 2 : inset + (size.width - 2 * inset) * Double(index) / Double(count - 1)
    }

    var nodes: [SceneNode] = []
    let title = measurer.elided(panel.title, toWidth: size.width, size: style.sizes.title, weight: .bold)
    nodes.append(
      .text(
        TextRun(
          title, at: Point(0, -style.sizes.title * 0.5), size: style.sizes.title, weight: .bold, color: ink,
          fullText: title == panel.title ? nil : panel.title)))

    // Grid and frame.
    var grid: [PathShape.Element] = []
    for value in ticks.values { grid += [.move(Point(0, height(value))), .line(Point(size.width, height(value)))] }
    nodes.append(.path(PathShape(elements: grid, stroke: Stroke(color: style.colors.grid, width: style.lines.grid))))
    if vertical.lowerBound < 0, vertical.upperBound > 0 {
      nodes.append(
        .path(
          .polyline(
            [Point(0, height(0)), Point(size.width, height(0))],
            stroke: Stroke(color: style.colors.muted, width: style.lines.axis))))
    }
    var marks: [PathShape.Element] = [
      .move(Point(0, 0)), .line(Point(0, size.height)), .line(Point(size.width, size.height)),
    ]
    if writesTicks {
      for (value, text) in zip(ticks.values, ticks.labels) {
        marks += [.move(Point(-style.lines.tickLength, height(value))), .line(Point(0, height(value)))]
        nodes.append(
          .text(
            TextRun(
              text, at: Point(-style.lines.tickLength - style.sizes.tick * 0.3, height(value)), size: style.sizes.tick,
              alignment: .end, baseline: .middle, color: ink)))
      }
    }

    // Names of the places, upright below the axis.
    let labelSize = style.sizes.tick
    let away = style.lines.tickLength + labelSize * 0.3
    var reach = 0.0
    let written = LabelThinning.select(
      labels: panel.labels, blockStarts: [0], centers: (0..<count).map(place), room: labelSize * 1.12)
    for index in written {
      let label = panel.labels[index]
      let text = measurer.elided(label, toWidth: max(size.height * 0.7, labelSize * 9), size: labelSize)
      marks += [
        .move(Point(place(index), size.height)), .line(Point(place(index), size.height + style.lines.tickLength)),
      ]
      nodes.append(
        .text(
          TextRun(
            text, at: Point(place(index), size.height + away), size: labelSize, alignment: .end, baseline: .middle,
            direction: .upwards, color: ink, fullText: text == label ? nil : label)))
      reach = max(reach, away + measurer.width(of: text, size: labelSize))
    }
    nodes.append(.path(PathShape(elements: marks, stroke: Stroke(color: ink, width: style.lines.axis))))
    bottom = reach

    for (index, series) in panel.series.enumerated() {
      let color = style.colors.categories[index % style.colors.categories.count]
      nodes += Self.band(series, color: color, place: place, height: height, style: style)
    }
    for (index, series) in panel.series.enumerated() {
      nodes += Self.curve(series, index: index, place: place, height: height, style: style)
    }
    self.nodes = nodes
  }

  /// Runs of neighbouring indices that satisfy `present`.
  private static func runs(_ count: Int, where present: (Int) -> Bool) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for index in 0..<count where present(index) {
      if let last = runs.last, last.upperBound == index - 1 {
        runs[runs.count - 1] = last.lowerBound...index
      } else {
        runs.append(index...index)
      }
    }
    return runs
  }

  /// The interval as a shaded band; as an upright line where a point stands alone.
  private static func band(
    _ series: LineFigure.Series, color: Color, place: (Int) -> Double, height: (Double) -> Double, style: FigureStyle
  ) -> [SceneNode] {
    func ends(_ index: Int) -> (low: Double, high: Double)? {
      guard let low = series.low[index], let high = series.high[index], low.isFinite, high.isFinite else { return nil }
      return (low, high)
    }
    return runs(series.values.count) { ends($0) != nil }.map { run in
      let upper = run.compactMap { index in ends(index).map { Point(place(index), height($0.high)) } }
      let lower = run.compactMap { index in ends(index).map { Point(place(index), height($0.low)) } }
      if run.count == 1 {
        return .path(.polyline(upper + lower, stroke: Stroke(color: color, width: style.lines.curve * 0.8)))
      }
      return .path(.polygon(upper + lower.reversed(), fill: color.opacity(0.22)))
    }
  }

  private static func curve(
    _ series: LineFigure.Series, index: Int, place: (Int) -> Double, height: (Double) -> Double, style: FigureStyle
  ) -> [SceneNode] {
    func point(_ index: Int) -> Point? {
      guard let value = series.values[index], value.isFinite else { return nil }
      return Point(place(index), height(value))
    }
    let color = style.colors.categories[index % style.colors.categories.count]
    var nodes: [SceneNode] = []
    var markers: [PathShape.Element] = []
    for run in runs(series.values.count, where: { point($0) != nil }) {
      let points = run.compactMap(point)
      if points.count > 1 {
        nodes.append(.path(.polyline(points, stroke: Stroke(color: color, width: style.lines.curve))))
      }
      for point in points { markers += marker(index, at: point, radius: style.lines.marker / 2) }
    }
    if !markers.isEmpty { nodes.append(.path(PathShape(elements: markers, fill: color))) }
    return nodes
  }

  /// Circle, square, triangle, diamond: series differ in more than colour.
  private static func marker(_ index: Int, at center: Point, radius: Double) -> [PathShape.Element] {
    func closed(_ offsets: [(Double, Double)]) -> [PathShape.Element] {
      offsets.enumerated().map { place, offset in
        let point = Point(center.x + offset.0 * radius, center.y + offset.1 * radius)
        return place == 0 ? .move(point) : .line(point)
      } + [.close]
    }
    return switch index % 4 {
    case 0: HeatMapPanel.dot(center, radius: radius)
    case 1: closed([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
    case 2: closed([(0, -1.2), (1.1, 0.8), (-1.1, 0.8)])
    default: closed([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)])
    }
  }

  /// The sample of a series in a legend.
  static func sample(_ index: Int, in box: Size, style: FigureStyle) -> [SceneNode] {
    let color = style.colors.categories[index % style.colors.categories.count]
    let y = box.height / 2
    return [
      .rectangle(
        RectangleShape(
          frame: Rectangle(x: 0, y: y - box.height * 0.32, width: box.width, height: box.height * 0.64),
          fill: color.opacity(0.22))),
      .path(.polyline([Point(0, y), Point(box.width, y)], stroke: Stroke(color: color, width: style.lines.curve))),
      .path(
        PathShape(elements: marker(index, at: Point(box.width / 2, y), radius: style.lines.marker / 2), fill: color)),
    ]
  }
}
