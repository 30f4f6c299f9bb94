/// Circle, square, triangle, diamond: series differ in more than colour.
enum Marker {
  static func elements(_ index: Int, at center: Point, radius: Double) -> [PathShape.Element] {
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

  /// The colour of a series: that of its place, around again where there are more series than colours.
  static func color(_ index: Int, _ style: FigureStyle) -> Color {
    style.colors.categories[index % style.colors.categories.count]
  }

  /// A series' dash: solid for as many as there are colours, then dashed, then dotted.
  static func dash(_ index: Int, _ style: FigureStyle) -> [Double] {
    let unit = style.lines.curve
    return switch index / style.colors.categories.count % 3 {
    case 0: []
    case 1: [unit * 4, unit * 2]
    default: [unit, unit * 1.5]
    }
  }

  /// Upright whiskers with caps, for the interval of one point.
  static func whisker(x: Double, from low: Double, to high: Double, cap: Double) -> [PathShape.Element] {
    [
      .move(Point(x, low)), .line(Point(x, high)), .move(Point(x - cap, low)), .line(Point(x + cap, low)),
      .move(Point(x - cap, high)), .line(Point(x + cap, high)),
    ]
  }
}
