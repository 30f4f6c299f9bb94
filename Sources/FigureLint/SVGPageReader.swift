import Figures
import Foundation

/// Follows the drawing of an SVG file: shapes, pictures, text, transforms, styles and what is drawn by `<use>`.
/// Clips, masks and filters are not followed.
struct SVGPageReader {
  var page = DrawnPage(size: Size(0, 0))
  private var sheet = StyleSheet()
  private var elements: [String: SVGElement] = [:]
  /// The elements around the one that is drawn, as selectors see them.
  private var path: [StyleSheet.Subject] = []
  /// What percentages are of, in user units.
  private var viewport = Size(100, 100)
  private var isSized = false
  private var steps = 0

  private static let mostSteps = 2_000_000
  private static let mostNested = 256
  /// Drawn only where something refers to them, or never.
  private static let undrawn: Set<String> = [
    "defs", "clipPath", "mask", "symbol", "pattern", "title", "desc", "style", "metadata", "marker", "linearGradient",
    "radialGradient", "filter", "script", "cursor", "view", "set", "animate", "animateTransform", "animateMotion",
  ]

  /// - Throws: `LintError` if it is not an SVG with a size.
  static func read(_ bytes: [UInt8], file: String) throws(LintError) -> DrawnPage {
    let document = try SVGDocument(bytes, file: file)
    var reader = SVGPageReader()
    document.faults.forEach { reader.fail($0) }
    document.gaps.forEach { reader.miss($0) }
    reader.collect(document.root)
    reader.sheet.gaps.forEach { reader.miss($0) }
    reader.draw(document.root, inside: SVGStyle())
    guard reader.isSized else { throw LintError("\(file) is no SVG with a width, a height or a viewBox") }
    return reader.page
  }

  private init() {}

  /// Notes that something was not read.
  mutating func miss(_ sentence: String) {
    if !page.gaps.contains(sentence) { page.gaps.append(sentence) }
  }

  /// Notes that something is broken.
  mutating func fail(_ sentence: String) {
    if !page.faults.contains(sentence) { page.faults.append(sentence) }
  }

  /// Finds style sheets and what can be referred to.
  private mutating func collect(_ element: SVGElement) {
    if element.isSVG, element.name == "style" { sheet.add(element.text) }
    if let id = element.attributes["id"], elements[id] == nil { elements[id] = element }
    element.children.forEach { collect($0) }
  }

  // MARK: Elements

  /// Enters an element: how it is drawn.
  mutating func enter(_ element: SVGElement, inside parent: SVGStyle) -> (style: SVGStyle, values: [String: String]) {
    path.append(StyleSheet.Subject(element))
    var style = parent
    let values = SVGStyle.values(element, rules: sheet.declarations(for: path))
    style.apply(values, viewport: viewport).forEach { miss($0) }
    return (style, values)
  }

  mutating func leave() { path.removeLast() }

  private mutating func draw(_ element: SVGElement, inside parent: SVGStyle) {
    guard element.isSVG, !Self.undrawn.contains(element.name) else { return }
    steps += 1
    guard steps < Self.mostSteps else { return miss("only the first \(Self.mostSteps) elements are followed") }
    guard path.count < Self.mostNested else {
      return miss("elements are followed to a depth of \(Self.mostNested) only")
    }
    var (style, values) = enter(element, inside: parent)
    defer { leave() }
    guard style.isDisplayed else { return }
    switch element.name {
    case "svg":
      style.transform = isSized ? nested(element).then(style.transform) : root(element)
      drawChildren(of: element, style)
    case "g", "a": drawChildren(of: element, style)
    case "switch": drawChosen(of: element, style)
    case "use": drawReferred(element, style)
    case "foreignObject": miss("a foreignObject holds what is not SVG, which is not checked")
    case "text": drawText(element, style)
    case "image": if style.isVisible { drawImage(element, style, values) }
    default: if style.isVisible { drawShape(element, style) }
    }
  }

  private mutating func drawChildren(of element: SVGElement, _ style: SVGStyle) {
    for child in element.children { draw(child, inside: style) }
  }

  /// The first child that asks for nothing special, as a program without extensions shows it.
  private mutating func drawChosen(of element: SVGElement, _ style: SVGStyle) {
    let plain = element.children.first { child in
      child.isSVG && child.name != "foreignObject" && child.attributes["requiredExtensions"] == nil
    }
    if let plain {
      draw(plain, inside: style)
    } else if let first = element.children.first {
      miss("a switch without a plain choice (\(first.name)) is not followed")
    }
  }

  private mutating func drawReferred(_ element: SVGElement, _ style: SVGStyle) {
    let reference = element.attributes["href"] ?? ""
    let id = String(reference.dropFirst())
    guard reference.hasPrefix("#"), let target = elements[id] else {
      return fail("'\(reference.prefix(40))', which a use refers to, is not in the file")
    }
    // matplotlib draws letters so in groups named text_1, …, Cairo by glyph-0-1, ….
    if id.hasPrefix("glyph") || path.contains(where: { $0.id?.hasPrefix("text_") == true }) {
      miss(
        "letters are drawn as shapes, so their size, font and contrast are not checked; save text as text "
          + "(matplotlib: svg.fonttype none)")
    }
    var style = style
    let offset = (number(element, "x", whole: viewport.width), number(element, "y", whole: viewport.height))
    style.transform = Transform(e: offset.0, f: offset.1).then(style.transform)
    guard target.name == "symbol" || target.name == "svg" else { return draw(target, inside: style) }
    let own = enter(target, inside: style).style
    defer { leave() }
    var inner = own
    inner.transform = fit(target, width: size(element, "width"), height: size(element, "height")).then(own.transform)
    if path.count < Self.mostNested { drawChildren(of: target, inner) }
  }

  // MARK: Shapes

  private func number(_ element: SVGElement, _ name: String, whole: Double) -> Double {
    SVGValues.length(element.attributes[name], whole: whole) ?? 0
  }

  private func size(_ element: SVGElement, _ name: String) -> Double? {
    SVGValues.length(element.attributes[name], whole: name == "width" ? viewport.width : viewport.height)
  }

  private func frame(_ element: SVGElement, _ style: SVGStyle) -> Rectangle {
    style.transform.bounds(
      x: number(element, "x", whole: viewport.width), y: number(element, "y", whole: viewport.height),
      width: size(element, "width") ?? 0, height: size(element, "height") ?? 0)
  }

  private mutating func drawShape(_ element: SVGElement, _ style: SVGStyle) {
    switch element.name {
    case "rect":
      paint(style, bounds: frame(element, style), isRectangle: number(element, "rx", whole: viewport.width) == 0)
    case "circle", "ellipse":
      let radius = number(element, "r", whole: viewport.width)
      let across = element.name == "circle" ? radius : number(element, "rx", whole: viewport.width)
      let along = element.name == "circle" ? radius : number(element, "ry", whole: viewport.height)
      let center = (number(element, "cx", whole: viewport.width), number(element, "cy", whole: viewport.height))
      let bounds = style.transform.bounds(
        x: center.0 - across, y: center.1 - along, width: 2 * across, height: 2 * along)
      paint(style, bounds: bounds, isRectangle: false)
    case "line":
      let ends = [("x1", "y1"), ("x2", "y2")].map { x, y in
        style.transform.point(
          number(element, x, whole: viewport.width), number(element, y, whole: viewport.height))
      }
      paint(style, bounds: nil, line: DrawnPage.bounds(ends), isRectangle: false)
    case "polygon", "polyline":
      let numbers = SVGValues.numbers(element.attributes["points"] ?? "")
      let corners = stride(from: 0, to: numbers.count - 1, by: 2).map {
        style.transform.point(numbers[$0], numbers[$0 + 1])
      }
      paint(style, bounds: DrawnPage.bounds(corners), isRectangle: DrawnPage.isUprightRectangle(corners))
    case "path":
      guard let data = SVGPath(element.attributes["d"] ?? "") else {
        return miss("a path could not be read: '\((element.attributes["d"] ?? "").prefix(40))'")
      }
      let points = data.points.map { style.transform.point($0.x, $0.y) }
      paint(
        style, bounds: DrawnPage.bounds(points),
        isRectangle: !data.hasCurves && !data.isSplit && DrawnPage.isUprightRectangle(points),
        pieces: DrawnPage.pieces(points, starts: data.starts))
    default: miss("'\(element.name)' is not followed")
    }
  }

  /// - Parameters:
  ///   - bounds: of what is filled; nil for nothing.
  ///   - line: of what is drawn along the edge; nil for the same.
  private mutating func paint(
    _ style: SVGStyle, bounds: Rectangle?, line: Rectangle? = nil, isRectangle: Bool, pieces: [Rectangle] = []
  ) {
    if let bounds {
      switch style.fill {
      case .color:
        let color = style.ink ?? .black
        page.fills.append(
          .init(color: color, bounds: bounds, isRectangle: isRectangle, order: page.painted, pieces: pieces))
      // Nothing is known of what stands on it.
      case .pattern: page.fills.append(.init(color: .white, bounds: bounds, isRectangle: false, order: page.painted))
      case .none: break
      }
    }
    let width = style.strokeWidth * style.transform.scale
    let dash = style.dash.map { $0 * style.transform.scale }
    let reach = line ?? bounds
    switch style.stroke {
    case .color(let color): page.strokes.append(.init(color: color, width: width, bounds: reach, dash: dash))
    case .pattern: page.strokes.append(.init(color: .black, width: width, bounds: reach, dash: dash))
    case .none: break
    }
  }

  private mutating func drawImage(_ element: SVGElement, _ style: SVGStyle, _ values: [String: String]) {
    let address = element.attributes["href"] ?? ""
    let size = PictureAddress.size(address)
    if !address.hasPrefix("data:"), !address.hasPrefix("#") {
      fail("the picture '\(address.prefix(60))' is not in the file, so others will not see it; embed it")
    } else if size == nil {
      miss("the pixels of a picture are not in the file as PNG or JPEG, so its resolution is not checked")
    }
    let bounds = frame(element, style)
    page.images.append(
      .init(
        columns: size?.width ?? 0, rows: size?.height ?? 0, width: bounds.width, height: bounds.height,
        isSharp: ["pixelated", "crisp-edges", "optimizeSpeed"].contains(values["image-rendering"] ?? ""),
        bounds: bounds,
        order: page.painted))
  }

  // MARK: Frames

  /// The size of the page in points; what it makes of the file's units.
  private mutating func root(_ element: SVGElement) -> Transform {
    let box = SVGValues.numbers(element.attributes["viewBox"] ?? "")
    let width = SVGValues.points(element.attributes["width"]) ?? (box.count == 4 ? box[2] * 0.75 : nil)
    let height = SVGValues.points(element.attributes["height"]) ?? (box.count == 4 ? box[3] * 0.75 : nil)
    guard let width, let height, width > 0, height > 0 else { return Transform() }
    isSized = true
    page.size = Size(width, height)
    guard box.count == 4, box[2] > 0, box[3] > 0 else {
      viewport = Size(width / 0.75, height / 0.75)
      return Transform(a: 0.75, d: 0.75)
    }
    viewport = Size(box[2], box[3])
    let scale = min(width / box[2], height / box[3])
    return Transform(a: scale, d: scale, e: -box[0] * scale, f: -box[1] * scale)
  }

  private func nested(_ element: SVGElement) -> Transform {
    fit(element, width: size(element, "width"), height: size(element, "height"))
      .then(Transform(e: number(element, "x", whole: viewport.width), f: number(element, "y", whole: viewport.height)))
  }

  /// From an element's viewBox to a width and a height, in the middle of them.
  private func fit(_ element: SVGElement, width: Double?, height: Double?) -> Transform {
    let box = SVGValues.numbers(element.attributes["viewBox"] ?? "")
    guard box.count == 4, box[2] > 0, box[3] > 0, let width, let height else { return Transform() }
    let scale = min(width / box[2], height / box[3])
    return Transform(
      a: scale, d: scale, e: (width - box[2] * scale) / 2 - box[0] * scale,
      f: (height - box[3] * scale) / 2 - box[1] * scale)
  }
}
