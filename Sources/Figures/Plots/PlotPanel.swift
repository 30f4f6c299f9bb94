/// One panel of a plot; the upper left corner of the plot is the origin.
struct PlotPanel {
  let figure: PlotFigure
  let panel: PlotFigure.Panel
  let horizontal: NumericAxis
  let vertical: NumericAxis
  let size: Size
  let style: FigureStyle

  /// Points at the ends of the axis stand beside the plot's edges, not on them.
  private var inset: Double { min(style.lines.marker * 1.5, size.width / 4) }

  func content(isWritten: Bool, measurer: some TextMeasuring) -> AxesGrid.Content {
    let left = vertical.leftEdge(size: size, isWritten: isWritten, style: style)
    let lower = horizontal.lowerEdge(size: size, inset: inset, style: style, measurer: measurer)
    var nodes = AxesGrid.gridLines(left.grid + lower.grid, style: style)
    nodes += [AxesGrid.axes(size: size, style: style)] + left.nodes + lower.nodes
    if vertical.scale == .linear, vertical.range.lowerBound < 0, let zero = height(0) {
      nodes.append(line(at: zero, color: style.colors.muted, dash: []))
    }
    for level in figure.levels {
      if let y = height(level) {
        nodes.append(line(at: y, color: style.colors.muted, dash: [style.lines.curve * 2.5, style.lines.curve * 2]))
      }
    }
    var curves: [SceneNode] = []
    let turns = CurveTurn.of(
      panel.series.map { series in series.x.indices.map { point(series, $0) } }, style: style)
    var layer = MarkerLayer(radius: style.lines.marker / 2 * (figure.mark == .points ? 1.15 : 1), style: style)
    for (index, series) in panel.series.enumerated() {
      nodes += bands(series, index: index)
      curves += marks(series, index: index, turn: turns[index], on: &layer)
    }
    let frame = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
    nodes.append(.group(SceneGroup(curves, clip: frame.outset(style.lines.marker))))
    nodes += pointLabels(measurer)
    let type = style.sizes.label
    let numbers = style.lines.tickLength + style.sizes.tick * 1.5
    let lines = measurer.wrapped(figure.horizontal.label, toWidth: size.width, size: type, most: 3)
    for (row, line) in lines.enumerated() {
      nodes.append(
        .text(
          TextRun(
            line, at: Point(size.width / 2, size.height + numbers + type * (1 + 1.2 * Double(row))), size: type,
            alignment: .middle, color: style.colors.ink, fullText: line.contains("…") ? figure.horizontal.label : nil)))
    }
    return AxesGrid.Content(nodes: nodes, bottom: numbers + type * (0.1 + 1.2 * Double(max(1, lines.count))))
  }

  private func height(_ value: Double?) -> Double? { vertical.fraction(value).map { size.height * (1 - $0) } }

  private func place(_ value: Double?) -> Double? {
    horizontal.fraction(value).map { inset + (size.width - 2 * inset) * $0 }
  }

  private func point(_ series: PlotFigure.Series, _ index: Int) -> Point? {
    guard let x = place(series.x[index]), let y = height(series.y[index]) else { return nil }
    return Point(x, y)
  }

  private func line(at y: Double, color: Color, dash: [Double]) -> SceneNode {
    .path(
      .polyline([Point(0, y), Point(size.width, y)], stroke: Stroke(color: color, width: style.lines.axis, dash: dash)))
  }

  /// The interval: a shaded band along a line, whiskers at points.
  private func bands(_ series: PlotFigure.Series, index: Int) -> [SceneNode] {
    let color = look(series, index).color(style)
    func ends(_ index: Int) -> (x: Double, low: Double, high: Double)? {
      guard let x = place(series.x[index]), let low = height(series.low[index]), let high = height(series.high[index])
      else { return nil }
      return (x, low, high)
    }
    if figure.mark == .points {
      let whiskers = series.x.indices.compactMap(ends).flatMap {
        Marker.whisker(x: $0.x, from: $0.low, to: $0.high, cap: 0)
      }
      guard !whiskers.isEmpty else { return [] }
      return [.path(PathShape(elements: whiskers, stroke: Stroke(color: color, width: style.lines.axis)))]
    }
    return LinePanel.runs(series.x.count, joined: series.x.count) { ends($0) != nil }.map { run in
      let places = run.compactMap(ends)
      let upper = places.map { Point($0.x, $0.high) }
      let lower = places.map { Point($0.x, $0.low) }
      // A band of no width would not be seen.
      if let x = places.first?.x, Self.reach(places.map { Point($0.x, 0) }) < style.lines.curve,
        let top = places.map(\.high).min(), let bottom = places.map(\.low).max()
      {
        return .path(
          .polyline([Point(x, top), Point(x, bottom)], stroke: Stroke(color: color, width: style.lines.curve * 0.8)))
      }
      return .path(.polygon(upper + lower.reversed(), fill: color.opacity(0.22)))
    }
  }

  /// How far the points lie from the first of them at most, along either axis.
  private static func reach(_ points: [Point]) -> Double {
    guard let first = points.first else { return 0 }
    return points.map { max(($0.x - first.x).magnitude, ($0.y - first.y).magnitude) }.max() ?? 0
  }

  private func marks(
    _ series: PlotFigure.Series, index: Int, turn: CurveTurn, on layer: inout MarkerLayer
  ) -> [SceneNode] {
    let look = look(series, index)
    let color = look.color(style)
    let dash = look.line == 0 ? turn.dash ?? [] : look.dash(style)
    var nodes: [SceneNode] = []
    var dots: [(place: Int, point: Point)] = []
    for run in LinePanel.runs(series.x.count, joined: series.x.count, where: { point(series, $0) != nil }) {
      let points = run.compactMap { place in point(series, place).map { (place, $0) } }
      let isLine = Self.reach(points.map(\.1)) >= style.lines.curve
      if figure.mark != .points, isLine {
        nodes.append(
          .path(
            .polyline(
              points.map(\.1),
              stroke: Stroke(color: color, width: style.lines.curve, dash: dash))))
      }
      // A point between two gaps would not be seen as a line.
      if figure.mark != .line || !isLine {
        dots += points.filter { !isLine || turn.showsMarker($0.0) }.map { (place: $0.0, point: $0.1) }
      }
    }
    if series.labels.isEmpty {
      nodes += layer.nodes(look, at: dots.map(\.point))
    } else {
      for dot in dots {
        let shapes = layer.nodes(look, at: [dot.point])
        nodes.append(.group(SceneGroup(shapes, title: "\(series.name): \(series.labels[dot.place])")))
      }
    }
    return nodes
  }

  /// Names beside points, each where it covers neither a point nor another name; those without such a place are left out.
  private func pointLabels(_ measurer: some TextMeasuring) -> [SceneNode] {
    let type = style.sizes.annotation
    let radius = style.lines.marker / 2
    var taken: [Rectangle] = []
    for series in panel.series where !series.labels.isEmpty {
      for place in series.x.indices {
        guard let point = point(series, place) else { continue }
        taken.append(Rectangle(x: point.x, y: point.y, width: 0, height: 0).outset(radius))
        if let low = height(series.low[place]), let high = height(series.high[place]) {
          taken.append(Rectangle(x: point.x - 0.3, y: high, width: 0.6, height: low - high))
        }
      }
    }
    // Lines across the plot would strike names through.
    for level in figure.levels {
      if let y = height(level) { taken.append(Rectangle(x: 0, y: y - 0.3, width: size.width, height: 0.6)) }
    }
    // Clear of the axes.
    let frame = Rectangle(x: 0, y: 0, width: size.width, height: size.height).outset(-style.lines.axis * 2)
    var nodes: [SceneNode] = []
    for series in panel.series where !series.labels.isEmpty {
      for (place, label) in series.labels.enumerated() where !label.isEmpty {
        guard let point = point(series, place) else { continue }
        let text = measurer.elided(label, toWidth: size.width * 0.35, size: type)
        let far = radius + type * 0.35
        let candidates: [(Double, Double, TextRun.Alignment)] = [
          (far, 0, .start), (-far, 0, .end), (0, -far - type * 0.3, .middle), (0, far + type * 0.35, .middle),
        ]
        for (dx, dy, alignment) in candidates {
          let run = TextRun(
            text, at: Point(point.x + dx, point.y + dy), size: type, alignment: alignment, baseline: .middle,
            color: style.colors.ink, fullText: text == label ? nil : label)
          let bounds = run.bounds(measurer.extent(of: run))
          guard frame.contains(bounds), !taken.contains(where: { $0.overlaps(bounds) }) else { continue }
          taken.append(bounds)
          nodes.append(.text(run))
          break
        }
      }
    }
    return nodes
  }

  private func look(_ series: PlotFigure.Series, _ index: Int) -> SeriesLook { series.look ?? .ordered(index, style) }

  /// The sample of a series in a legend.
  static func sample(_ look: SeriesLook, mark: PlotFigure.Mark, in box: Size, style: FigureStyle) -> [SceneNode] {
    guard mark == .line else { return Marker.sample(look, hasLine: mark != .points, in: box, style: style) }
    let y = box.height / 2
    return [
      .path(
        .polyline(
          [Point(0, y), Point(box.width, y)],
          stroke: Stroke(color: look.color(style), width: style.lines.curve, dash: look.dash(style))))
    ]
  }
}
