/// The rules of an SVG file's `<style>` elements, as much of CSS as drawing programs write: selectors by type, class and
/// id, descendants and children of such, `!important`.
struct StyleSheet {
  /// What a selector sees of an element.
  struct Subject {
    let name: String
    let id: String?
    let classes: [String]

    init(_ element: SVGElement) {
      name = element.name
      id = element.attributes["id"]
      classes = (element.attributes["class"] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }
  }

  struct Declaration {
    let property: String
    let value: String
    let isImportant: Bool
  }

  /// Conditions on one element, all of which must hold.
  private struct Compound {
    var name: String?
    var ids: [String] = []
    var classes: [String] = []

    func matches(_ subject: Subject) -> Bool {
      (name == nil || name == subject.name) && ids.allSatisfy { $0 == subject.id }
        && classes.allSatisfy(subject.classes.contains)
    }
  }

  private struct Rule {
    /// From the outermost to the element itself; whether each must be the parent of the next.
    let compounds: [Compound]
    let isParent: [Bool]
    let declarations: [Declaration]

    /// Ids weigh more than classes, these more than types.
    var specificity: Int {
      compounds.reduce(0) { $0 + $1.ids.count * 1_000_000 + $1.classes.count * 1000 + ($1.name == nil ? 0 : 1) }
    }

    /// Whether the last of a path of elements, from the root on, is selected.
    func matches(_ path: [Subject]) -> Bool {
      guard let last = path.last, let own = compounds.last, own.matches(last) else { return false }
      return matches(path.dropLast(), upTo: compounds.count - 1)
    }

    private func matches(_ path: ArraySlice<Subject>, upTo count: Int) -> Bool {
      guard count > 0 else { return true }
      var rest = path
      while let candidate = rest.popLast() {
        if compounds[count - 1].matches(candidate), matches(rest, upTo: count - 1) { return true }
        if isParent[count - 1] { return false }
      }
      return false
    }
  }

  private var rules: [Rule] = []
  /// Rules that are not followed, one sentence each.
  private(set) var gaps: [String] = []

  /// The declarations that apply to the last of a path of elements, the strongest last.
  func declarations(for path: [Subject]) -> [Declaration] {
    rules.filter { $0.matches(path) }.flatMap(\.declarations)
  }

  // MARK: Reading

  /// Adds the text of a `<style>` element.
  mutating func add(_ text: String) {
    var rest = Self.withoutComments(text)[...]
    while true {
      rest = rest.drop { $0.isWhitespace }
      guard let end = rest.firstIndex(where: { $0 == "{" || $0 == ";" }) else { break }
      let prelude = Self.trimmed(rest[..<end])
      if prelude.hasPrefix("@") {
        if !["@font-face", "@charset", "@namespace", "@page"].contains(where: prelude.hasPrefix) {
          gaps.append("the style rule '\(prelude)' is not followed")
        }
        rest = rest[end] == ";" ? rest[rest.index(after: end)...] : Self.afterBlock(rest[end...])
        continue
      }
      guard rest[end] == "{" else {
        rest = rest[rest.index(after: end)...]
        continue
      }
      let body = rest[rest.index(after: end)...]
      let close = body.firstIndex(of: "}") ?? body.endIndex
      addRules(prelude, Self.declarations(String(body[..<close])))
      rest = close < body.endIndex ? body[body.index(after: close)...] : ""
    }
    // Stable: among equally specific rules the later one is stronger.
    rules = rules.enumerated().sorted { ($0.element.specificity, $0.offset) < ($1.element.specificity, $1.offset) }
      .map(\.element)
  }

  private mutating func addRules(_ selectors: String, _ declarations: [Declaration]) {
    guard !declarations.isEmpty else { return }
    for selector in selectors.split(separator: ",") {
      let selector = Self.trimmed(selector)
      // What only follows a pointer is not seen on paper.
      if [":hover", ":active", ":focus", "::selection"].contains(where: selector.contains) { continue }
      if let (compounds, isParent) = Self.compounds(selector) {
        rules.append(Rule(compounds: compounds, isParent: isParent, declarations: declarations))
      } else {
        gaps.append("the style rule '\(selector)' is not followed")
      }
    }
  }

  /// nil where the selector asks for something else than types, classes and ids.
  private static func compounds(_ selector: String) -> ([Compound], [Bool])? {
    var compounds: [Compound] = []
    var isParent: [Bool] = []
    for word in selector.replacing(">", with: " > ").split(whereSeparator: \.isWhitespace) {
      if word == ">" {
        guard !isParent.isEmpty else { return nil }
        isParent[isParent.count - 1] = true
        continue
      }
      var compound = Compound()
      var rest = word[...]
      while let first = rest.first {
        let isMark = first == "." || first == "#"
        let tail = isMark ? rest.dropFirst() : rest
        let name = tail.prefix { $0 != "." && $0 != "#" }
        guard !name.isEmpty, name == "*" || name.allSatisfy({ $0.isLetter || $0.isNumber || "-_".contains($0) }) else {
          return nil
        }
        switch first {
        case ".": compound.classes.append(String(name))
        case "#": compound.ids.append(String(name))
        default: compound.name = name == "*" ? nil : String(name)
        }
        rest = tail[name.endIndex...]
      }
      compounds.append(compound)
      isParent.append(false)
    }
    return compounds.isEmpty || isParent.last == true ? nil : (compounds, isParent)
  }

  /// The declarations of a rule's body or of a `style` attribute.
  static func declarations(_ text: String) -> [Declaration] {
    var declarations: [Declaration] = []
    var quote: Character?
    var depth = 0
    var word = ""
    for character in text + ";" {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if character == "(" {
        depth += 1
      } else if character == ")" {
        depth = max(0, depth - 1)
      } else if character == ";", depth == 0 {
        if let declaration = declaration(word) { declarations.append(declaration) }
        word = ""
        continue
      }
      word.append(character)
    }
    return declarations
  }

  private static func declaration(_ text: String) -> Declaration? {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let value = trimmed(parts[1])
    let isImportant = value.lowercased().hasSuffix("!important")
    let plain = isImportant ? trimmed(value.dropLast("!important".count)) : value
    return Declaration(property: trimmed(parts[0]).lowercased(), value: plain, isImportant: isImportant)
  }

  private static func withoutComments(_ text: String) -> String {
    var result = ""
    var rest = text.replacing("<!--", with: "").replacing("-->", with: "")[...]
    while let start = rest.firstRange(of: "/*") {
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...].firstRange(of: "*/").map { rest[$0.upperBound...] } ?? ""
    }
    return result + rest
  }

  /// What stands behind a block with all the blocks in it.
  private static func afterBlock(_ text: Substring) -> Substring {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" {
        depth -= 1
        if depth == 0 { return text[text.index(after: index)...] }
      }
    }
    return ""
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
