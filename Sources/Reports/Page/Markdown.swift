import Foundation

/// A small part of Markdown as HTML, for what authors write: paragraphs, lists, quotations, emphasis, code and links. Everything
/// else is text; HTML in it is shown as it was typed.
package struct Markdown {
  package private(set) var html = ""
  /// Identifiers on the page that it links to, such as `quality-psnr` of `[the figure](#quality-psnr)`.
  package private(set) var targets: [String] = []
  /// What was not done as it was written, one sentence each.
  package private(set) var problems: [String] = []

  package init(_ text: String) {
    let text = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    var block: [Substring] = []
    var fence: [Substring]?
    let lines: [Substring] = text.split(separator: "\n", omittingEmptySubsequences: false) + [Substring()]
    for line in lines {
      if line.hasPrefix("```") {
        if let code = fence {
          html += "<pre><code>\(Escaping.html(code.joined(separator: "\n")))</code></pre>\n"
          fence = nil
        } else {
          add(block)
          block = []
          fence = []
        }
      } else if fence != nil {
        fence?.append(line)
      } else if line.allSatisfy(\.isWhitespace) {
        add(block)
        block = []
      } else {
        block.append(line)
      }
    }
    // A fence that nothing closes ends with the text.
    if let fence { html += "<pre><code>\(Escaping.html(fence.joined(separator: "\n")))</code></pre>\n" }
  }

  // MARK: Blocks

  private enum Kind: Equatable { case paragraph, heading, bullet, number, quotation }

  private static func kind(of line: Substring) -> (Kind, content: Substring) {
    let line = line.drop { $0 == " " }
    if line.hasPrefix(">") { return (.quotation, line.dropFirst().drop { $0 == " " }) }
    for mark in ["- ", "* ", "+ "] where line.hasPrefix(mark) { return (.bullet, line.dropFirst(2)) }
    let digits = line.prefix { ("0"..."9").contains($0) }
    let rest = line.dropFirst(digits.count)
    if !digits.isEmpty, digits.count < 4, rest.hasPrefix(". ") || rest.hasPrefix(") ") {
      return (.number, rest.dropFirst(2))
    }
    let hashes = line.prefix { $0 == "#" }
    if (1...6).contains(hashes.count), line.dropFirst(hashes.count).first == " " {
      return (.heading, line.dropFirst(hashes.count + 1))
    }
    return (.paragraph, line)
  }

  private mutating func add(_ lines: [Substring]) {
    var items: [(kind: Kind, lines: [Substring])] = []
    for line in lines {
      let (kind, content) = Self.kind(of: line)
      // A line without a mark goes on with what stands before it; a quotation is one.
      if let last = items.indices.last, items[last].kind != .heading,
        kind == .paragraph || (kind == .quotation && items[last].kind == .quotation)
      {
        items[last].lines.append(content)
      } else {
        items.append((kind, [content]))
      }
    }
    var open: Kind?
    for item in items {
      let list: Kind? = [.bullet, .number].contains(item.kind) ? item.kind : nil
      if open != list {
        close(open)
        if let list { html += list == .bullet ? "<ul>\n" : "<ol>\n" }
        open = list
      }
      let text = inline(item.lines)
      switch item.kind {
      case .paragraph: html += "<p>\(text)</p>\n"
      // The page has headings of its own, whose order these would break.
      case .heading: html += "<p><strong>\(text)</strong></p>\n"
      case .bullet, .number: html += "<li>\(text)</li>\n"
      case .quotation: html += "<blockquote><p>\(text)</p></blockquote>\n"
      }
    }
    close(open)
  }

  private mutating func close(_ list: Kind?) {
    if let list { html += list == .bullet ? "</ul>\n" : "</ol>\n" }
  }

  /// Lines as one text; two spaces or a backslash at an end break it.
  private mutating func inline(_ lines: [Substring]) -> String {
    var texts: [String] = []
    var current = ""
    for line in lines {
      let isBroken = line.hasSuffix("  ") || line.hasSuffix("\\")
      var content = line
      if content.hasSuffix("\\") { content.removeLast() }
      current += (current.isEmpty ? "" : " ") + content.trimmingCharacters(in: .whitespaces)
      if isBroken {
        texts.append(current)
        current = ""
      }
    }
    if !current.isEmpty { texts.append(current) }
    return texts.map { inline(Array($0), allowsLinks: true) }.joined(separator: "<br>\n")
  }

  // MARK: Within a line

  /// Characters that a backslash takes their meaning from.
  private static let marks = Set("\\`*_{}[]()<>#+-.!|~\"'&:")

  private mutating func inline(_ text: [Character], allowsLinks: Bool) -> String {
    var result = ""
    var place = 0
    while place < text.count {
      let character = text[place]
      if character == "\\", place + 1 < text.count, Self.marks.contains(text[place + 1]) {
        result += Escaping.html(String(text[place + 1]))
        place += 2
      } else if character == "`", let (code, end) = Self.code(text, at: place) {
        result += "<code>\(Escaping.html(code))</code>"
        place = end
      } else if character == "[", allowsLinks, let (label, address, end) = Self.link(text, at: place) {
        let shown = inline(label, allowsLinks: false)
        result += linked(shown, to: address, typed: String(text[place..<end]))
        place = end
      } else if character == "<", allowsLinks, let (address, end) = Self.enclosed(text, at: place) {
        result += linked(Escaping.html(address), to: address, typed: String(text[place..<end]))
        place = end
      } else if character == "h", allowsLinks, let (address, end) = Self.bare(text, at: place) {
        result += linked(Escaping.html(address), to: address, typed: address)
        place = end
      } else if character == "*" || character == "_", let (inner, isStrong, end) = Self.emphasis(text, at: place) {
        let name = isStrong ? "strong" : "em"
        result += "<\(name)>\(inline(inner, allowsLinks: allowsLinks))</\(name)>"
        place = end
      } else {
        result += Escaping.html(String(character))
        place += 1
      }
    }
    return result
  }

  private mutating func linked(_ shown: String, to address: String, typed: String) -> String {
    if address.hasPrefix("#"), address.count > 1 {
      targets.append(String(address.dropFirst()))
      return "<a href=\"\(Escaping.html(address))\">\(shown)</a>"
    }
    let lower = address.lowercased()
    var target = address
    if lower.hasPrefix("doi:") { target = "https://doi.org/" + address.dropFirst(4) }
    guard ["https://", "http://", "mailto:", "doi:"].contains(where: { lower.hasPrefix($0) && lower != $0 }),
      !target.contains(where: { $0.isWhitespace || $0 == "\"" })
    else {
      problems.append(
        "'\(typed)' is shown as it was typed: links lead to https://, http://, mailto:, doi: or #NAME of a figure or section"
      )
      return Escaping.html(typed)
    }
    return "<a href=\"\(Escaping.html(target))\" rel=\"noopener noreferrer\">\(shown)</a>"
  }

  private static func code(_ text: [Character], at start: Int) -> (String, end: Int)? {
    let ticks = text[start...].prefix { $0 == "`" }.count
    var place = start + ticks
    while place < text.count {
      guard text[place] == "`" else {
        place += 1
        continue
      }
      let closing = text[place...].prefix { $0 == "`" }.count
      if closing == ticks {
        return (String(text[start + ticks..<place]).trimmingCharacters(in: .whitespaces), place + ticks)
      }
      place += closing
    }
    return nil
  }

  /// `[label](address)`, perhaps with a title behind the address, which is left out.
  private static func link(_ text: [Character], at start: Int) -> (label: [Character], address: String, end: Int)? {
    var depth = 0
    var place = start
    while place < text.count {
      if text[place] == "\\" {
        place += 1
      } else if text[place] == "[" {
        depth += 1
      } else if text[place] == "]" {
        depth -= 1
        if depth == 0 { break }
      }
      place += 1
    }
    guard place + 1 < text.count, text[place + 1] == "(" else { return nil }
    var end = place + 2
    var inner = 1
    while end < text.count {
      if text[end] == "(" { inner += 1 } else if text[end] == ")" { inner -= 1 }
      if inner == 0 { break }
      end += 1
    }
    guard end < text.count else { return nil }
    var address = String(text[place + 2..<end]).trimmingCharacters(in: .whitespaces)
    if let title = address.firstRange(of: /\s+"[^"]*"$/) { address = String(address[..<title.lowerBound]) }
    if address.hasPrefix("<"), address.hasSuffix(">") { address = String(address.dropFirst().dropLast()) }
    guard !address.isEmpty else { return nil }
    return (Array(text[start + 1..<place]), address, end + 1)
  }

  /// `<https://…>` and the like.
  private static func enclosed(_ text: [Character], at start: Int) -> (String, end: Int)? {
    guard let close = text[start...].firstIndex(of: ">") else { return nil }
    let address = String(text[start + 1..<close])
    guard ["https://", "http://", "mailto:", "doi:"].contains(where: address.lowercased().hasPrefix),
      !address.contains(where: \.isWhitespace)
    else { return nil }
    return (address, close + 1)
  }

  /// An address that stands in the text; what ends the sentence is not a part of it.
  private static func bare(_ text: [Character], at start: Int) -> (String, end: Int)? {
    if start > 0, text[start - 1].isLetter || text[start - 1].isNumber { return nil }
    var end = text[start...].firstIndex { $0.isWhitespace || $0 == "<" || $0 == ">" || $0 == "\"" } ?? text.count
    while end > start, ".,;:!?'*_".contains(text[end - 1]) { end -= 1 }
    func count(_ character: Character) -> Int { text[start..<end].count { $0 == character } }
    while end > start, text[end - 1] == ")", count(")") > count("(") { end -= 1 }
    let address = String(text[start..<end])
    guard let scheme = ["https://", "http://"].first(where: address.hasPrefix), address.count > scheme.count else {
      return nil
    }
    return (address, end)
  }

  private static func emphasis(
    _ text: [Character], at start: Int
  ) -> (inner: [Character], isStrong: Bool, end: Int)? {
    let mark = text[start]
    let isStrong = start + 1 < text.count && text[start + 1] == mark
    let length = isStrong ? 2 : 1
    let from = start + length
    guard from < text.count, !text[from].isWhitespace else { return nil }
    // Underscores within words are letters: `top1_agreement`.
    if mark == "_", start > 0, text[start - 1].isLetter || text[start - 1].isNumber { return nil }
    var place = from
    while place + length <= text.count {
      if text[place] == "\\" {
        place += 2
        continue
      }
      if text[place] == "`", let (_, end) = code(text, at: place) {
        place = end
        continue
      }
      let run = text[place...].prefix { $0 == mark }.count
      guard run > 0 else {
        place += 1
        continue
      }
      let isClosing =
        run >= length && (isStrong || run != 2) && place > from && !text[place - 1].isWhitespace
        && (mark == "*" || place + run >= text.count || !(text[place + run].isLetter || text[place + run].isNumber))
      if isClosing {
        // Of three marks the first closes what is within.
        let close = place + run - length
        return (Array(text[from..<close]), isStrong, close + length)
      }
      place += run
    }
    return nil
  }
}
