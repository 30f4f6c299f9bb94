import CCairo
import Figures

/// The formats a figure is written in.
public enum FigureFormat: String, Sendable, CaseIterable {
  case pdf, svg, png
}

/// Turns figures into the bytes of PDF, SVG and PNG files: the same bytes for the same figure, whenever and however
/// often they are drawn. Not for more than one thread at a time.
public final class FigureRenderer {
  public let style: FigureStyle
  public let typesetter: PangoTypesetter

  /// - Throws: `FigureError` if none of the style's fonts is installed, or a setting cannot be drawn.
  public init(style: FigureStyle) throws {
    try style.validate()
    self.style = style
    typesetter = try PangoTypesetter(families: style.fontFamilies)
  }

  /// The bytes of `figure` in a format; PNG at the style's resolution.
  public func render(_ figure: Figure, as format: FigureFormat) throws -> [UInt8] {
    switch format {
    case .pdf: try renderPDF(figure)
    case .svg: Array(SVGWriter(typesetter: typesetter, families: style.fontFamilies).document(for: figure).utf8)
    case .png: try renderPNG(figure, dotsPerInch: style.dotsPerInch)
    }
  }

  private func renderPDF(_ figure: Figure) throws -> [UInt8] {
    let sink = ByteSink()
    let size = figure.scene.size
    guard let surface = cairo_pdf_surface_create_for_stream(ByteSink.write, sink.closure, size.width, size.height)
    else { throw FigureError("Cairo could not make a PDF") }
    defer { cairo_surface_destroy(surface) }
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5)
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_TITLE, PangoTypesetter.printable(figure.description.title))
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_SUBJECT, PangoTypesetter.printable(figure.description.alternativeText))
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Palimpsest")
    // An empty date is left out: the clock must not reach the file.
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "")
    let work = "drawing '\(figure.description.title)' as PDF"
    try draw(figure.scene, on: surface, isVector: true, work)
    cairo_surface_finish(surface)
    try checkCairo(cairo_surface_status(surface), work)
    return sink.bytes
  }

  private func renderPNG(_ figure: Figure, dotsPerInch: Double) throws -> [UInt8] {
    let scale = dotsPerInch / 72
    let size = figure.scene.size
    let width = (size.width * scale).rounded(.up)
    let height = (size.height * scale).rounded(.up)
    let work = "drawing '\(figure.description.title)' as PNG"
    guard width <= 32_000, height <= 32_000 else {
      throw FigureError("\(work): \(Int(width)) by \(Int(height)) pixels are too many; lower the style's dotsPerInch")
    }
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
      throw FigureError("\(work): Cairo could not make an image")
    }
    defer { cairo_surface_destroy(surface) }
    try checkCairo(cairo_surface_status(surface), work)
    cairo_surface_set_device_scale(surface, scale, scale)
    try draw(figure.scene, on: surface, isVector: false, work)
    let sink = ByteSink()
    try checkCairo(cairo_surface_write_to_png_stream(surface, ByteSink.write, sink.closure), work)
    return try PNGMetadata.adding(dotsPerInch: dotsPerInch, to: sink.bytes)
  }

  private func draw(_ scene: Scene, on surface: OpaquePointer, isVector: Bool, _ work: String) throws {
    guard let cairo = cairo_create(surface) else { throw FigureError("\(work): Cairo could not make a context") }
    defer { cairo_destroy(cairo) }
    let pictures = PictureSurfaces()
    CairoCanvas(cairo: cairo, typesetter: typesetter, pictures: pictures, isVector: isVector).draw(scene)
    cairo_show_page(cairo)
    try checkCairo(cairo_status(cairo), work)
  }
}
