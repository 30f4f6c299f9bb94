import FiguresCairo
import Foundation

/// Text from outside, made harmless where it is put.
public enum Escaping {
  /// As text or a quoted attribute of HTML, XML and SVG.
  public static func html(_ text: String) -> String { text.xmlEscaped }

  /// As JSON inside a `<script>` element: no character of it can end the element or begin a comment.
  public static func scriptData(_ json: Data) -> String {
    var escaped = ""
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "<": escaped += "\\u003c"
      case ">": escaped += "\\u003e"
      case "&": escaped += "\\u0026"
      case "\u{2028}": escaped += "\\u2028"
      case "\u{2029}": escaped += "\\u2029"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// As text of LaTeX, outside of mathematics: ``LatexText``.
  public static func latex(_ text: String) -> String { LatexText(text).text }

  /// As part of the name of a file or of an element: letters, digits and underscores of ASCII as they are, anything else as a
  /// hyphen.
  static func fileName(_ text: String) -> String {
    let safe = text.unicodeScalars.prefix(60).map { scalar -> Character in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_")
        ? Character(scalar) : "-"
    }
    return String(safe)
  }

  /// As the beginning of the names of files that are of a folder: letters, digits and marks of every script, underscores and hyphens
  /// as they are, anything else as a hyphen.
  static func folderName(_ text: String) -> String {
    var safe = String.UnicodeScalarView()
    var bytes = 0
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
      let isMark = [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
      let isKept =
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
        || (isMark && !safe.isEmpty)
      bytes += isKept ? UTF8.width(scalar) : 1
      // Names of files have 255 bytes, of which the table's own name needs some.
      guard bytes <= 120 else { break }
      safe.append(isKept ? scalar : "-")
    }
    return String(safe)
  }
}
