import Formats

/// One panel of distributions; the upper left corner of the plot is the origin.
struct DistributionPanel {
  let figure: DistributionFigure
  let panel: DistributionFigure.Panel
  let axis: NumericAxis
  let size: Size
  let style: FigureStyle

  /// Places along an outline.
  private static let outline = 48

  private var slot: Double { size.width / Double(panel.groups.count) }
  /// Half of what one sample may take.
  private var half: Double {
    min(slot / (Double(panel.series.count) + 0.5) * 0.44, style.sizes.tick * 2.2)
  }

  func content(isWritten: Bool, measurer: some TextMeasuring) -> AxesGrid.Content {
    let left = axis.leftEdge(size: size, isWritten: isWritten, style: style)
    var nodes = AxesGrid.gridLines(left.grid, style: style)
    nodes += [AxesGrid.axes(size: size, style: style)] + left.nodes
    let centers = panel.groups.indices.map { slot * (Double($0) + 0.5) }
    var marks: [SceneNode] = []
    for (place, series) in panel.series.enumerated() {
      let shift = (Double(place) - Double(panel.series.count - 1) / 2) * half * 2.25
      let look = series.look ?? .ordered(place, style)
      for (group, sample) in series.samples.enumerated() {
        guard let sample, !sample.values.isEmpty else { continue }
        let drawn = draw(sample, at: centers[group] + shift, look: look)
        let median = Numbers.fixed(sample.quantile(0.5), digits: 4)
        marks.append(
          .group(
            SceneGroup(
              drawn,
              title: "\(panel.groups[group]), \(series.name): median \(median), n = \(sample.count)")))
      }
    }
    let frame = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
    nodes.append(.group(SceneGroup(marks, clip: frame.outset(style.lines.marker))))
    let labels = CategoryLabels(
      panel.groups, centers: centers, spacing: slot, size: size, style: style, measurer: measurer)
    return AxesGrid.Content(nodes: nodes + labels.nodes, bottom: labels.reach)
  }

  private func height(_ value: Double) -> Double? { axis.fraction(value).map { size.height * (1 - $0) } }

  private func draw(_ sample: DistributionFigure.Sample, at x: Double, look: SeriesLook) -> [SceneNode] {
    let showsPoints =
      figure.shape == .points && sample.isComplete
      || figure.shape == .automatic && sample.count <= DistributionFigure.mostPoints
    let outline = Density(sample).outline(Self.outline)
    let body = violin(sample, outline, x, look, isBehind: showsPoints)
    return body + (showsPoints ? points(sample, outline, x, look) : []) + summary(sample, x)
  }

  /// Every value a point, as far to the side as its density allows: the places of van der Corput's sequence.
  private func points(
    _ sample: DistributionFigure.Sample, _ outline: [Double], _ x: Double, _ look: SeriesLook
  ) -> [SceneNode] {
    let (low, high) = (sample.values.first ?? 0, sample.values.last ?? 0)
    let places = sample.values.enumerated().compactMap { index, value -> Point? in
      guard let y = height(value) else { return nil }
      let step = high > low ? Int(saturating: ((value - low) / (high - low) * Double(Self.outline)).rounded()) : 0
      let reach = outline.indices.contains(step) ? outline[step] : 1
      return Point(x + half * 0.86 * (2 * Self.corput(index + 1) - 1) * reach, y)
    }
    return Marker.nodes(
      SeriesLook(color: look.color, shape: 0, paint: look.paint), at: places, radius: style.lines.marker * 0.15,
      style: style)
  }

  /// Of 1, 2, 3 …: 1/2, 1/4, 3/4, 1/8 …
  static func corput(_ index: Int) -> Double {
    var (rest, share, value) = (index, 0.5, 0.0)
    while rest > 0 {
      if rest % 2 == 1 { value += share }
      rest /= 2
      share /= 2
    }
    return value
  }

  /// The outline of the density between the least and the greatest value.
  private func violin(
    _ sample: DistributionFigure.Sample, _ outline: [Double], _ x: Double, _ look: SeriesLook, isBehind: Bool
  ) -> [SceneNode] {
    guard let low = sample.values.first, let high = sample.values.last, !outline.isEmpty else { return [] }
    let sides = outline.enumerated().compactMap { step, share -> (reach: Double, y: Double)? in
      let value = low + (high - low) * Double(step) / Double(Self.outline)
      return height(value).map { (half * 0.96 * share, $0) }
    }
    let right = sides.map { Point(x + $0.reach, $0.y) }
    let left = sides.reversed().map { Point(x - $0.reach, $0.y) }
    return [Self.shape(right + left, look, style, isBehind: isBehind)]
  }

  private static func shape(
    _ points: [Point], _ look: SeriesLook, _ style: FigureStyle, isBehind: Bool = false
  ) -> SceneNode {
    let color = look.color(style)
    let share =
      switch look.filling {
      case .full: isBehind ? 0.75 : 0.45
      case .hollow: 1.0
      case .tinted: isBehind ? 0.88 : 0.75
      }
    var polygon = PathShape.polygon(points, fill: color.mixed(with: style.colors.background, share: share))
    polygon.stroke = Stroke(color: color, width: style.lines.axis)
    return .path(polygon)
  }

  /// The median across, and a line from the first to the third quartile with its ends.
  private func summary(_ sample: DistributionFigure.Sample, _ x: Double) -> [SceneNode] {
    guard sample.values.count > 1, let median = height(sample.quantile(0.5)), let first = height(sample.quantile(0.25)),
      let third = height(sample.quantile(0.75))
    else {
      return []
    }
    let across = PathShape.polyline(
      [Point(x - half * 0.7, median), Point(x + half * 0.7, median)],
      stroke: Stroke(color: style.colors.ink, width: style.lines.curve))
    let quartiles = PathShape(
      elements: Marker.whisker(x: x, from: first, to: third, cap: half * 0.3),
      stroke: Stroke(color: style.colors.ink, width: style.lines.axis))
    return [.path(quartiles), .path(across)]
  }

  /// The sample of a look in a legend.
  static func sample(_ look: SeriesLook, in box: Size, style: FigureStyle) -> [SceneNode] {
    let middle = Point(box.width / 2, box.height / 2)
    let reach = box.height * 0.45
    return [
      shape(
        [
          Point(middle.x, middle.y - reach), Point(middle.x + reach * 0.7, middle.y),
          Point(middle.x, middle.y + reach), Point(middle.x - reach * 0.7, middle.y),
        ], look, style)
    ]
  }
}
