import Figures
import Foundation

/// How an SVG element is drawn, after what it inherits, its attributes, the style sheet and its own `style`.
struct SVGStyle {
  enum Paint: Equatable {
    case none
    case color(Color)
    /// A gradient or a pattern.
    case pattern
  }

  var transform = Transform()
  var fill = Paint.color(.black)
  var stroke = Paint.none
  var fillOpacity = 1.0
  var opacity = 1.0
  var strokeWidth = 1.0
  /// Lengths of dashes and gaps; empty for a solid line.
  var dash: [Double] = []
  var fontSize = 16.0
  var family = ""
  var isBold = false
  var anchor = "start"
  var isDisplayed = true
  var isVisible = true
  private var color = Color.black

  /// The fill of text; nil for a pattern.
  var ink: Color? {
    if case .color(let color) = fill { color.opacity(color.alpha * fillOpacity * opacity) } else { nil }
  }

  private static let properties: Set<String> = [
    "transform", "fill", "stroke", "fill-opacity", "opacity", "stroke-width", "stroke-dasharray", "font", "font-size",
    "font-family",
    "font-weight", "text-anchor", "display", "visibility", "color", "image-rendering",
  ]

  /// The values of an element's properties: attributes, then the sheet's rules, then `style`; important ones last.
  static func values(_ element: SVGElement, rules: [StyleSheet.Declaration]) -> [String: String] {
    var values = element.attributes.filter { properties.contains($0.key) }
    let own = element.attributes["style"].map(StyleSheet.declarations) ?? []
    for declaration in rules where !declaration.isImportant { set(declaration, in: &values) }
    for declaration in own where !declaration.isImportant { set(declaration, in: &values) }
    for declaration in rules + own where declaration.isImportant { set(declaration, in: &values) }
    return values
  }

  private static func set(_ declaration: StyleSheet.Declaration, in values: inout [String: String]) {
    guard properties.contains(declaration.property) else { return }
    values[declaration.property] = declaration.value
    // The short form sets the long ones, so that whichever comes later holds.
    if declaration.property == "font" {
      for long in ["font-size", "font-family", "font-weight"] { values[long] = nil }
    }
  }

  /// Takes over an element's values. `viewport` is what percentages are of.
  /// - Returns: What is not understood, one sentence each.
  mutating func apply(_ values: [String: String], viewport: Size) -> [String] {
    var gaps: [String] = []
    func value(_ name: String) -> String? { values[name].flatMap { $0 == "inherit" ? nil : $0 } }
    if let text = value("transform"), text != "none" {
      if let own = SVGValues.transform(text) {
        transform = own.then(transform)
      } else {
        gaps.append("the transform '\(text)' is not understood")
      }
    }
    if let text = value("color"), let own = SVGValues.color(text) { color = own }
    for (name, path) in [("fill", \SVGStyle.fill), ("stroke", \SVGStyle.stroke)] {
      guard let text = value(name) else { continue }
      if let paint = paint(text) {
        self[keyPath: path] = paint
      } else {
        gaps.append("the colour '\(text)' is not understood")
      }
    }
    if let own = SVGValues.length(value("fill-opacity"), whole: 1) { fillOpacity = own }
    if let own = SVGValues.length(value("opacity"), whole: 1) { opacity *= own }
    if let text = value("font") { gaps += applyFont(text) }
    if let text = value("font-size") { gaps += applySize(text) }
    if let own = SVGValues.length(value("stroke-width"), em: fontSize, whole: viewport.width) { strokeWidth = own }
    if let text = value("stroke-dasharray") { dash = text == "none" ? [] : SVGValues.numbers(text) }
    if let text = value("font-family") { family = Self.firstFamily(text) }
    if let text = value("font-weight") { isBold = text.hasPrefix("bold") || (Double(text) ?? 0) >= 600 }
    if let text = value("text-anchor") { anchor = text }
    if value("display") == "none" { isDisplayed = false }
    if let text = value("visibility") { isVisible = text == "visible" }
    return gaps
  }

  private func paint(_ text: String) -> Paint? {
    if text == "none" { return Paint.none }
    if text.hasPrefix("url(") || text.hasPrefix("context-") { return .pattern }
    if text.lowercased() == "currentcolor" { return .color(color) }
    return SVGValues.color(text).map { $0.alpha == 0 ? .none : .color($0) }
  }

  private mutating func applySize(_ text: String) -> [String] {
    let named = ["xx-small": 9.0, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32]
    if let size = named[text] {
      fontSize = size
    } else if text == "smaller" || text == "larger" {
      fontSize *= text == "larger" ? 1.2 : 1 / 1.2
    } else if let size = SVGValues.length(text, em: fontSize, whole: fontSize) {
      fontSize = size
    } else {
      return ["the font size '\(text)' is not understood"]
    }
    return []
  }

  /// `italic bold 10px/12px 'DejaVu Sans', sans-serif`.
  private mutating func applyFont(_ text: String) -> [String] {
    let words = text.split(separator: " ").map(String.init)
    let size = words.firstIndex { word in
      word.first?.isNumber == true && word.contains { $0.isLetter || $0 == "%" } || word.first == "."
    }
    guard let size else { return ["the font '\(text)' is not understood"] }
    isBold = words[..<size].contains { $0.hasPrefix("bold") || (Double($0) ?? 0) >= 600 }
    family = Self.firstFamily(words[(size + 1)...].joined(separator: " "))
    return applySize(words[size].split(separator: "/").first.map(String.init) ?? words[size])
  }

  private static func firstFamily(_ text: String) -> String {
    let first = text.split(separator: ",").first.map(String.init) ?? text
    return first.filter { $0 != "'" && $0 != "\"" }.trimmingCharacters(in: .whitespaces)
  }
}
