import Foundation

/// Who is to be named: `Family, Given`, or a group's name.
public struct BundleAuthor: Sendable, Equatable {
  let family: String?
  let given: String?
  private let name: String

  public init(_ text: String) {
    let parts = text.split(separator: ",", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
    name = text.trimmingCharacters(in: .whitespaces)
    family = parts.count == 2 ? parts[0] : nil
    given = parts.count == 2 ? parts[1] : nil
  }

  /// Where nobody is named, as in a blind review.
  static let anonymous = BundleAuthor("Anonymous")

  var isPerson: Bool { family != nil }
  var fullName: String { family.flatMap { family in given.map { "\($0) \(family)" } } ?? name }
}

/// Under which terms a bundle may be used.
public struct BundleLicense: Sendable, Equatable {
  /// Of the SPDX list, such as `CC-BY-4.0`; nil where none is stated.
  let spdx: String?

  /// - Throws: `BundleError` where it is not an identifier of its form.
  public init(_ spdx: String?) throws {
    if let spdx {
      let isPlain = spdx.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (48...57).contains(byte)
          || "-.+".utf8.contains(byte)
      }
      guard isPlain, !spdx.isEmpty else {
        throw BundleError(
          .badInput, "--license is '\(spdx)'; give an identifier of https://spdx.org/licenses, such as CC-BY-4.0")
      }
    }
    self.spdx = spdx
  }

  var identifier: String { spdx.map { "https://spdx.org/licenses/\($0)" } ?? "#no-licence" }
  var name: String { spdx ?? "No licence is stated" }
  var description: String {
    spdx.map { "SPDX \($0)" } ?? "Nothing is granted beyond what the law allows; ask the authors."
  }
}

/// `CITATION.cff` in the Citation File Format 1.2.0.
struct CitationFile {
  static let name = "CITATION.cff"

  let title: String
  let abstract: String
  /// ISO 8601, a day.
  let date: String
  let license: BundleLicense
  let authors: [BundleAuthor]
  let tool: Provenance.Tool

  var text: String {
    var lines = [
      "cff-version: 1.2.0", "message: \(Self.quoted("If you use these results, please cite them as below."))",
      "type: dataset", "title: \(Self.quoted(title))", "abstract: \(Self.quoted(abstract))",
      "date-released: \(date)",
    ]
    if let spdx = license.spdx { lines.append("license: \(spdx)") }
    lines.append("authors:")
    for author in authors.isEmpty ? [BundleAuthor.anonymous] : authors {
      if let family = author.family, let given = author.given {
        lines += ["  - family-names: \(Self.quoted(family))", "    given-names: \(Self.quoted(given))"]
      } else {
        lines.append("  - name: \(Self.quoted(author.fullName))")
      }
    }
    lines += [
      "references:", "  - type: software", "    title: Palimpsest", "    version: \(Self.quoted(tool.version))",
      "    authors:", "      - name: The authors of Palimpsest",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// In double quotes, as YAML and JSON have them.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"": return "\\\""
      case "\\": return "\\\\"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): return " "
      default: return String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
