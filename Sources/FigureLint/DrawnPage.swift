import Figures

/// What stands on a page, whatever file it comes from: in points, y downwards from the upper left corner.
struct DrawnPage: Sendable {
  struct Text: Sendable {
    let text: String
    /// As it is seen, in points.
    let size: Double
    let bounds: Rectangle
    /// nil for a gradient or a pattern.
    let color: Color?
    /// How many fills were painted before it.
    let order: Int
    let isBold: Bool
  }

  struct Font: Sendable, Hashable {
    let name: String
    /// "TrueType", "Type 1", "Type 3", …
    let type: String
    let isEmbedded: Bool
  }

  /// Pixels on the page.
  struct Image: Sendable {
    let columns: Int
    let rows: Int
    let width: Double
    let height: Double
    /// Whether the file says that pixels are to be shown as squares.
    let isSharp: Bool
    let bounds: Rectangle
    let order: Int
  }

  /// An area of one colour, in the order of painting.
  struct Fill: Sendable {
    let color: Color
    let bounds: Rectangle
    /// Whether it covers all of its bounds.
    let isRectangle: Bool
    let order: Int
    /// Around each piece of a shape of several, such as the points of one series; empty for one piece.
    var pieces: [Rectangle] = []
  }

  struct Stroke: Sendable {
    let color: Color
    let width: Double
    /// nil where that is not known.
    var bounds: Rectangle?
    /// Lengths of dashes and gaps; empty for a solid line.
    var dash: [Double] = []
  }

  var size: Size
  var texts: [Text] = []
  var fonts: [Font] = []
  var images: [Image] = []
  var fills: [Fill] = []
  var strokes: [Stroke] = []
  /// What is broken in the file, so that no reader shows all of it, one sentence each.
  var faults: [String] = []
  /// What of the file could not be read, one sentence each.
  var gaps: [String] = []
  /// What is worth knowing of the reading, one sentence each.
  var notes: [String] = []

  /// The number of things painted so far, which orders them.
  var painted: Int { fills.count + images.count }

  /// The upright rectangle around points; nil where there are none.
  static func bounds(_ points: [Point]) -> Rectangle? {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(), let top = points.map(\.y).min(),
      let bottom = points.map(\.y).max()
    else { return nil }
    return Rectangle(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The bounds of the pieces of a path that begin at these indices of its points; empty for one piece.
  static func pieces(_ points: [Point], starts: [Int]) -> [Rectangle] {
    guard starts.count > 1 else { return [] }
    return zip(starts, starts.dropFirst() + [points.count]).compactMap { start, end in
      start < end ? bounds(Array(points[start..<end])) : nil
    }
  }

  /// Whether a polygon is a rectangle with upright sides; its last corner may repeat the first.
  static func isUprightRectangle(_ polygon: [Point]) -> Bool {
    let corners = polygon.count == 5 && polygon[0] == polygon[4] ? Array(polygon.prefix(4)) : polygon
    guard corners.count == 4 else { return false }
    let sides = corners.indices.map { index -> (x: Double, y: Double) in
      let next = corners[(index + 1) % 4]
      return ((next.x - corners[index].x).magnitude, (next.y - corners[index].y).magnitude)
    }
    func isUpright(_ vertical: [Int], _ horizontal: [Int]) -> Bool {
      vertical.allSatisfy { sides[$0].x < 1e-6 } && horizontal.allSatisfy { sides[$0].y < 1e-6 }
    }
    return isUpright([0, 2], [1, 3]) || isUpright([1, 3], [0, 2])
  }
}

/// An affine map: x' = a x + c y + e, y' = b x + d y + f.
struct Transform: Sendable, Equatable {
  var a = 1.0
  var b = 0.0
  var c = 0.0
  var d = 1.0
  var e = 0.0
  var f = 0.0

  /// First this, then `next`.
  func then(_ next: Transform) -> Transform {
    Transform(
      a: a * next.a + b * next.c, b: a * next.b + b * next.d, c: c * next.a + d * next.c, d: c * next.b + d * next.d,
      e: e * next.a + f * next.c + next.e, f: e * next.b + f * next.d + next.f)
  }

  func point(_ x: Double, _ y: Double) -> Point { Point(a * x + c * y + e, b * x + d * y + f) }

  /// How long a unit along x, and along y, becomes.
  var scaleX: Double { (a * a + b * b).squareRoot() }
  var scaleY: Double { (c * c + d * d).squareRoot() }
  /// The root of the area a unit square becomes: for widths of lines.
  var scale: Double { (a * d - b * c).magnitude.squareRoot() }

  /// The upright rectangle around what a rectangle becomes.
  func bounds(x: Double, y: Double, width: Double, height: Double) -> Rectangle {
    let corners = [point(x, y), point(x + width, y), point(x, y + height), point(x + width, y + height)]
    let xs = corners.map(\.x)
    let ys = corners.map(\.y)
    let (left, top) = (xs.min() ?? 0, ys.min() ?? 0)
    return Rectangle(x: left, y: top, width: (xs.max() ?? 0) - left, height: (ys.max() ?? 0) - top)
  }
}
