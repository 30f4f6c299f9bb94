import CCairo

/// A Cairo image surface and the context that draws on it; both are released with it.
///
/// Not Sendable: a canvas belongs to the thread that draws one scene.
final class SceneCanvas {
  let width: Int
  let height: Int
  let stride: Int
  let surface: OpaquePointer
  let context: OpaquePointer
  private let bytes: UnsafeMutablePointer<UInt8>

  enum Format {
    /// Blue, green, red and an unused byte.
    case color
    /// Blue, green, red multiplied by alpha, and alpha.
    case layer
    /// One byte of coverage.
    case coverage
  }

  /// An empty (black or transparent) canvas of this many pixels.
  init(width: Int, height: Int, _ format: Format) throws {
    let cairoFormat =
      switch format {
      case .color: CAIRO_FORMAT_RGB24
      case .layer: CAIRO_FORMAT_ARGB32
      case .coverage: CAIRO_FORMAT_A8
      }
    guard let surface = cairo_image_surface_create(cairoFormat, Int32(width), Int32(height)),
      let context = cairo_create(surface), let bytes = cairo_image_surface_get_data(surface)
    else {
      throw SceneError("Cairo cannot make a canvas of \(width)×\(height) pixels; ask for a smaller size")
    }
    self.width = width
    self.height = height
    self.surface = surface
    self.context = context
    self.bytes = bytes
    stride = Int(cairo_image_surface_get_stride(surface))
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// The bytes of the surface, rows of `stride` bytes; what was drawn before is in them, what is written is drawn.
  func withBytes<Result>(_ body: (UnsafeMutablePointer<UInt8>) throws -> Result) rethrows -> Result {
    cairo_surface_flush(surface)
    defer { cairo_surface_mark_dirty(surface) }
    return try body(bytes)
  }

  // MARK: Coordinates

  func saved(_ body: () -> Void) {
    cairo_save(context)
    body()
    cairo_restore(context)
  }

  func translate(_ x: Double, _ y: Double) { cairo_translate(context, x, y) }
  func scale(_ x: Double, _ y: Double) { cairo_scale(context, x, y) }
  func rotate(_ angle: Double) { cairo_rotate(context, angle) }

  func concatenate(_ transform: SceneTransform) {
    var matrix = transform.matrix
    cairo_transform(context, &matrix)
  }

  // MARK: Paths

  func move(_ x: Double, _ y: Double) { cairo_move_to(context, x, y) }
  func line(_ x: Double, _ y: Double) { cairo_line_to(context, x, y) }
  func close() { cairo_close_path(context) }

  /// A cubic Bézier curve from the current point.
  func curve(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ x3: Double, _ y3: Double) {
    cairo_curve_to(context, x1, y1, x2, y2, x3, y3)
  }

  func ellipse(_ x: Double, _ y: Double, _ radiusX: Double, _ radiusY: Double) {
    cairo_new_sub_path(context)
    saved {
      translate(x, y)
      scale(radiusX, radiusY)
      cairo_arc(context, 0, 0, 1, 0, 2 * .pi)
    }
    close()
  }

  func circle(_ x: Double, _ y: Double, _ radius: Double) { ellipse(x, y, radius, radius) }

  /// Part of a circle, angles in radians, clockwise from the right as y points down.
  func arc(_ x: Double, _ y: Double, _ radius: Double, _ start: Double, _ end: Double) {
    cairo_arc(context, x, y, radius, start, end)
  }

  func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    cairo_rectangle(context, x, y, width, height)
  }

  func roundedRectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ radius: Double) {
    let corner = min(radius, width / 2, height / 2)
    cairo_new_sub_path(context)
    cairo_arc(context, x + width - corner, y + corner, corner, -.pi / 2, 0)
    cairo_arc(context, x + width - corner, y + height - corner, corner, 0, .pi / 2)
    cairo_arc(context, x + corner, y + height - corner, corner, .pi / 2, .pi)
    cairo_arc(context, x + corner, y + corner, corner, .pi, 1.5 * .pi)
    close()
  }

  func polygon(_ points: [(Double, Double)]) {
    for (index, point) in points.enumerated() {
      if index == 0 { move(point.0, point.1) } else { line(point.0, point.1) }
    }
    close()
  }

  /// A closed curve through the points (Catmull and Rom's spline).
  func smooth(_ points: [(Double, Double)], tension: Double = 1) {
    let count = points.count
    guard count > 2 else { return }
    move(points[0].0, points[0].1)
    for index in 0..<count {
      let (a, b) = (points[(index + count - 1) % count], points[index])
      let (c, d) = (points[(index + 1) % count], points[(index + 2) % count])
      let pull = tension / 6
      curve(
        b.0 + (c.0 - a.0) * pull, b.1 + (c.1 - a.1) * pull, c.0 - (d.0 - b.0) * pull, c.1 - (d.1 - b.1) * pull, c.0,
        c.1)
    }
    close()
  }

  // MARK: Paint

  func fill(_ color: SceneColor, _ opacity: Double = 1) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
    cairo_fill(context)
  }

  /// Strokes the path; the width is in the coordinates of now, the ends are round.
  func stroke(_ color: SceneColor, _ lineWidth: Double, _ opacity: Double = 1) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
    cairo_set_line_width(context, lineWidth)
    cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_stroke(context)
  }

  func paint(_ color: SceneColor, _ opacity: Double = 1) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
    cairo_paint(context)
  }

  typealias Stop = (offset: Double, color: SceneColor, opacity: Double)

  /// Fills the path with a gradient along a line.
  func fillGradient(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ stops: [Stop]) {
    let pattern = cairo_pattern_create_linear(x0, y0, x1, y1)
    fill(pattern, stops)
  }

  /// Fills the path with a gradient from a centre outwards.
  func fillRadial(_ x: Double, _ y: Double, _ radius: Double, _ stops: [Stop]) {
    let pattern = cairo_pattern_create_radial(x, y, 0, x, y, radius)
    fill(pattern, stops)
  }

  /// A soft round glow.
  func glow(_ x: Double, _ y: Double, _ radius: Double, _ color: SceneColor, _ opacity: Double) {
    circle(x, y, radius)
    fillRadial(x, y, radius, [(0, color, opacity), (0.35, color, opacity * 0.55), (1, color, 0)])
  }

  private func fill(_ pattern: OpaquePointer?, _ stops: [Stop]) {
    for stop in stops {
      cairo_pattern_add_color_stop_rgba(
        pattern, stop.offset, stop.color.red, stop.color.green, stop.color.blue, stop.opacity)
    }
    cairo_set_source(context, pattern)
    cairo_pattern_destroy(pattern)
    cairo_fill(context)
  }
}
