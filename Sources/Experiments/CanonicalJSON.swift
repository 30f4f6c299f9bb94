import Crypto
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

/// SHA-256 in hexadecimal.
enum Digest {
  static func of(_ text: String) -> String { hexadecimal(SHA256.hash(data: Data(text.utf8))) }

  /// Of a file, read in pieces; nil where it cannot be read.
  static func ofFile(_ path: String) -> String? {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    var hash = SHA256()
    do {
      while let piece = try handle.read(upToCount: 4 << 20), !piece.isEmpty { hash.update(data: piece) }
    } catch { return nil }
    return hexadecimal(hash.finalize())
  }

  private static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
