import CCairo
import Figures

/// The pictures of one figure as Cairo surfaces: one for equal pixels, so that a page keeps them once.
final class PictureSurfaces {
  private struct Key: Hashable {
    let columns: Int
    let scale: Int
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
  /// grid of pixels larger pixels stay sharp: they are repeated a whole number of times, then averaged down; smaller ones
  /// are averaged.
  func draw(_ shape: ImageShape, on cairo: OpaquePointer, isVector: Bool) {
    var (width, height) = (shape.frame.width, shape.frame.height)
    cairo_user_to_device_distance(cairo, &width, &height)
    var (scaleX, scaleY) = (1.0, 1.0)
    cairo_surface_get_device_scale(cairo_get_target(cairo), &scaleX, &scaleY)
    let growth = max(
      width.magnitude * scaleX / Double(shape.columns), height.magnitude * scaleY / Double(shape.rows))
    let scale = isVector || growth <= 1 ? 1 : Int(min(growth, 64).rounded(.up))
    guard let surface = surface(shape, scale: scale) else { return }
    let (columns, rows) = (
      Double(cairo_image_surface_get_width(surface)), Double(cairo_image_surface_get_height(surface))
    )
    cairo_save(cairo)
    cairo_translate(cairo, shape.frame.x, shape.frame.y)
    cairo_scale(cairo, shape.frame.width / columns, shape.frame.height / rows)
    cairo_set_source_surface(cairo, surface, 0, 0)
    let source = cairo_get_source(cairo)
    cairo_pattern_set_filter(source, isVector ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD)
    // What lies beyond the edge is the edge again: no dark rim where it is averaged.
    cairo_pattern_set_extend(source, isVector ? CAIRO_EXTEND_NONE : CAIRO_EXTEND_PAD)
    cairo_rectangle(cairo, 0, 0, columns, rows)
    cairo_fill(cairo)
    cairo_restore(cairo)
  }

  private func surface(_ shape: ImageShape, scale: Int) -> OpaquePointer? {
    let key = Key(columns: shape.columns, scale: scale, pixels: shape.pixels)
    if let known = surfaces[key] { return known }
    var drawn = shape
    if keepsPictures, PNGWriter.isOpaque(shape.pixels) {
      drawn = ImageShape(
        frame: shape.frame, columns: 2, rows: 2, pixels: PDFPictures.sign(kept.count), content: .picture)
      kept.append(PDFPictures.Picture(width: shape.columns, height: shape.rows, rgba: shape.pixels))
    }
    let made = CairoCanvas.imageSurface(drawn, scale: scale)
    surfaces[key] = made
    return made
  }
}
