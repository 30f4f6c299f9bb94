/// The axes, intervals, curves and labels of one panel; the upper left corner of the plot is the origin.
struct LinePanel {
  let nodes: [SceneNode]
  /// Room the labels take below the plot.
  let bottom: Double

  private struct Curve {
    let series: LineFigure.Series
    let look: SeriesLook
    let points: [Point?]
    let ends: [(low: Double, high: Double)?]
    let joined: Int
    let turn: CurveTurn
    /// How far it stands beside its place.
    let shift: Double
  }

  init(
    figure: LineFigure, panel: LineFigure.Panel, size: Size, vertical: NumericAxis, writesTicks: Bool,
    style: FigureStyle, measurer: some TextMeasuring
  ) {
    let intervals = figure.intervals ?? .bands
    let axis = LineAxis(
      panel, title: figure.axisTitle, spreads: intervals != .bands, size: size, style: style, measurer: measurer)
    bottom = axis.bottom
    func height(_ value: Double?) -> Double? { vertical.fraction(value).map { size.height * (1 - $0) } }

    let left = vertical.leftEdge(size: size, isWritten: writesTicks, style: style)
    var nodes = AxesGrid.gridLines(left.grid, style: style)
    func across(_ value: Double, _ stroke: Stroke) -> SceneNode? {
      height(value).map { .path(.polyline([Point(0, $0), Point(size.width, $0)], stroke: stroke)) }
    }
    if vertical.scale == .linear, vertical.range.lowerBound < 0, vertical.range.upperBound > 0, figure.reference != 0 {
      nodes += [across(0, Stroke(color: style.colors.muted, width: style.lines.axis))].compactMap { $0 }
    }
    if let reference = figure.reference {
      nodes += [across(reference, Stroke(color: style.colors.ink, width: style.lines.axis * 1.6))].compactMap { $0 }
    }
    nodes += [AxesGrid.axes(size: size, style: style)] + left.nodes + axis.nodes

    // Points of one place stand side by side, so that none hides another.
    let count = panel.series.count
    let drawn = panel.series.map { series -> [Point?] in
      series.values.indices.map { index in height(series.values[index]).map { Point(axis.place(index, of: series), $0) }
      }
    }
    let turns = CurveTurn.of(drawn, style: style)
    let curves = panel.series.enumerated().map { index, series in
      let shift = (Double(index) - Double(count - 1) / 2) * axis.shift
      return Curve(
        series: series, look: series.look ?? .ordered(index, style),
        points: drawn[index].map { $0.map { Point($0.x + shift, $0.y) } },
        ends: zip(series.low, series.high).map { low, high in
          guard let low = height(low), let high = height(high) else { return nil }
          return (low, high)
        }, joined: axis.joined(series), turn: turns[index], shift: shift)
    }
    var marks: [SceneNode] = []
    for curve in curves {
      switch intervals {
      case .bands: marks += Self.bands(curve, axis: axis, style: style)
      case .whiskers: marks += Self.whiskers(curve, axis: axis, style: style)
      case .none: break
      }
    }
    for curve in curves { marks += Self.lines(curve, style: style) }
    var layer = MarkerLayer(radius: style.lines.marker / 2, style: style)
    for curve in curves {
      marks += Self.points(curve, reference: figure.reference, spread: axis.shift > 0, on: &layer)
    }
    if figure.limits == nil {
      nodes += marks
    } else {
      let frame = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
      nodes.append(.group(SceneGroup(marks, clip: frame.outset(style.lines.marker))))
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

  /// Runs of indices between which nothing is passed over.
  private static func runs(_ curve: Curve, where present: (Int) -> Bool) -> [ClosedRange<Int>] {
    runs(curve.points.count, joined: curve.joined, where: present).flatMap { run -> [ClosedRange<Int>] in
      var parts: [ClosedRange<Int>] = []
      var first = run.lowerBound
      for index in run.dropFirst() where curve.series.leaps?[index] == true {
        parts.append(first...index - 1)
        first = index
      }
      return parts + [first...run.upperBound]
    }
  }

  /// The interval as a shaded band; as an upright line where a point stands alone.
  private static func bands(_ curve: Curve, axis: LineAxis, style: FigureStyle) -> [SceneNode] {
    let color = curve.look.color(style)
    return runs(curve) { curve.ends[$0] != nil }.map { run in
      let ends = run.compactMap { index in curve.ends[index].map { (axis.place(index, of: curve.series), $0) } }
      let upper = ends.map { Point($0.0, $0.1.high) }
      let lower = ends.map { Point($0.0, $0.1.low) }
      if run.count == 1 {
        return .path(.polyline(upper + lower, stroke: Stroke(color: color, width: style.lines.curve * 0.8)))
      }
      return .path(.polygon(upper + lower.reversed(), fill: color.opacity(0.22)))
    }
  }

  private static func whiskers(_ curve: Curve, axis: LineAxis, style: FigureStyle) -> [SceneNode] {
    let elements = curve.ends.indices.flatMap { index -> [PathShape.Element] in
      guard let ends = curve.ends[index] else { return [] }
      return Marker.whisker(
        x: axis.place(index, of: curve.series) + curve.shift, from: ends.low, to: ends.high, cap: 0)
    }
    guard !elements.isEmpty else { return [] }
    return [
      .path(
        PathShape(elements: elements, stroke: Stroke(color: curve.look.color(style), width: style.lines.curve * 0.8)))
    ]
  }

  /// Lines between neighbours, and thin ones over what was not measured.
  private static func lines(_ curve: Curve, style: FigureStyle) -> [SceneNode] {
    let color = curve.look.color(style)
    let dash = curve.look.line == 0 ? curve.turn.dash ?? [] : curve.look.dash(style)
    var nodes: [SceneNode] = []
    func line(_ points: [Point], width: Double, color: Color) {
      guard points.count > 1 else { return }
      nodes.append(.path(.polyline(points, stroke: Stroke(color: color, width: width, dash: dash))))
    }
    for run in runs(curve, where: { curve.points[$0] != nil }) {
      if run.lowerBound > 0, run.lowerBound < curve.joined, curve.series.leaps?[run.lowerBound] == true,
        let before = curve.points[run.lowerBound - 1], let first = curve.points[run.lowerBound]
      {
        // Of the full colour: tints of two colours are harder to tell apart than these.
        line([before, first], width: style.lines.curve * 0.45, color: color)
      }
      line(run.compactMap { curve.points[$0] }, width: style.lines.curve, color: color)
    }
    return nodes
  }

  private static func points(
    _ curve: Curve, reference: Double?, spread: Bool, on layer: inout MarkerLayer
  ) -> [SceneNode] {
    func isApart(_ index: Int) -> Bool {
      guard let reference, let low = curve.series.low[index], let high = curve.series.high[index] else { return true }
      return !(low...max(low, high)).contains(reference)
    }
    let shown = curve.points.indices.filter {
      curve.points[$0] != nil && (spread || curve.turn.showsMarker($0))
    }
    func nodes(_ indices: [Int], _ filling: SeriesLook.Filling?) -> [SceneNode] {
      layer.nodes(curve.look, filling: filling, at: indices.compactMap { curve.points[$0] })
    }
    guard reference != nil else { return nodes(shown, nil) }
    return nodes(shown.filter { !isApart($0) }, .hollow) + nodes(shown.filter(isApart), .full)
  }

  /// What full and hollow points mean where intervals are read against a value.
  static func referenceEntries(_ reference: Double, style: FigureStyle) -> [Legend.Entry] {
    let value = Numbers.fixed(reference, digits: reference == reference.rounded() ? 0 : 2)
    return [(SeriesLook.Filling.full, "interval excludes \(value)"), (.hollow, "interval holds \(value)")].map {
      filling, text in
      Legend.Entry(text: text) { box in
        Marker.nodes(
          SeriesLook(color: nil, shape: 0), filling: filling, at: [Point(box.width / 2, box.height / 2)],
          radius: style.lines.marker / 2, style: style)
      }
    }
  }

  /// The sample of a series in a legend.
  static func sample(_ look: SeriesLook, hasBand: Bool, in box: Size, style: FigureStyle) -> [SceneNode] {
    let band = SceneNode.rectangle(
      RectangleShape(
        frame: Rectangle(x: 0, y: box.height * 0.18, width: box.width, height: box.height * 0.64),
        fill: look.color(style).opacity(0.22)))
    return (hasBand ? [band] : []) + Marker.sample(look, hasLine: true, in: box, style: style)
  }
}
