import Formats

/// One dial of a polar figure, its middle at the origin: the ring of hues, circles and spokes, bands and curves.
struct PolarDial {
  let panel: PolarFigure.Panel
  let axis: NumericAxis
  let radius: Double
  let style: FigureStyle

  /// How far the ring and the names of the spokes reach above and below the middle.
  static func reach(radius: Double, style: FigureStyle) -> Double {
    let ring = radius + style.lines.tickLength + style.sizes.tick * 0.6
    let (sine, _) = Elementary.direction(degrees: 60)
    return max(ring, sine * (radius + style.lines.tickLength + style.sizes.tick * 1.45) + style.sizes.tick * 0.5)
  }

  /// - Parameter numberAngle: the direction in which the numbers of the circles stand.
  func nodes(numberAngle: Double, _ measurer: some TextMeasuring) -> [SceneNode] {
    let turns = CurveTurn.of(
      panel.series.map { series in
        series.angles.indices.map { place in distance(series.values[place]).map { point(series.angles[place], $0) } }
      }, style: style)
    return hueRing() + web(measurer) + panel.series.enumerated().flatMap { band($0.element, index: $0.offset) }
      + panel.series.enumerated().flatMap { curve($0.element, index: $0.offset, turn: turns[$0.offset]) }
      + numbers(at: numberAngle, measurer)
  }

  /// 0° at the right, as hue circles are drawn, angles against the clock.
  private func point(_ degrees: Double, _ distance: Double) -> Point {
    let (sine, cosine) = Elementary.direction(degrees: degrees)
    return Point(distance * cosine, -distance * sine)
  }

  private func distance(_ value: Double?) -> Double? { axis.fraction(value).map { max(0, $0) * radius } }

  /// The hues themselves, around the dial.
  private func hueRing() -> [SceneNode] {
    let inner = radius + style.lines.tickLength
    let outer = inner + style.sizes.tick * 0.6
    return stride(from: 0.0, to: 360, by: 5).map { start in
      // Each piece reaches a little under the next, so that no seam shines through.
      let angles = [start - 2.5, start, start + 2.5 + (start < 355 ? 0.5 : 0)]
      return .path(
        .polygon(
          angles.map { point($0, outer) } + angles.reversed().map { point($0, inner) }, fill: Self.hue(start)))
    }
  }

  private func web(_ measurer: some TextMeasuring) -> [SceneNode] {
    var elements: [PathShape.Element] = []
    for tick in axis.ticks {
      if let distance = distance(tick.value), distance > 0 {
        elements += PathShape.circle(Point(0, 0), radius: distance)
      }
    }
    var nodes: [SceneNode] = []
    let size = style.sizes.tick
    for angle in stride(from: 0.0, to: 360, by: 60) {
      elements += [.move(Point(0, 0)), .line(point(angle, radius))]
      let text = Numbers.fixed(angle, digits: 0) + "°"
      let (sine, cosine) = Elementary.direction(degrees: angle)
      let width = measurer.width(of: text, size: size)
      let far = radius + style.lines.tickLength + size * 1.0
      nodes.append(
        .text(
          TextRun(
            text, at: Point(cosine * (far + width / 2), -sine * (far + size * 0.45)), size: size, alignment: .middle,
            baseline: .middle, color: style.colors.ink)))
    }
    nodes.insert(
      .path(PathShape(elements: elements, stroke: Stroke(color: style.colors.grid, width: style.lines.grid))), at: 0)
    nodes.append(
      .path(
        PathShape(
          elements: PathShape.circle(Point(0, 0), radius: radius),
          stroke: Stroke(color: style.colors.ink, width: style.lines.axis))))
    return nodes
  }

  /// Where the numbers of the circles may stand: halfway between spokes.
  static let numberAngles = [90.0, 30, 150, 210, 330, 270]

  /// The numbers of the circles in a direction, and the ground of each, just within their circles.
  private func placedNumbers(at angle: Double, _ measurer: some TextMeasuring) -> [(run: TextRun, ground: Rectangle)] {
    let size = style.sizes.annotation
    let (sine, cosine) = Elementary.direction(degrees: angle)
    var placed: [(run: TextRun, ground: Rectangle)] = []
    // From the rim inwards; those that would touch are left out.
    for tick in axis.ticks.reversed() where tick.value > 0 {
      guard let distance = distance(tick.value) else { continue }
      var run = TextRun(
        spans: tick.spans, at: Point(0, 0), size: size, alignment: .middle, baseline: .middle, color: style.colors.ink)
      let width = measurer.extent(of: run).width
      let inwards = cosine.magnitude * width / 2 + sine.magnitude * size * 0.5 + size * 0.2
      guard distance > inwards + size * 0.7 else { continue }
      run.position = point(angle, distance - inwards)
      let ground = Rectangle(
        x: run.position.x - width / 2 - 0.5, y: run.position.y - size * 0.5, width: width + 1, height: size)
      guard !placed.contains(where: { $0.ground.outset(size * 0.15).overlaps(ground.outset(size * 0.15)) }) else {
        continue
      }
      placed.append((run, ground))
    }
    return placed
  }

  /// Over the curves on a ground of their own.
  private func numbers(at angle: Double, _ measurer: some TextMeasuring) -> [SceneNode] {
    placedNumbers(at: angle, measurer).flatMap { run, ground -> [SceneNode] in
      [.rectangle(RectangleShape(frame: ground, fill: style.colors.background.opacity(0.75))), .text(run)]
    }
  }

  /// How much of the curves the numbers in a direction would cover, in points; numbers that find no room count too.
  func covered(byNumbersAt angle: Double, _ measurer: some TextMeasuring) -> Double {
    let placed = placedNumbers(at: angle, measurer)
    let grounds = placed.map { $0.ground.outset(style.lines.curve / 2) }
    let named = axis.ticks.count { $0.value > 0 }
    // Two numbers make a scale; every further one is welcome.
    let lacking = Double(max(0, min(named, 2) - placed.count))
    var covered = (lacking * 5 + Double(named - placed.count) * 0.5) * style.sizes.annotation
    for series in panel.series where !series.angles.isEmpty {
      for run in runs(series.angles.count, where: { distance(series.values[$0]) != nil }) {
        var points = run.places.compactMap { place in
          distance(series.values[place]).map { point(series.angles[place], $0) }
        }
        // A hidden marker is worse than a hidden piece of a line.
        let marks = placed.map { $0.ground.outset(style.lines.marker / 2) }
        covered +=
          Double(
            points.count { point in
              marks.contains { $0.contains(Rectangle(x: point.x, y: point.y, width: 0, height: 0)) }
            }) * style.lines.marker * 2
        if run.isClosed { points += points.prefix(1) }
        for (start, end) in zip(points, points.dropFirst()) {
          let (dx, dy) = (end.x - start.x, end.y - start.y)
          let length = (dx * dx + dy * dy).squareRoot()
          let steps = min(10_000, max(1, Int(saturating: length)))
          let inside = (0..<steps).count { step in
            let share = (Double(step) + 0.5) / Double(steps)
            let place = Rectangle(x: start.x + dx * share, y: start.y + dy * share, width: 0, height: 0)
            return grounds.contains { $0.contains(place) }
          }
          covered += length * Double(inside) / Double(steps)
        }
      }
    }
    return covered
  }

  /// Runs of neighbouring places that satisfy `present`, going on behind the last at the first.
  private func runs(_ count: Int, where present: (Int) -> Bool) -> [(places: [Int], isClosed: Bool)] {
    guard let gap = (0..<count).first(where: { !present($0) }) else { return [(Array(0..<count), true)] }
    var runs: [(places: [Int], isClosed: Bool)] = []
    var current: [Int] = []
    for step in 1...count {
      let place = (gap + step) % count
      if present(place) {
        current.append(place)
      } else if !current.isEmpty {
        runs.append((current, false))
        current = []
      }
    }
    return runs
  }

  private func band(_ series: PolarFigure.Series, index: Int) -> [SceneNode] {
    guard !series.angles.isEmpty else { return [] }
    return runs(series.angles.count) { distance(series.low[$0]) != nil && distance(series.high[$0]) != nil }
      .filter { $0.places.count > 1 }.map { run in
        func edge(_ ends: [Double?]) -> [Point] {
          let points = run.places.compactMap { place in distance(ends[place]).map { point(series.angles[place], $0) } }
          return run.isClosed ? points + points.prefix(1) : points
        }
        return .path(
          .polygon(edge(series.high) + edge(series.low).reversed(), fill: Marker.color(index, style).opacity(0.22)))
      }
  }

  private func curve(_ series: PolarFigure.Series, index: Int, turn: CurveTurn) -> [SceneNode] {
    guard !series.angles.isEmpty else { return [] }
    let color = Marker.color(index, style)
    var nodes: [SceneNode] = []
    var markers: [PathShape.Element] = []
    for run in runs(series.angles.count, where: { distance(series.values[$0]) != nil }) {
      let points = run.places.compactMap { place in
        distance(series.values[place]).map { point(series.angles[place], $0) }
      }
      if points.count > 1 {
        var line = PathShape.polyline(
          points, stroke: Stroke(color: color, width: style.lines.curve, dash: turn.dash ?? Marker.dash(index, style)))
        if run.isClosed { line.elements.append(.close) }
        nodes.append(.path(line))
      }
      if points.count <= 36 {
        for (place, point) in zip(run.places, points) where turn.showsMarker(place) {
          markers += Marker.elements(index, at: point, radius: style.lines.marker / 2)
        }
      }
    }
    if !markers.isEmpty { nodes.append(.path(PathShape(elements: markers, fill: color))) }
    return nodes
  }

  /// The pure colour of a hue in degrees, as HSV has it.
  private static func hue(_ degrees: Double) -> Color {
    func channel(_ shift: Double) -> Double {
      var k = (shift + degrees / 60).truncatingRemainder(dividingBy: 6)
      if k < 0 { k += 6 }
      return 1 - max(0, min(k, 4 - k, 1))
    }
    return Color(red: channel(5), green: channel(3), blue: channel(1))
  }
}
