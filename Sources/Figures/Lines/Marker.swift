import Formats

/// Circle, square, triangle, diamond and more: series differ in more than colour.
enum Marker {
  static func elements(_ index: Int, at center: Point, radius: Double) -> [PathShape.Element] {
    func closed(_ offsets: [(Double, Double)]) -> [PathShape.Element] {
      offsets.enumerated().map { place, offset in
        let point = Point(center.x + offset.0 * radius, center.y + offset.1 * radius)
        return place == 0 ? .move(point) : .line(point)
      } + [.close]
    }
    return switch index % 8 {
    case 0: PathShape.circle(center, radius: radius)
    case 1: closed([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
    case 2: closed([(0, -1.2), (1.1, 0.8), (-1.1, 0.8)])
    case 3: closed([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)])
    case 4: closed([(0, 1.2), (1.1, -0.8), (-1.1, -0.8)])
    case 5:
      closed([
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2), (-0.4, 1.2),
        (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
      ])
    case 6: closed([(0, -1.15), (1.1, -0.36), (0.68, 0.93), (-0.68, 0.93), (-1.1, -0.36)])
    default:
      closed([
        (0, -1.4), (0.33, -0.45), (1.33, -0.43), (0.53, 0.17), (0.82, 1.13), (0, 0.56), (-0.82, 1.13), (-0.53, 0.17),
        (-1.33, -0.43), (-0.33, -0.45),
      ])
    }
  }

  /// Points of one look: full, hollow, or of a lighter tint with an edge.
  static func nodes(
    _ look: SeriesLook, filling: SeriesLook.Filling? = nil, at points: [Point], radius: Double, style: FigureStyle
  ) -> [SceneNode] {
    let elements = points.flatMap { Self.elements(look.shape, at: $0, radius: radius) }
    guard !elements.isEmpty else { return [] }
    let color = look.color(style)
    switch filling ?? look.filling {
    case .full: return [.path(PathShape(elements: elements, fill: color))]
    case .hollow:
      return [
        .path(
          PathShape(
            elements: elements, fill: style.colors.background,
            stroke: Stroke(color: color, width: style.lines.curve * 0.7)))
      ]
    case .tinted:
      return [
        .path(
          PathShape(
            elements: elements, fill: color.mixed(with: style.colors.background, share: 0.6),
            stroke: Stroke(color: color, width: style.lines.curve * 0.7)))
      ]
    }
  }

  /// The sample of a look in a legend: a point, on its line where it has one.
  static func sample(
    _ look: SeriesLook, hasLine: Bool, filling: SeriesLook.Filling? = nil, in box: Size, style: FigureStyle
  ) -> [SceneNode] {
    let y = box.height / 2
    let line = SceneNode.path(
      .polyline(
        [Point(0, y), Point(box.width, y)],
        stroke: Stroke(color: look.color(style), width: style.lines.curve, dash: look.dash(style))))
    return (hasLine ? [line] : [])
      + nodes(look, filling: filling, at: [Point(box.width / 2, y)], radius: style.lines.marker / 2, style: style)
  }

  /// The colour of a series: that of its index, around again where there are more series than colours.
  static func color(_ index: Int, _ style: FigureStyle) -> Color { SeriesLook.ordered(index, style).color(style) }

  /// A series' dash: solid for as many as there are colours, then dotted, then dashed.
  static func dash(_ index: Int, _ style: FigureStyle) -> [Double] { SeriesLook.ordered(index, style).dash(style) }

  /// Upright whiskers with caps, for the interval of one point.
  static func whisker(x: Double, from low: Double, to high: Double, cap: Double) -> [PathShape.Element] {
    let upright: [PathShape.Element] = [.move(Point(x, low)), .line(Point(x, high))]
    guard cap > 0 else { return upright }
    return upright + [
      .move(Point(x - cap, low)), .line(Point(x + cap, low)), .move(Point(x - cap, high)), .line(Point(x + cap, high)),
    ]
  }
}

/// The points of one plot in the order of drawing: one that would hide an earlier one of another look is smaller, so that the rim of
/// the other is seen, and both stay where their values are.
struct MarkerLayer {
  private struct Cell: Hashable {
    let x: Int
    let y: Int
  }

  private var taken: [Cell: [(point: Point, look: String)]] = [:]
  /// Of the usual points; those nearer than half of it cover each other.
  private let radius: Double
  private let style: FigureStyle

  init(radius: Double, style: FigureStyle) {
    self.radius = radius
    self.style = style
  }

  private func cell(_ point: Point) -> Cell {
    // Far outside of any page, where values beyond set limits lie, all are in one cell.
    func number(_ place: Double) -> Int { Int(saturating: min(max(place / radius, -1e6), 1e6).rounded(.down)) }
    return Cell(x: number(point.x), y: number(point.y))
  }

  /// How many points of other looks lie under one.
  private func covered(_ point: Point, _ look: String) -> Int {
    let own = cell(point)
    var count = 0
    for x in own.x - 1...own.x + 1 {
      for y in own.y - 1...own.y + 1 {
        for other in taken[Cell(x: x, y: y)] ?? [] where other.look != look {
          let away = max((other.point.x - point.x).magnitude, (other.point.y - point.y).magnitude)
          if away < radius / 2 { count += 1 }
        }
      }
    }
    return count
  }

  mutating func nodes(
    _ look: SeriesLook, filling: SeriesLook.Filling? = nil, at points: [Point]
  ) -> [SceneNode] {
    // Methods of one model have one colour and differ in their filling.
    let own = "\(look.color(style).hex) \(filling ?? look.filling) \(look.shape)"
    let depths = points.map { min(2, covered($0, own)) }
    for point in points { taken[cell(point), default: []].append((point, own)) }
    var nodes: [SceneNode] = []
    for (depth, share) in [1, 0.55, 0.3].enumerated() {
      let shown = zip(points, depths).filter { $0.1 == depth }.map(\.0)
      nodes += Marker.nodes(look, filling: filling, at: shown, radius: radius * share, style: style)
    }
    return nodes
  }
}
