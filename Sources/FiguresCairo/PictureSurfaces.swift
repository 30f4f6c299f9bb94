import CCairo
import Figures

/// The pictures of one figure as Cairo surfaces: one for equal pixels, so that a page keeps them once.
final class PictureSurfaces {
  private struct Key: Hashable {
    let columns: Int
    let pixels: [UInt8]
  }

  private var surfaces: [Key: OpaquePointer] = [:]
  private let keepsPictures: Bool
  /// The pictures for which signs were drawn, in the order of their numbers.
  private(set) var kept: [PDFPictures.Picture] = []

  /// - Parameter keepsPictures: whether opaque pictures are kept, and signs drawn in their places, for `PDFPictures`.
  init(keepsPictures: Bool = false) {
    self.keepsPictures = keepsPictures
  }

  deinit { for surface in surfaces.values { cairo_surface_destroy(surface) } }

  /// Draws a picture into its frame. Pages of vectors get its pixels as they are, with the wish not to be smoothed. On a
  /// grid of pixels larger pixels stay sharp and keep their colours: each takes a whole number of the page's, its neighbours
  /// perhaps one more; smaller ones are averaged.
  func draw(_ shape: ImageShape, on cairo: OpaquePointer, isVector: Bool) {
    var (width, height) = (shape.frame.width, shape.frame.height)
    cairo_user_to_device_distance(cairo, &width, &height)
    var (scaleX, scaleY) = (1.0, 1.0)
    cairo_surface_get_device_scale(cairo_get_target(cairo), &scaleX, &scaleY)
    let growth = max(
      width.magnitude * scaleX / Double(shape.columns), height.magnitude * scaleY / Double(shape.rows))
    guard let surface = surface(shape) else { return }
    let isSharp = isVector || growth > 1
    let frame = isVector || growth <= 1 ? shape.frame : Self.snapped(shape.frame, cairo, scaleX, scaleY)
    let (columns, rows) = (
      Double(cairo_image_surface_get_width(surface)), Double(cairo_image_surface_get_height(surface))
    )
    cairo_save(cairo)
    cairo_translate(cairo, frame.x, frame.y)
    cairo_scale(cairo, frame.width / columns, frame.height / rows)
    cairo_set_source_surface(cairo, surface, 0, 0)
    let source = cairo_get_source(cairo)
    cairo_pattern_set_filter(source, isSharp ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD)
    // What lies beyond the edge is the edge again: no dark rim where it is averaged.
    cairo_pattern_set_extend(source, isVector ? CAIRO_EXTEND_NONE : CAIRO_EXTEND_PAD)
    cairo_rectangle(cairo, 0, 0, columns, rows)
    cairo_fill(cairo)
    cairo_restore(cairo)
  }

  /// A frame with its edges where pixels of the page end.
  private static func snapped(
    _ frame: Rectangle, _ cairo: OpaquePointer, _ scaleX: Double, _ scaleY: Double
  ) -> Rectangle {
    func moved(_ x: Double, _ y: Double) -> Point {
      var (x, y) = (x, y)
      cairo_user_to_device(cairo, &x, &y)
      (x, y) = ((x * scaleX).rounded() / scaleX, (y * scaleY).rounded() / scaleY)
      cairo_device_to_user(cairo, &x, &y)
      return Point(x, y)
    }
    let (start, end) = (moved(frame.x, frame.y), moved(frame.right, frame.bottom))
    return Rectangle(x: start.x, y: start.y, width: end.x - start.x, height: end.y - start.y)
  }

  private func surface(_ shape: ImageShape) -> OpaquePointer? {
    let key = Key(columns: shape.columns, pixels: shape.pixels)
    if let known = surfaces[key] { return known }
    var drawn = shape
    if keepsPictures, PNGWriter.isOpaque(shape.pixels) {
      drawn = ImageShape(
        frame: shape.frame, columns: 2, rows: 2, pixels: PDFPictures.sign(kept.count), content: .picture)
      kept.append(PDFPictures.Picture(width: shape.columns, height: shape.rows, rgba: shape.pixels))
    }
    let made = CairoCanvas.imageSurface(drawn)
    surfaces[key] = made
    return made
  }
}
