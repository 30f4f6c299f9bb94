/// A picture of a grid with what is drawn on it, or the sign that there is none.
struct ImageGridTile {
  private(set) var nodes: [SceneNode] = []
  private let style: FigureStyle

  /// The side of an inset as a share of the tile's shorter side.
  private static let insetSide = 0.45

  init(_ tile: ImageGridFigure.Tile, in frame: Rectangle, style: FigureStyle) {
    self.style = style
    guard let picture = tile.picture else {
      nodes = [
        .rectangle(RectangleShape(frame: frame, fill: style.colors.missing)),
        .path(PathShape(elements: HeatMapPanel.hatch(frame), stroke: HeatMapPanel.hatchStroke(style))),
      ]
      return
    }
    let place = picture.fitted(into: frame)
    nodes.append(Self.image(picture, in: place))
    // White pictures end somewhere too. The frame lies outside of the picture, where viewers that move images to whole
    // pixels would show a dark edge beyond it.
    nodes.append(
      .rectangle(
        RectangleShape(
          frame: place.outset(style.lines.grid / 2), stroke: Stroke(color: style.colors.grid, width: style.lines.grid))
      ))
    for mark in tile.frames ?? [] {
      nodes.append(.group(SceneGroup(outline(mark.area.placed(in: place), within: place), title: mark.label)))
    }
    for ring in tile.rings ?? [] {
      nodes.append(
        .group(SceneGroup(Self.ring(around: ring.area.placed(in: place), style: style), title: ring.label)))
    }
    if let inset = tile.inset { add(inset, of: picture, in: place) }
  }

  /// A ring that is seen on light and on dark ground, within a part where that is large enough to have one.
  static func ring(around frame: Rectangle, style: FigureStyle) -> [SceneNode] {
    let radius = max(min(frame.width, frame.height) * 0.36, 1.3)
    let width = max(0.6, min(style.lines.axis, radius * 0.4))
    let circle = PathShape.circle(frame.center, radius: radius)
    return [(Color(hex: "#ffffff"), width * 2.4), (Color(hex: "#000000"), width)].map { color, width in
      .path(PathShape(elements: circle, stroke: Stroke(color: color ?? style.colors.ink, width: width)))
    }
  }

  private static func image(_ picture: Picture, in frame: Rectangle) -> SceneNode {
    .image(
      ImageShape(
        frame: frame, columns: picture.width, rows: picture.height, pixels: picture.pixels, content: .picture))
  }

  /// A rectangle that is seen on light and on dark ground, with its lines within the picture.
  private func outline(_ frame: Rectangle, within place: Rectangle) -> [SceneNode] {
    let width = max(0.9, style.lines.axis)
    let room = place.outset(-width * 1.1)
    let (left, top) = (max(frame.x, room.x), max(frame.y, room.y))
    let drawn = Rectangle(
      x: left, y: top, width: max(0, min(frame.right, room.right) - left),
      height: max(0, min(frame.bottom, room.bottom) - top))
    return [(Color(hex: "#000000"), width * 2.2), (Color(hex: "#ffe14d"), width)].map { color, width in
      .rectangle(RectangleShape(frame: drawn, stroke: Stroke(color: color ?? style.colors.ink, width: width)))
    }
  }

  /// The part of a picture enlarged, in the corner that hides the least of that part.
  private mutating func add(_ area: ImageGridFigure.Area, of picture: Picture, in place: Rectangle) {
    guard let part = picture.part(area) else { return }
    let source = area.placed(in: place)
    let longest = min(place.width, place.height) * Self.insetSide
    let scale = longest / max(part.aspect, 1)
    let size = Size(scale, scale * part.aspect)
    let corners = [
      Point(place.right - size.width, place.bottom - size.height), Point(place.right - size.width, place.y),
      Point(place.x, place.bottom - size.height), Point(place.x, place.y),
    ].map { Rectangle(x: $0.x, y: $0.y, width: size.width, height: size.height) }
    func hidden(_ frame: Rectangle) -> Double {
      max(0, min(frame.right, source.right) - max(frame.x, source.x))
        * max(0, min(frame.bottom, source.bottom) - max(frame.y, source.y))
    }
    guard let frame = corners.min(by: { hidden($0) < hidden($1) }) else { return }
    nodes += outline(source, within: place)
    nodes.append(Self.image(part, in: frame))
    nodes += outline(frame, within: place)
  }
}
