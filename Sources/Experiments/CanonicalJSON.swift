import Foundation

/// JSON with one spelling for one value: keys sorted by their bytes, no spaces, nothing escaped that need not be.
indirect enum CanonicalJSON {
  case text(String)
  case list([CanonicalJSON])
  case object([(String, CanonicalJSON)])

  var encoded: String {
    switch self {
    case .text(let text): CanonicalJSON.quoted(text)
    case .list(let values): "[" + values.map(\.encoded).joined(separator: ",") + "]"
    case .object(let fields):
      "{"
        + fields.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        .map { CanonicalJSON.quoted($0.0) + ":" + $0.1.encoded }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
