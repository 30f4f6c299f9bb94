import Foundation

/// Text as LaTeX sets it outside of mathematics, in ASCII and commands of LaTeX itself, so that pdfLaTeX, XeLaTeX and LuaLaTeX set the
/// same with any font.
///
/// A character without such a command (Chinese, Cyrillic, emoji, what is invisible) is written as its code point, `<U+65E5>`: two names
/// that differ stay different, and nothing depends on the fonts of a machine.
struct LatexText: Equatable {
  private(set) var text = ""
  /// In points, in Computer Modern of ten points: what is narrower than that in most fonts of papers.
  private(set) var width = 0.0
  /// Characters that are written as code points, each once.
  private(set) var unknown: [Unicode.Scalar] = []
  private let isBold: Bool
  /// The last character that stands for itself: two of some in a row would become one sign.
  private var last: Unicode.Scalar?

  init(_ source: String, isBold: Bool = false) {
    self.isBold = isBold
    for character in source.precomposedStringWithCanonicalMapping {
      if !appendAccented(character) { for scalar in character.unicodeScalars { append(scalar) } }
    }
  }

  /// - Returns: false where it is not a Latin letter with one accent that LaTeX knows.
  private mutating func appendAccented(_ character: Character) -> Bool {
    let parts = Array(String(character).decomposedStringWithCanonicalMapping.unicodeScalars)
    guard parts.count == 2, parts[0].isASCII, parts[0].properties.isAlphabetic,
      let command = LatexSymbols.accents[parts[1]]
    else { return false }
    let isBelow = command == "c" || command == "d" || command == "b"
    let hasDot = parts[0] == "i" || parts[0] == "j"
    text += "\\\(command){" + (hasDot && !isBelow ? "\\\(parts[0])" : "\(parts[0])") + "}"
    width += LatexSymbols.width(parts[0], isBold: isBold)
    last = nil
    return true
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    if let symbol = LatexSymbols.symbols[scalar] {
      text += symbol.text
      width += symbol.width * (isBold ? 1.16 : 1)
      last = nil
      return
    }
    switch scalar {
    case "\u{0}"..."\u{20}", "\u{7F}", "\u{2000}"..."\u{2008}", "\u{200A}", "\u{2028}", "\u{2029}", "\u{3000}":
      text += " "
      width += LatexSymbols.width(" ", isBold: isBold)
      last = nil
    case "\u{21}"..."\u{7E}":
      // "--", ",,", "''" would become one sign.
      if scalar == last, scalar == "-" || scalar == "," || scalar == "'" { text += "{}" }
      text.unicodeScalars.append(scalar)
      width += LatexSymbols.width(scalar, isBold: isBold)
      last = scalar
    default:
      let code = String(scalar.value, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
      if !unknown.contains(scalar) { unknown.append(scalar) }
      text += "\\textless{}\(name)\\textgreater{}"
      width += 2 * 7.78 + name.unicodeScalars.reduce(0) { $0 + LatexSymbols.width($1, isBold: isBold) }
      last = nil
    }
  }

  /// Behind which of its characters a name may be broken.
  private static let separators: Set<Character> = ["-", "_", ".", "/", ":", ",", ";", "|", "+", "=", ")", "]", "}"]

  /// Text in lines of at most `limit` points at ten points: broken at spaces, else behind a separator, else anywhere.
  static func lines(_ source: String, limit: Double, isBold: Bool = false) -> [LatexText] {
    var lines: [LatexText] = []
    var line = ""
    func width(_ text: String) -> Double { LatexText(text, isBold: isBold).width }
    func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespaces) }
    func end() {
      if !trimmed(line).isEmpty { lines.append(LatexText(trimmed(line), isBold: isBold)) }
      line = ""
    }
    for piece in pieces(source) {
      if width(trimmed(line + piece)) <= limit {
        line += piece
        continue
      }
      end()
      for character in piece {
        if !line.isEmpty, width(trimmed(line + String(character))) > limit { end() }
        line.append(character)
      }
    }
    end()
    return lines.isEmpty ? [LatexText("", isBold: isBold)] : lines
  }

  /// Parts between which a line may end, each with what separates it from the next.
  private static func pieces(_ source: String) -> [String] {
    var pieces: [String] = []
    var piece = ""
    for character in source {
      piece.append(character)
      if character == " " || separators.contains(character) {
        pieces.append(piece)
        piece = ""
      }
    }
    return piece.isEmpty ? pieces : pieces + [piece]
  }

  /// Width of the longest part that stands between spaces, at ten points.
  static func longestWord(_ source: String, isBold: Bool = false) -> Double {
    source.split(separator: " ").map { LatexText(String($0), isBold: isBold).width }.max() ?? 0
  }

  /// Running text, whose long words may be broken: names of stores and files stand in captions.
  static func running(_ source: String) -> LatexText {
    var whole = LatexText(source)
    whole.text = source.split(separator: " ", omittingEmptySubsequences: false).map { word -> String in
      // Plain words are hyphenated by LaTeX.
      let width = LatexText(String(word)).width
      let isPlain = word.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || ".,;:".contains(Character($0)))
      }
      guard width > 150 || (width > 60 && !isPlain) else { return LatexText(String(word)).text }
      return lines(String(word), limit: 30).map(\.text).joined(separator: "\\allowbreak{}")
    }.joined(separator: " ")
    return whole
  }
}
