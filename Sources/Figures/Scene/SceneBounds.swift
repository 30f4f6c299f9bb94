/// A run of text of a scene with the rectangle it covers on the page.
public struct PlacedText: Sendable, Equatable {
  public let run: TextRun
  public let bounds: Rectangle
}

extension Scene {
  /// Every run of text with its rectangle, in drawing order.
  public func placedTexts(_ measurer: some TextMeasuring) -> [PlacedText] {
    var texts: [PlacedText] = []
    for node in nodes { node.collectTexts(Point(0, 0), measurer, into: &texts) }
    return texts
  }
}

extension SceneNode {
  fileprivate func collectTexts(_ offset: Point, _ measurer: some TextMeasuring, into texts: inout [PlacedText]) {
    switch self {
    case .text(let run):
      texts.append(PlacedText(run: run, bounds: run.bounds(measurer.extent(of: run)).moved(offset.x, offset.y)))
    case .group(let group):
      let inner = Point(offset.x + group.offset.x, offset.y + group.offset.y)
      for child in group.children { child.collectTexts(inner, measurer, into: &texts) }
    case .rectangle, .path, .image:
      break
    }
  }

  /// What the node covers, strokes included; nil if it is empty.
  func bounds(_ measurer: some TextMeasuring) -> Rectangle? {
    switch self {
    case .rectangle(let shape):
      return shape.frame.outset((shape.stroke?.width ?? 0) / 2)
    case .path(let shape):
      var points: [Point] = []
      for element in shape.elements {
        switch element {
        case .move(let point), .line(let point): points.append(point)
        case .curve(let control1, let control2, let end): points += [control1, control2, end]
        case .close: break
        }
      }
      guard let first = points.first else { return nil }
      let hull = points.reduce(Rectangle(x: first.x, y: first.y, width: 0, height: 0)) {
        $0.union(Rectangle(x: $1.x, y: $1.y, width: 0, height: 0))
      }
      return hull.outset((shape.stroke?.width ?? 0) / 2)
    case .image(let shape):
      return shape.frame
    case .text(let run):
      return run.bounds(measurer.extent(of: run))
    case .group(let group):
      return (group.clip ?? Self.bounds(of: group.children, measurer))?.moved(group.offset.x, group.offset.y)
    }
  }

  /// What `nodes` cover together.
  static func bounds(of nodes: [SceneNode], _ measurer: some TextMeasuring) -> Rectangle? {
    nodes.reduce(nil) { bounds, node in
      guard let next = node.bounds(measurer) else { return bounds }
      return bounds?.union(next) ?? next
    }
  }
}

extension Rectangle {
  /// Larger by `margin` on every side.
  package func outset(_ margin: Double) -> Rectangle {
    Rectangle(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
  }
}
