import CCairo
import Figures
import Formats

/// Writes scenes as SVG with real text, set where and as wide as Pango sets it in PDF and PNG: `textLength` holds the
/// width even where the reader's machine lacks the font. Heat maps are images with the request not to be smoothed.
struct SVGWriter {
  let typesetter: PangoTypesetter
  let families: [String]
  private var output = ""
  private var clips = 0
  /// Pictures written so far: for equal pixels the file holds one image.
  private var pictures: [[UInt8]: (place: Int, frame: Rectangle)] = [:]

  private let keepsExactPictures: Bool

  init(typesetter: PangoTypesetter, families: [String], keepsExactPictures: Bool) {
    self.typesetter = typesetter
    self.families = families
    self.keepsExactPictures = keepsExactPictures
  }

  /// The whole file.
  func document(for figure: Figure) -> String {
    var writer = self
    writer.write(figure)
    return writer.output
  }

  private mutating func write(_ figure: Figure) {
    let scene = figure.scene
    let (width, height) = (number(scene.size.width), number(scene.size.height))
    let fonts = ([typesetter.family] + families.filter { $0 != typesetter.family }).map { "'\($0)', " }.joined()
    output += """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)pt" height="\(height)pt" viewBox="0 0 \(width) \(height)" \
      role="img" aria-labelledby="title description" font-family="\(fonts.xmlEscaped)sans-serif">
      <title id="title">\(figure.description.title.xmlEscaped)</title>
      <desc id="description">\(figure.description.alternativeText.xmlEscaped)</desc>
      <rect width="\(width)" height="\(height)"\(fill(scene.background))/>

      """
    for node in scene.nodes { write(node) }
    output += "</svg>\n"
  }

  private mutating func write(_ node: SceneNode) {
    switch node {
    case .rectangle(let shape):
      output +=
        "<rect\(frame(shape.frame))\(fill(shape.fill))\(stroke(shape.stroke))/>\n"
    case .path(let shape):
      output += "<path d=\"\(SVGPathData(shape.elements).text)\"\(fill(shape.fill))\(stroke(shape.stroke))/>\n"
    case .image(let shape):
      write(shape)
    case .text(let run):
      write(run)
    case .group(let group):
      if let clip = group.clip {
        clips += 1
        output +=
          "<clipPath id=\"clip\(clips)\"><rect\(frame(clip.moved(group.offset.x, group.offset.y)))/></clipPath>\n"
        output += "<g clip-path=\"url(#clip\(clips))\">\n"
      }
      output += "<g transform=\"translate(\(number(group.offset.x)) \(number(group.offset.y)))\">\n"
      if let title = group.title { output += "<title>\(title.xmlEscaped)</title>\n" }
      for child in group.children { write(child) }
      output += group.clip == nil ? "</g>\n" : "</g>\n</g>\n"
    }
  }

  private mutating func write(_ run: TextRun) {
    let extent = typesetter.extent(of: run)
    let start = run.baselineStart(width: extent.width)
    output += "<text x=\"\(number(start.x))\" y=\"\(number(start.y))\" font-size=\"\(number(run.size))\""
    if run.weight == .bold { output += " font-weight=\"bold\"" }
    if run.direction == .upwards {
      output += " transform=\"rotate(-90 \(number(start.x)) \(number(start.y)))\""
    }
    if extent.width > 0 { output += " textLength=\"\(number(extent.width))\" lengthAdjust=\"spacingAndGlyphs\"" }
    output += "\(fill(run.color)) xml:space=\"preserve\">"
    if let full = run.fullText { output += "<title>\(full.xmlEscaped)</title>" }
    var raised = 0.0
    for span in run.spans {
      let text = PangoTypesetter.printable(span.text).xmlEscaped
      let rise =
        switch span.script {
        case .normal: 0.0
        case .superscript: TextRun.superscriptRise * run.size
        case .subscript: -TextRun.subscriptDrop * run.size
        }
      var attributes = ""
      if rise != raised { attributes += " dy=\"\(number(raised - rise))\"" }
      if span.script != .normal { attributes += " font-size=\"\(number(run.size * TextRun.scriptScale))\"" }
      if span.italic { attributes += " font-style=\"italic\"" }
      output += attributes.isEmpty ? text : "<tspan\(attributes)>\(text)</tspan>"
      raised = rise
    }
    output += "</text>\n"
  }

  /// A picture, or a reference to it where the same one stands elsewhere in the same size.
  private mutating func writePicture(_ shape: ImageShape) {
    if let known = pictures[shape.pixels], known.frame.width == shape.frame.width,
      known.frame.height == shape.frame.height
    {
      output += "<use href=\"#picture\(known.place)\" x=\"\(number(shape.frame.x - known.frame.x))\" "
      output += "y=\"\(number(shape.frame.y - known.frame.y))\"/>\n"
      return
    }
    let place = pictures.count + 1
    pictures[shape.pixels] = (place, shape.frame)
    let jpeg =
      keepsExactPictures
      ? nil : PDFPictures.compactJPEG(.init(width: shape.columns, height: shape.rows, rgba: shape.pixels))
    let png =
      jpeg == nil ? try? PNGWriter.encode(rgba: shape.pixels, width: shape.columns, height: shape.rows) : nil
    guard let bytes = jpeg ?? png else { return }
    output += "<image id=\"picture\(place)\"\(frame(shape.frame)) preserveAspectRatio=\"none\" "
    // Fewer than 150 pixels an inch: they are to be seen as they are. Finer ones look better averaged where a screen has
    // fewer.
    if Double(shape.columns) < shape.frame.width * 150 / 72 { output += "style=\"image-rendering:pixelated\" " }
    output += "href=\"data:image/\(jpeg == nil ? "png" : "jpeg");base64,\(Self.base64(bytes))\"/>\n"
  }

  /// An image with every pixel repeated, so that viewers which smooth all the same blur half a point only.
  private mutating func write(_ shape: ImageShape) {
    guard shape.content == .cells else { return writePicture(shape) }
    let cell = max(shape.frame.width / Double(shape.columns), shape.frame.height / Double(shape.rows))
    let scale = max(1, min(Int(saturating: (cell * 2).rounded(.up)), 2048 / max(shape.rows, shape.columns)))
    guard let surface = CairoCanvas.imageSurface(shape, scale: scale) else { return }
    defer { cairo_surface_destroy(surface) }
    let sink = ByteSink()
    guard cairo_surface_write_to_png_stream(surface, ByteSink.write, sink.closure) == CAIRO_STATUS_SUCCESS else {
      return
    }
    output += "<image\(frame(shape.frame)) preserveAspectRatio=\"none\" style=\"image-rendering:optimizeSpeed;"
    output += "image-rendering:crisp-edges;image-rendering:pixelated\" "
    output += "href=\"data:image/png;base64,\(Self.base64(sink.bytes))\"/>\n"
  }

  // MARK: Attributes

  private func frame(_ frame: Rectangle) -> String {
    " x=\"\(number(frame.x))\" y=\"\(number(frame.y))\""
      + " width=\"\(number(frame.width))\" height=\"\(number(frame.height))\""
  }

  private func fill(_ color: Color?) -> String {
    guard let color else { return " fill=\"none\"" }
    return " fill=\"\(color.hex)\"" + (color.alpha < 1 ? " fill-opacity=\"\(number(color.alpha))\"" : "")
  }

  private func stroke(_ stroke: Stroke?) -> String {
    guard let stroke else { return "" }
    var text = " stroke=\"\(stroke.color.hex)\" stroke-width=\"\(number(stroke.width))\" stroke-linejoin=\"round\""
    if stroke.color.alpha < 1 { text += " stroke-opacity=\"\(number(stroke.color.alpha))\"" }
    if !stroke.dash.isEmpty { text += " stroke-dasharray=\"\(stroke.dash.map(number).joined(separator: " "))\"" }
    return text
  }

  /// Three decimals without trailing zeros.
  private func number(_ value: Double) -> String {
    var text = Numbers.fixed(value, digits: 3, minus: "-")
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text.isEmpty || text == "-" ? "0" : text
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var word = 0
      for place in 0..<3 { word = word << 8 | (place < count ? Int(bytes[start + place]) : 0) }
      for place in 0..<4 { text.append(place <= count ? alphabet[word >> (18 - 6 * place) & 63] : UInt8(ascii: "=")) }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
