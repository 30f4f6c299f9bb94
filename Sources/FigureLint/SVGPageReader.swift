import Figures
import Foundation

/// Follows the drawing of an SVG file: ours wholly, those of others as far as shapes, text and transforms go.
struct SVGPageReader {
  private struct State {
    var transform = Transform()
    var fill: Color? = .black
    var stroke: Color?
    var fillOpacity = 1.0
    var strokeWidth = 1.0
    var fontSize = 16.0
    var family = ""
    var isBold = false
    var anchor = "start"
    var isHidden = false
  }

  private var page = DrawnPage(size: Size(0, 0))
  private var stack: [State] = [State()]
  private var isSized = false

  /// - Throws: `LintError` if it is no SVG with a size.
  static func read(_ bytes: [UInt8], file: String) throws(LintError) -> DrawnPage {
    var reader = SVGPageReader()
    var xml = XMLReader(bytes)
    while let event = xml.next() {
      switch event {
      case .start(let name, let attributes, let isEmpty):
        if name == "text", !isEmpty {
          reader.text(attributes, &xml)
        } else {
          reader.start(name, attributes)
          if isEmpty, reader.stack.count > 1 { reader.stack.removeLast() }
        }
      case .end: if reader.stack.count > 1 { reader.stack.removeLast() }
      case .text: break
      }
    }
    guard reader.isSized else { throw LintError("\(file) is no SVG with a width, a height or a viewBox") }
    return reader.page
  }

  private init() {}

  private mutating func start(_ name: String, _ attributes: [String: String]) {
    var state = inherited(attributes)
    if name == "svg", !isSized { state.transform = root(attributes) }
    if ["defs", "clipPath", "mask", "symbol", "pattern", "title", "desc", "style", "metadata"].contains(name) {
      state.isHidden = true
    }
    stack.append(state)
    guard !state.isHidden else { return }
    func number(_ key: String) -> Double { Self.length(attributes[key]) ?? 0 }
    switch name {
    case "rect":
      paint(
        state,
        bounds: state.transform.bounds(
          x: number("x"), y: number("y"), width: number("width"), height: number("height")),
        isRectangle: number("rx") == 0)
    case "circle":
      let radius = number("r")
      paint(
        state,
        bounds: state.transform.bounds(
          x: number("cx") - radius, y: number("cy") - radius, width: 2 * radius, height: 2 * radius), isRectangle: false
      )
    case "line":
      paint(state, bounds: nil, isRectangle: false)
    case "path", "polygon", "polyline":
      let numbers = Self.numbers(attributes["d"] ?? attributes["points"] ?? "")
      let points = stride(from: 0, to: numbers.count - 1, by: 2).map {
        state.transform.point(numbers[$0], numbers[$0 + 1])
      }
      // Only paths of absolute coordinates have bounds that can be told without following every curve.
      let isAbsolute = !(attributes["d"] ?? "").contains { "mlhvcsqta".contains($0) || "HVA".contains($0) }
      paint(state, bounds: isAbsolute ? Self.bounds(points) : nil, isRectangle: false)
    case "image":
      let href = attributes["href"] ?? ""
      let size = Self.pictureSize(href)
      let bounds = state.transform.bounds(
        x: number("x"), y: number("y"), width: number("width"), height: number("height"))
      page.images.append(
        .init(
          columns: size?.width ?? 0, rows: size?.height ?? 0, width: bounds.width, height: bounds.height,
          isSharp: (attributes["style"] ?? "").contains("pixelated")
            || (attributes["image-rendering"] ?? "") == "pixelated",
          bounds: bounds, order: page.painted))
    default: break
    }
  }

  private mutating func paint(_ state: State, bounds: Rectangle?, isRectangle: Bool) {
    if let fill = state.fill, let bounds {
      page.fills.append(
        .init(color: fill.opacity(state.fillOpacity), bounds: bounds, isRectangle: isRectangle, order: page.painted))
    }
    if let stroke = state.stroke {
      page.strokes.append(.init(color: stroke, width: state.strokeWidth * state.transform.scale))
    }
  }

  /// The whole of a text element: its spans are one run.
  private mutating func text(_ attributes: [String: String], _ xml: inout XMLReader) {
    let state = inherited(attributes)
    var characters = ""
    var depth = 1
    var hidden = 0
    while depth > 0, let event = xml.next() {
      switch event {
      case .start(let name, _, let isEmpty):
        if isEmpty { continue }
        depth += 1
        if name == "title" || hidden > 0 { hidden += 1 }
      case .end:
        depth -= 1
        if hidden > 0 { hidden -= 1 }
      case .text(let piece): if hidden == 0 { characters += piece }
      }
    }
    let trimmed = characters.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard !trimmed.isEmpty, !state.isHidden else { return }
    // Without a stated length, a width that is usual for sans serif faces.
    let stated = Self.length(attributes["textLength"])
    let width = stated ?? Double(trimmed.count) * 0.55 * state.fontSize
    if stated == nil, !page.gaps.contains(Self.estimate) { page.gaps.append(Self.estimate) }
    let x = Self.length(attributes["x"]) ?? 0
    let y = Self.length(attributes["y"]) ?? 0
    let start = state.anchor == "middle" ? x - width / 2 : state.anchor == "end" ? x - width : x
    let bounds = state.transform.bounds(
      x: start, y: y - 0.74 * state.fontSize, width: width, height: 0.95 * state.fontSize)
    page.texts.append(
      .init(
        text: trimmed, size: state.fontSize * state.transform.scaleY, bounds: bounds, color: state.fill ?? .black,
        order: page.painted, isBold: state.isBold))
    let font = DrawnPage.Font(name: state.family, type: "by name", isEmbedded: false)
    if !page.fonts.contains(font) { page.fonts.append(font) }
  }

  private static let estimate = "the width of some texts is estimated, as the file does not state it"

  // MARK: Attributes

  /// The size of the page in points; what it makes of the file's units.
  private mutating func root(_ attributes: [String: String]) -> Transform {
    let box = Self.numbers(attributes["viewBox"] ?? "")
    // A pixel of CSS is three quarters of a point; what has no unit is a pixel.
    let width = Self.points(attributes["width"]) ?? (box.count == 4 ? box[2] * 0.75 : nil)
    let height = Self.points(attributes["height"]) ?? (box.count == 4 ? box[3] * 0.75 : nil)
    guard let width, let height, width > 0, height > 0 else { return Transform() }
    isSized = true
    page.size = Size(width, height)
    guard box.count == 4, box[2] > 0, box[3] > 0 else { return Transform(a: 0.75, d: 0.75) }
    let scale = min(width / box[2], height / box[3])
    return Transform(a: scale, d: scale, e: -box[0] * scale, f: -box[1] * scale)
  }

  private func inherited(_ attributes: [String: String]) -> State {
    var state = stack[stack.count - 1]
    var values = attributes
    for declaration in (attributes["style"] ?? "").split(separator: ";") {
      let parts = declaration.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { values[Self.trimmed(parts[0])] = Self.trimmed(parts[1]) }
    }
    if let text = values["transform"] { state.transform = Self.transform(text).then(state.transform) }
    if let text = values["fill"] { state.fill = text == "none" ? nil : Self.color(text) ?? state.fill }
    if let text = values["stroke"] { state.stroke = text == "none" ? nil : Self.color(text) ?? state.stroke }
    if let value = Self.length(values["fill-opacity"]) { state.fillOpacity = value }
    if let value = Self.length(values["stroke-width"]) { state.strokeWidth = value }
    if let value = Self.length(values["font-size"]) { state.fontSize = value }
    if let text = values["font-family"] {
      state.family = text.split(separator: ",").first.map { $0.filter { $0 != "'" && $0 != "\"" } } ?? text
    }
    if let text = values["font-weight"] { state.isBold = text == "bold" || (Double(text) ?? 0) >= 600 }
    if let text = values["text-anchor"] { state.anchor = text }
    if values["display"] == "none" || values["visibility"] == "hidden" { state.isHidden = true }
    return state
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func transform(_ text: String) -> Transform {
    var result = Transform()
    // The last is applied first.
    for part in text.split(separator: ")") {
      guard let open = part.firstIndex(of: "(") else { continue }
      let name = part[..<open].filter { $0.isLetter }
      let n = numbers(String(part[part.index(after: open)...]))
      var one = Transform()
      switch name {
      case "translate": one = Transform(e: n.first ?? 0, f: n.count > 1 ? n[1] : 0)
      case "scale": one = Transform(a: n.first ?? 1, d: n.count > 1 ? n[1] : n.first ?? 1)
      case "matrix" where n.count == 6: one = Transform(a: n[0], b: n[1], c: n[2], d: n[3], e: n[4], f: n[5])
      case "rotate" where !n.isEmpty:
        let angle = n[0] * .pi / 180
        let turn = Transform(a: cos(angle), b: sin(angle), c: -sin(angle), d: cos(angle))
        one = n.count == 3 ? Transform(e: -n[1], f: -n[2]).then(turn).then(Transform(e: n[1], f: n[2])) : turn
      default: break
      }
      result = one.then(result)
    }
    return result
  }

  private static func numbers(_ text: String) -> [Double] {
    var found: [Double] = []
    var word = ""
    func isPart(_ character: Character) -> Bool { character.isNumber || "+-.eE".contains(character) }
    for character in text + " " {
      if isPart(character), !(character == "-" && !word.isEmpty && !"eE".contains(word.last ?? " ")) {
        word.append(character)
      } else {
        if let value = Double(word) { found.append(value) }
        word = character == "-" ? "-" : ""
      }
    }
    return found
  }

  private static func length(_ text: String?) -> Double? { text.flatMap { numbers($0).first } }

  /// A length of the page in points.
  private static func points(_ text: String?) -> Double? {
    guard let text, let value = length(text), !text.hasSuffix("%") else { return nil }
    let units = ["pt": 1.0, "in": 72, "cm": 72 / 2.54, "mm": 72 / 25.4, "pc": 12]
    return value * (units.first { text.hasSuffix($0.key) }?.value ?? 0.75)
  }

  private static func color(_ text: String) -> Color? {
    if let color = Color(hex: text) { return color }
    if text.hasPrefix("#"), text.count == 4 { return Color(hex: "#" + text.dropFirst().flatMap { [$0, $0] }) }
    if text.hasPrefix("rgb") {
      let scale = text.contains("%") ? 100.0 : 255
      let n = numbers(text)
      return n.count >= 3 ? Color(red: n[0] / scale, green: n[1] / scale, blue: n[2] / scale) : nil
    }
    return ["black": Color.black, "white": .white, "red": Color(red: 1, green: 0, blue: 0)][text]
  }

  private static func bounds(_ points: [Point]) -> Rectangle? {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(), let top = points.map(\.y).min(),
      let bottom = points.map(\.y).max()
    else { return nil }
    return Rectangle(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// Width and height of a JPEG, from its frame header.
  private static func sizeOfJPEG(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
    var place = 2
    while place + 9 < bytes.count, bytes[place] == 0xFF {
      let marker = bytes[place + 1]
      if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        return (Int(bytes[place + 7]) << 8 | Int(bytes[place + 8]), Int(bytes[place + 5]) << 8 | Int(bytes[place + 6]))
      }
      place += 2 + (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
    }
    return nil
  }

  /// Width and height of a PNG or JPEG in a data address.
  private static func pictureSize(_ href: String) -> (width: Int, height: Int)? {
    if href.hasPrefix("data:image/jpeg;base64,") {
      return sizeOfJPEG(Base64.decode(href.dropFirst("data:image/jpeg;base64,".count)))
    }
    guard href.hasPrefix("data:image/png;base64,") else { return nil }
    let bytes = Base64.decode(href.dropFirst("data:image/png;base64,".count).prefix(64))
    guard bytes.count >= 24 else { return nil }
    func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }
}

/// Base 64, as data addresses use it.
enum Base64 {
  static func decode(_ text: some StringProtocol) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    var buffer = 0
    var bits = 0
    for byte in text.utf8 {
      guard let value = alphabet.firstIndex(of: byte) else { continue }
      buffer = (buffer << 6 | value) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(buffer >> bits & 255))
      }
    }
    return bytes
  }
}
