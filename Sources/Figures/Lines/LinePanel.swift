/// The axes, bands, curves and labels of one panel; the upper left corner of the plot is the origin.
struct LinePanel {
  let nodes: [SceneNode]
  /// Room the labels take below the plot.
  let bottom: Double

  init(
    panel: LineFigure.Panel, size: Size, vertical: ClosedRange<Double>, ticks: Ticks, writesTicks: Bool,
    reference: Double?, style: FigureStyle, measurer: some TextMeasuring
  ) {
    let ink = style.colors.ink
    let span = vertical.upperBound - vertical.lowerBound
    func height(_ value: Double) -> Double { size.height * (1 - (value - vertical.lowerBound) / span) }
    let count = panel.labels.count
    let inset = min(style.lines.marker * 1.5, size.width / 4)
    // Places that stand for themselves begin behind a gap of one place more.
    let joined = count - panel.detachedCount
    let hasGap = joined > 0 && joined < count
    let spans = Double(count - 1) + (hasGap ? 1 : 0)
    func place(_ index: Int) -> Double {
      guard count > 1 else { return size.width / 2 }
      return inset + (size.width - 2 * inset) * (Double(index) + (hasGap && index >= joined ? 1 : 0)) / spans
    }

    var nodes: [SceneNode] = []
    // Grid and frame.
    var grid: [PathShape.Element] = []
    for value in ticks.values { grid += [.move(Point(0, height(value))), .line(Point(size.width, height(value)))] }
    nodes.append(.path(PathShape(elements: grid, stroke: Stroke(color: style.colors.grid, width: style.lines.grid))))
    if vertical.lowerBound < 0, vertical.upperBound > 0, reference != 0 {
      nodes.append(
        .path(
          .polyline(
            [Point(0, height(0)), Point(size.width, height(0))],
            stroke: Stroke(color: style.colors.muted, width: style.lines.axis))))
    }
    if let reference {
      nodes.append(
        .path(
          .polyline(
            [Point(0, height(reference)), Point(size.width, height(reference))],
            stroke: Stroke(color: ink, width: style.lines.axis * 1.6))))
    }
    var marks: [PathShape.Element] = [
      .move(Point(0, 0)), .line(Point(0, size.height)), .line(Point(size.width, size.height)),
    ]
    // On a low plot some ticks go without their number.
    var next = Double.infinity
    if writesTicks {
      for (value, text) in zip(ticks.values, ticks.labels) {
        marks += [.move(Point(-style.lines.tickLength, height(value))), .line(Point(0, height(value)))]
        guard height(value) <= next else { continue }
        next = height(value) - style.sizes.tick * 1.15
        nodes.append(
          .text(
            TextRun(
              text, at: Point(-style.lines.tickLength - style.sizes.tick * 0.3, height(value)), size: style.sizes.tick,
              alignment: .end, baseline: .middle, color: ink)))
      }
    }

    nodes.append(.path(PathShape(elements: marks, stroke: Stroke(color: ink, width: style.lines.axis))))
    let labels = CategoryLabels(
      panel.labels, centers: (0..<count).map(place),
      spacing: count == 1 ? size.width : (size.width - 2 * inset) / spans, size: size, style: style,
      measurer: measurer)
    nodes += labels.nodes
    bottom = labels.reach

    for (index, series) in panel.series.enumerated() {
      let color = style.colors.categories[index % style.colors.categories.count]
      nodes += Self.band(series, joined: joined, color: color, place: place, height: height, style: style)
    }
    let turns = CurveTurn.of(
      panel.series.map { series in
        series.values.enumerated().map { index, value in
          value.flatMap { $0.isFinite ? Point(place(index), height($0)) : nil }
        }
      }, style: style)
    for (index, series) in panel.series.enumerated() {
      nodes += Self.curve(
        series, joined: joined, index: index, turn: turns[index], place: place, height: height, reference: reference,
        style: style)
    }
    self.nodes = nodes
  }

  /// Runs of neighbouring indices that satisfy `present`; those from `joined` on are runs of their own.
  static func runs(_ count: Int, joined: Int, where present: (Int) -> Bool) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for index in 0..<count where present(index) {
      if index < joined, let last = runs.last, last.upperBound == index - 1 {
        runs[runs.count - 1] = last.lowerBound...index
      } else {
        runs.append(index...index)
      }
    }
    return runs
  }

  /// The interval as a shaded band; as an upright line where a point stands alone.
  private static func band(
    _ series: LineFigure.Series, joined: Int, color: Color, place: (Int) -> Double, height: (Double) -> Double,
    style: FigureStyle
  ) -> [SceneNode] {
    func ends(_ index: Int) -> (low: Double, high: Double)? {
      guard let low = series.low[index], let high = series.high[index], low.isFinite, high.isFinite else { return nil }
      return (low, high)
    }
    return runs(series.values.count, joined: joined) { ends($0) != nil }.map { run in
      let upper = run.compactMap { index in ends(index).map { Point(place(index), height($0.high)) } }
      let lower = run.compactMap { index in ends(index).map { Point(place(index), height($0.low)) } }
      if run.count == 1 {
        return .path(.polyline(upper + lower, stroke: Stroke(color: color, width: style.lines.curve * 0.8)))
      }
      return .path(.polygon(upper + lower.reversed(), fill: color.opacity(0.22)))
    }
  }

  private static func curve(
    _ series: LineFigure.Series, joined: Int, index: Int, turn: CurveTurn, place: (Int) -> Double,
    height: (Double) -> Double,
    reference: Double?, style: FigureStyle
  ) -> [SceneNode] {
    func isApart(_ index: Int) -> Bool {
      guard let reference, let low = series.low[index], let high = series.high[index] else { return true }
      return !(low...max(low, high)).contains(reference)
    }
    func point(_ index: Int) -> Point? {
      guard let value = series.values[index], value.isFinite else { return nil }
      return Point(place(index), height(value))
    }
    let color = style.colors.categories[index % style.colors.categories.count]
    var nodes: [SceneNode] = []
    var markers: [PathShape.Element] = []
    var hollow: [PathShape.Element] = []
    for run in runs(series.values.count, joined: joined, where: { point($0) != nil }) {
      let points = run.compactMap(point)
      if points.count > 1 {
        nodes.append(
          .path(
            .polyline(
              points,
              stroke: Stroke(color: color, width: style.lines.curve, dash: turn.dash ?? Marker.dash(index, style)))))
      }
      for place in run where turn.showsMarker(place) {
        guard let point = point(place) else { continue }
        let marker = Marker.elements(index, at: point, radius: style.lines.marker / 2)
        if isApart(place) { markers += marker } else { hollow += marker }
      }
    }
    if !hollow.isEmpty {
      nodes.append(
        .path(
          PathShape(
            elements: hollow, fill: style.colors.background,
            stroke: Stroke(color: color, width: style.lines.curve * 0.7))))
    }
    if !markers.isEmpty { nodes.append(.path(PathShape(elements: markers, fill: color))) }
    return nodes
  }

  /// What full and hollow points mean where intervals are read against a value.
  static func referenceEntries(_ reference: Double, style: FigureStyle) -> [Legend.Entry] {
    let value = Numbers.fixed(reference, digits: reference == reference.rounded() ? 0 : 2)
    return [(true, "interval leaves out \(value)"), (false, "interval holds \(value)")].map { isApart, text in
      Legend.Entry(text: text) { box in
        let elements = Marker.elements(0, at: Point(box.width / 2, box.height / 2), radius: style.lines.marker / 2)
        let ink = style.colors.ink
        return [
          .path(
            isApart
              ? PathShape(elements: elements, fill: ink)
              : PathShape(
                elements: elements, fill: style.colors.background,
                stroke: Stroke(color: ink, width: style.lines.curve * 0.7)))
        ]
      }
    }
  }

  /// The sample of a series in a legend.
  static func sample(_ index: Int, hasBand: Bool, in box: Size, style: FigureStyle) -> [SceneNode] {
    let color = style.colors.categories[index % style.colors.categories.count]
    let y = box.height / 2
    let band = SceneNode.rectangle(
      RectangleShape(
        frame: Rectangle(x: 0, y: y - box.height * 0.32, width: box.width, height: box.height * 0.64),
        fill: color.opacity(0.22)))
    return (hasBand ? [band] : []) + [
      .path(
        .polyline(
          [Point(0, y), Point(box.width, y)],
          stroke: Stroke(color: color, width: style.lines.curve, dash: Marker.dash(index, style)))),
      .path(
        PathShape(
          elements: Marker.elements(index, at: Point(box.width / 2, y), radius: style.lines.marker / 2), fill: color)),
    ]
  }
}
