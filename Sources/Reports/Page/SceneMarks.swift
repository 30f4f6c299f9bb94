import Figures

/// What of a drawing the page has to know: where pictures lie, which must keep their colours on dark, and the marks that have a
/// title, which the pointer reads.
struct SceneMarks {
  /// A mark and what it shows.
  struct Mark {
    let frame: Rectangle
    let title: String
  }

  private(set) var images: [Rectangle] = []
  private(set) var marks: [Mark] = []

  init(_ scene: Scene) {
    for node in scene.nodes { collect(node, Point(0, 0)) }
  }

  private mutating func collect(_ node: SceneNode, _ offset: Point) {
    switch node {
    case .image(let shape): images.append(shape.frame.moved(offset.x, offset.y))
    case .group(let group):
      let inner = Point(offset.x + group.offset.x, offset.y + group.offset.y)
      if let title = group.title, let frame = Self.frame(of: group.children) {
        marks.append(Mark(frame: frame.moved(inner.x, inner.y), title: title))
      }
      for child in group.children { collect(child, inner) }
    case .rectangle, .path, .text: break
    }
  }

  /// What areas, lines and pictures cover together; words are left out.
  private static func frame(of nodes: [SceneNode]) -> Rectangle? {
    nodes.compactMap(frame).reduce(nil) { $0?.union($1) ?? $1 }
  }

  private static func frame(_ node: SceneNode) -> Rectangle? {
    switch node {
    case .rectangle(let shape): return shape.frame
    case .image(let shape): return shape.frame
    case .group(let group): return frame(of: group.children)?.moved(group.offset.x, group.offset.y)
    case .text: return nil
    case .path(let shape):
      let points = shape.elements.flatMap { element -> [Point] in
        switch element {
        case .move(let point), .line(let point): [point]
        case .curve(let first, let second, let end): [first, second, end]
        case .close: []
        }
      }
      return points.map { Rectangle(x: $0.x, y: $0.y, width: 0, height: 0) }.reduce(nil) { $0?.union($1) ?? $1 }
    }
  }

  /// As the page's script reads it: "x y width height" in percent of the page, with semicolons between.
  func keptAreas(_ size: Size) -> String {
    images.map { frame in
      [frame.x / size.width, frame.y / size.height, frame.width / size.width, frame.height / size.height]
        .map { Numbers.fixed($0 * 100, digits: 3, minus: "-") }.joined(separator: " ")
    }.joined(separator: ";")
  }
}
