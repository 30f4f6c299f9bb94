import CCairo
import Figures
import Formats

/// The formats a figure is written in.
public enum FigureFormat: String, Sendable, CaseIterable {
  case pdf, svg, png
}

/// Turns figures into the bytes of PDF, SVG and PNG files: the same bytes for the same figure, whenever and however
/// often they are drawn. Not for more than one thread at a time.
public final class FigureRenderer {
  public let style: FigureStyle
  public let typesetter: PangoTypesetter
  /// Whether files hold the pixels of pictures exactly; else larger pictures are JPEG of quality 92 in PDF and SVG, a third of the
  /// size, and PNG of more colours than 256, of pictures or of a heat map with numbers, has that many, a quarter of it.
  public let keepsExactPictures: Bool

  /// - Throws: `FigureError` if none of the style's fonts is installed, or a setting cannot be drawn.
  public init(style: FigureStyle, keepsExactPictures: Bool = false) throws {
    try style.validate()
    self.style = style
    self.keepsExactPictures = keepsExactPictures
    typesetter = try PangoTypesetter(families: style.fontFamilies)
  }

  /// The bytes of `figure` in a format; PNG at the style's resolution.
  public func render(_ figure: Figure, as format: FigureFormat) throws -> [UInt8] {
    switch format {
    case .pdf: try renderPDF(figure)
    case .svg:
      Array(
        SVGWriter(typesetter: typesetter, families: style.fontFamilies, keepsExactPictures: keepsExactPictures)
          .document(for: figure).utf8)
    case .png: try renderPNG(figure, dotsPerInch: style.dotsPerInch)
    }
  }

  private func renderPDF(_ figure: Figure) throws -> [UInt8] {
    let pictures = PictureSurfaces(keepsPictures: true)
    let drawn = try drawPDF(figure, pictures: pictures)
    // A Cairo that lays files out otherwise keeps the pictures itself: the same page in more bytes.
    return try PDFPictures.insert(pictures.kept, exactly: keepsExactPictures, into: drawn)
      ?? drawPDF(figure, pictures: PictureSurfaces())
  }

  private func drawPDF(_ figure: Figure, pictures: PictureSurfaces) throws -> [UInt8] {
    let sink = ByteSink()
    let size = figure.scene.size
    guard let surface = cairo_pdf_surface_create_for_stream(ByteSink.write, sink.closure, size.width, size.height)
    else { throw FigureError("Cairo could not make a PDF") }
    defer { cairo_surface_destroy(surface) }
    // The last version with a plain table of objects, in which pictures can be put into their places.
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4)
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_TITLE, PangoTypesetter.printable(figure.description.title))
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_SUBJECT, PangoTypesetter.printable(figure.description.alternativeText))
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Palimpsest")
    // An empty date is left out: the clock must not reach the file.
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "")
    let work = "drawing '\(figure.description.title)' as PDF"
    try draw(figure.scene, on: surface, pictures: pictures, isVector: true, work)
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
      throw FigureError(
        "\(work): \(Int(saturating: width)) by \(Int(saturating: height)) pixels are too many; lower the style's dotsPerInch"
      )
    }
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
      throw FigureError("\(work): Cairo could not make an image")
    }
    defer { cairo_surface_destroy(surface) }
    try checkCairo(cairo_surface_status(surface), work)
    cairo_surface_set_device_scale(surface, scale, scale)
    try draw(figure.scene, on: surface, pictures: PictureSurfaces(), isVector: false, work)
    cairo_surface_flush(surface)
    guard let data = cairo_image_surface_get_data(surface) else {
      throw FigureError("\(work): Cairo could not make an image")
    }
    let stride = Int(cairo_image_surface_get_stride(surface))
    let (columns, rows) = (Int(width), Int(height))
    let pixels = [UInt32](unsafeUninitializedCapacity: columns * rows) { buffer, count in
      for row in 0..<rows {
        let line = UnsafeRawPointer(data + row * stride).assumingMemoryBound(to: UInt32.self)
        for column in 0..<columns { buffer[row * columns + column] = line[column] & 0xFF_FFFF }
      }
      count = columns * rows
    }
    let hasPictures = figure.scene.nodes.contains(where: \.holdsPicture)
    return try PNGPage(width: columns, height: rows, pixels: pixels).encoded(
      dotsPerInch: dotsPerInch, mayBlend: !hasPictures, mayReduce: !keepsExactPictures)
  }

  private func draw(
    _ scene: Scene, on surface: OpaquePointer, pictures: PictureSurfaces, isVector: Bool, _ work: String
  ) throws {
    guard let cairo = cairo_create(surface) else { throw FigureError("\(work): Cairo could not make a context") }
    defer { cairo_destroy(cairo) }
    CairoCanvas(cairo: cairo, typesetter: typesetter, pictures: pictures, isVector: isVector).draw(scene)
    cairo_show_page(cairo)
    try checkCairo(cairo_status(cairo), work)
  }
}

extension SceneNode {
  /// Whether there are pictures in it, whose pixels must stay as they are.
  fileprivate var holdsPicture: Bool {
    switch self {
    case .image(let shape): shape.content == .picture
    case .group(let group): group.children.contains(where: \.holdsPicture)
    case .rectangle, .path, .text: false
    }
  }
}
