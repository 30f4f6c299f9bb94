import Foundation

/// The list `SHA256SUMS`, as `sha256sum` writes and checks it.
struct BundleSums {
  static let name = "SHA256SUMS"

  /// Hexadecimal SHA-256 by name.
  private(set) var sums: [String: String] = [:]

  /// - Parameter sums: in any order.
  static func text(_ sums: [(name: String, sha256: String)]) -> String {
    sums.sorted { EntryName.precedes($0.name, $1.name) }.map { "\($0.sha256)  \($0.name)\n" }.joined()
  }

  /// - Throws: `BundleError` with the line that is none.
  init(parsing data: Data) throws {
    guard let text = String(data: data, encoding: .utf8) else {
      throw BundleError(.badInput, "\(Self.name): is no UTF-8 text")
    }
    for (place, line) in text.unicodeScalars.split(separator: "\n").enumerated() {
      let line = String(line)
      let hash = line.unicodeScalars.prefix(64)
      let rest = line.unicodeScalars.dropFirst(64)
      let name = String(String.UnicodeScalarView(rest.dropFirst(2)))
      guard hash.count == 64, hash.allSatisfy({ "0123456789abcdef".unicodeScalars.contains($0) }),
        rest.starts(with: "  ".unicodeScalars), EntryName.problem(name) == nil,
        sums.updateValue(String(String.UnicodeScalarView(hash)), forKey: name) == nil
      else {
        throw BundleError(.badInput, "\(Self.name): line \(place + 1) is no SHA-256, two spaces and a name of its own")
      }
    }
  }
}
