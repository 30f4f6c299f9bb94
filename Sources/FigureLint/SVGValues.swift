import Figures
import Foundation

/// Numbers, lengths, colours and transforms as SVG and CSS write them.
enum SVGValues {
  /// All numbers of a text, whatever stands between them.
  static func numbers(_ text: String) -> [Double] {
    var found: [Double] = []
    var word: [UInt8] = []
    func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    func flush() {
      if let value = Double(String(decoding: word, as: UTF8.self)), value.isFinite { found.append(value) }
      word.removeAll(keepingCapacity: true)
    }
    for byte in text.utf8 {
      switch byte {
      case 48...57: word.append(byte)
      case UInt8(ascii: "."):
        // A second point, or one behind an exponent, begins another number.
        if word.contains(byte) || word.contains(UInt8(ascii: "e")) { flush() }
        word.append(byte)
      case UInt8(ascii: "-"), UInt8(ascii: "+"):
        if word.last != UInt8(ascii: "e") { flush() }
        word.append(byte)
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        if word.contains(where: isDigit), !word.contains(UInt8(ascii: "e")) {
          word.append(UInt8(ascii: "e"))
        } else {
          flush()
        }
      default:
        // A unit that begins with e: "2em".
        if word.last == UInt8(ascii: "e") { word.removeLast() }
        flush()
      }
    }
    if word.last == UInt8(ascii: "e") { word.removeLast() }
    flush()
    return found
  }

  /// A length in user units; nil if it is not a number with a known unit.
  /// - Parameters:
  ///   - em: The size of type that `em` and `ex` stand for.
  ///   - whole: What 100 % are.
  static func length(_ text: String?, em: Double = 16, whole: Double = 100) -> Double? {
    guard let text, let value = numbers(text).first else { return nil }
    let unit = text.trimmingCharacters(in: .whitespaces).reversed().prefix { $0.isLetter || $0 == "%" }
    switch String(unit.reversed()).lowercased() {
    case "", "px": return value
    case "pt": return value * 4 / 3
    case "pc": return value * 16
    case "in": return value * 96
    case "cm": return value * 96 / 2.54
    case "mm": return value * 96 / 25.4
    case "q": return value * 96 / 101.6
    case "em", "rem": return value * em
    case "ex": return value * em / 2
    case "%": return value * whole / 100
    default: return nil
    }
  }

  /// A length of the page in points; nil if it is none, or a part of what is around the page.
  static func points(_ text: String?) -> Double? {
    guard let text, !text.hasSuffix("%") else { return nil }
    // A pixel of CSS is three quarters of a point; what has no unit is a pixel.
    return length(text).map { $0 * 0.75 }
  }

  /// nil where the colour is not understood.
  static func color(_ text: String) -> Color? {
    let text = text.lowercased()
    if text.hasPrefix("#") {
      let digits = text.dropFirst()
      let long = digits.count < 6 ? String(digits.flatMap { [$0, $0] }) : String(digits)
      guard long.count == 6 || long.count == 8, let color = Color(hex: long.prefix(6)) else { return nil }
      guard long.count == 8 else { return color }
      return Int(long.suffix(2), radix: 16).map { color.opacity(Double($0) / 255) }
    }
    if text.hasPrefix("rgb") {
      let parts = text.split { "(), /".contains($0) }.dropFirst().map(String.init)
      guard parts.count >= 3 else { return nil }
      let values = parts.map { part in (numbers(part).first ?? 0) / (part.hasSuffix("%") ? 100 : 255) }
      let color = Color(red: values[0], green: values[1], blue: values[2])
      guard parts.count > 3 else { return color }
      return color.opacity(parts[3].hasSuffix("%") ? values[3] : values[3] * 255)
    }
    return text == "transparent" ? Color.black.opacity(0) : NamedColors.color(text)
  }

  /// nil where an operation is not understood.
  static func transform(_ text: String) -> Transform? {
    var result = Transform()
    // The last is applied first.
    for part in text.split(separator: ")") {
      guard let open = part.firstIndex(of: "(") else { continue }
      let values = numbers(String(part[part.index(after: open)...]))
      guard let step = transform(part[..<open].filter(\.isLetter), values) else { return nil }
      result = step.then(result)
    }
    return result
  }

  private static func transform(_ name: String, _ values: [Double]) -> Transform? {
    let first = values.first ?? 0
    switch name {
    case "translate": return Transform(e: first, f: values.count > 1 ? values[1] : 0)
    case "translateX": return Transform(e: first)
    case "translateY": return Transform(f: first)
    case "scale" where !values.isEmpty: return Transform(a: first, d: values.count > 1 ? values[1] : first)
    case "skewX": return Transform(c: tan(first * .pi / 180))
    case "skewY": return Transform(b: tan(first * .pi / 180))
    case "matrix" where values.count == 6:
      return Transform(a: values[0], b: values[1], c: values[2], d: values[3], e: values[4], f: values[5])
    case "rotate" where !values.isEmpty:
      let angle = first * .pi / 180
      let turn = Transform(a: cos(angle), b: sin(angle), c: -sin(angle), d: cos(angle))
      guard values.count == 3 else { return turn }
      return Transform(e: -values[1], f: -values[2]).then(turn).then(Transform(e: values[1], f: values[2]))
    default: return nil
    }
  }
}
