/// A drawing of a fixed size in points: what a canvas turns into PDF, SVG or PNG.
public struct Scene: Sendable, Equatable {
  public var size: Size
  public var background: Color
  public var nodes: [SceneNode]
  /// Font families of text, best first; the canvas takes the first that is installed.
  public var fontFamilies: [String]

  public init(size: Size, background: Color, nodes: [SceneNode], fontFamilies: [String]) {
    self.size = size
    self.background = background
    self.nodes = nodes
    self.fontFamilies = fontFamilies
  }

  /// The page as a rectangle at the origin.
  public var page: Rectangle { Rectangle(x: 0, y: 0, width: size.width, height: size.height) }
}

/// What a scene is made of; later nodes cover earlier ones.
public indirect enum SceneNode: Sendable, Equatable {
  case rectangle(RectangleShape)
  case path(PathShape)
  case image(ImageShape)
  case text(TextRun)
  case group(SceneGroup)
}

/// A rectangle with a fill, a stroke, or both.
public struct RectangleShape: Sendable, Equatable {
  public var frame: Rectangle
  public var fill: Color?
  public var stroke: Stroke?

  public init(frame: Rectangle, fill: Color? = nil, stroke: Stroke? = nil) {
    self.frame = frame
    self.fill = fill
    self.stroke = stroke
  }
}

/// How a line is drawn. Joins are round, ends are flat.
public struct Stroke: Sendable, Equatable {
  public var color: Color
  /// Width in points.
  public var width: Double
  /// Lengths of dashes and gaps in points; empty for a solid line.
  public var dash: [Double]

  public init(color: Color, width: Double, dash: [Double] = []) {
    self.color = color
    self.width = width
    self.dash = dash
  }
}

/// Straight-line figures and curves; many separate strokes may share one shape.
public struct PathShape: Sendable, Equatable {
  public enum Element: Sendable, Equatable {
    case move(Point)
    case line(Point)
    case curve(control1: Point, control2: Point, end: Point)
    case close
  }

  public var elements: [Element]
  public var fill: Color?
  public var stroke: Stroke?

  public init(elements: [Element], fill: Color? = nil, stroke: Stroke? = nil) {
    self.elements = elements
    self.fill = fill
    self.stroke = stroke
  }

  /// An open line through `points`.
  public static func polyline(_ points: [Point], stroke: Stroke) -> PathShape {
    PathShape(
      elements: points.enumerated().map { $0.offset == 0 ? .move($0.element) : .line($0.element) }, stroke: stroke)
  }

  /// A filled polygon.
  public static func polygon(_ points: [Point], fill: Color) -> PathShape {
    PathShape(
      elements: points.enumerated().map { $0.offset == 0 ? .move($0.element) : .line($0.element) } + [.close],
      fill: fill)
  }

  /// A circle of four curves.
  package static func circle(_ center: Point, radius: Double) -> [PathShape.Element] {
    let k = radius * 0.5523
    let (x, y, r) = (center.x, center.y, radius)
    return [
      .move(Point(x + r, y)),
      .curve(control1: Point(x + r, y + k), control2: Point(x + k, y + r), end: Point(x, y + r)),
      .curve(control1: Point(x - k, y + r), control2: Point(x - r, y + k), end: Point(x - r, y)),
      .curve(control1: Point(x - r, y - k), control2: Point(x - k, y - r), end: Point(x, y - r)),
      .curve(control1: Point(x + k, y - r), control2: Point(x + r, y - k), end: Point(x + r, y)), .close,
    ]
  }
}

/// Pixels: cells drawn as flat squares without seams, or a picture.
public struct ImageShape: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// Each pixel is a value: never interpolated, drawn as a rectangle on pages of vectors.
    case cells
    /// A photograph or a reconstruction: an image on every page, kept once however often it is shown; its pixels stay
    /// sharp where they are larger than those of the page, and are averaged where they are smaller.
    case picture
  }

  public var frame: Rectangle
  public let content: Content
  public let columns: Int
  public let rows: Int
  /// Red, green, blue, opacity; 8 bits each, not premultiplied, row after row from the top.
  public let pixels: [UInt8]

  public init(frame: Rectangle, columns: Int, rows: Int, pixels: [UInt8], content: Content = .cells) {
    precondition(columns > 0 && rows > 0 && pixels.count == columns * rows * 4, "pixels must be columns × rows × 4")
    self.frame = frame
    self.content = content
    self.columns = columns
    self.rows = rows
    self.pixels = pixels
  }
}

/// Nodes moved together, perhaps clipped, perhaps with a title that a pointer or a screen reader finds.
public struct SceneGroup: Sendable, Equatable {
  public var children: [SceneNode]
  public var offset: Point
  /// In the coordinates of the children.
  public var clip: Rectangle?
  public var title: String?

  public init(_ children: [SceneNode], offset: Point = Point(0, 0), clip: Rectangle? = nil, title: String? = nil) {
    self.children = children
    self.offset = offset
    self.clip = clip
    self.title = title
  }
}
