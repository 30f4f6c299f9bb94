import Foundation

/// Names of files made from names of things, such as classes and taps: fit for every file system, and no two alike.
///
/// Two names are alike where they differ in the case of letters or in how accents are written alone: some file systems take
/// these for one. What becomes of a name depends on the names before it, never on chance.
public struct FileNames: Sendable {
  /// Which letters a name may keep.
  public enum Letters: Sendable {
    /// Those of every script, with spaces and signs but those that a file system gives a meaning.
    case all
    /// Letters and digits of ASCII, for addresses and LaTeX.
    case ascii
  }

  private let letters: Letters
  private var used: Set<String> = []

  public init(_ letters: Letters = .all) { self.letters = letters }

  /// Most bytes of a name in UTF-8: file systems take 255, and endings and numbers are added.
  private static let longest = 120

  /// A file's name for `text`, without an ending: what a file's name cannot hold becomes a hyphen, and where another name became
  /// the same already a number is added: `tv-monitor`, `tv-monitor-2`.
  public mutating func take(_ text: String) -> String {
    let stem = FileNames.clean(text, letters)
    var name = stem
    var number = 1
    while !used.insert(FileNames.key(name)).inserted {
      number += 1
      name = "\(stem)-\(number)"
    }
    return name
  }

  /// Names for all of `texts`, in their order.
  public static func distinct(_ texts: [String], _ letters: Letters = .all) -> [String] {
    var names = FileNames(letters)
    return texts.map { names.take($0) }
  }

  /// By what two names are compared.
  private static func key(_ name: String) -> String { name.precomposedStringWithCompatibilityMapping.lowercased() }

  /// The name with hyphens for what a file's name cannot hold. A text of which nothing is left, or which is cut, ends with the
  /// first digits of its SHA-256.
  private static func clean(_ text: String, _ letters: Letters) -> String {
    var name = ""
    var isWhole = true
    for character in text.precomposedStringWithCanonicalMapping {
      let kept = isKept(character, letters) ? String(character) : "-"
      guard name.utf8.count + kept.utf8.count <= longest else {
        isWhole = false
        break
      }
      name += kept
    }
    // A dot in front hides a file, and one at the end is dropped by some systems, as a space is.
    let front = name.prefix { ". ".contains($0) }.count
    name = String(repeating: "-", count: front) + name.dropFirst(front)
    while let last = name.last, ". ".contains(last) {
      name.removeLast()
      name += "-"
    }
    let says = name.contains { $0.isLetter || $0.isNumber }
    guard !says || !isWhole else { return name }
    return (says ? name : "name") + "-" + ContentDigest(text).hexadecimal.prefix(8)
  }

  private static func isKept(_ character: Character, _ letters: Letters) -> Bool {
    switch letters {
    case .ascii: return character.isASCII && (character.isLetter || character.isNumber || "_-.".contains(character))
    case .all:
      guard !"/\\:*?\"<>|".contains(character) else { return false }
      return character.unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        case .spaceSeparator: scalar == " "
        default: true
        }
      }
    }
  }
}
