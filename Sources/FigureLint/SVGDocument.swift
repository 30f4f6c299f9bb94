import CExpat

/// An element of an SVG file with what it holds, in order.
struct SVGElement: Sendable {
  enum Content: Sendable {
    case element(SVGElement)
    case text(String)
  }

  /// Without a prefix.
  let name: String
  /// Whether it belongs to SVG, and not to a program's own vocabulary.
  let isSVG: Bool
  /// By name; `xlink:href` is `href`, attributes of other vocabularies are left out.
  let attributes: [String: String]
  var contents: [Content] = []

  var children: [SVGElement] {
    contents.compactMap { if case .element(let element) = $0 { element } else { nil } }
  }

  /// All characters inside, those of its elements included.
  var text: String {
    contents.map { content in
      switch content {
      case .text(let text): text
      case .element(let element): element.text
      }
    }.joined()
  }
}

/// An SVG file as a tree, read by Expat. Entities that the file declares are expanded within Expat's limits; nothing outside the
/// file is read.
struct SVGDocument {
  let root: SVGElement
  /// What is broken, one sentence each.
  private(set) var faults: [String] = []
  /// What could not be read, one sentence each.
  private(set) var gaps: [String] = []

  /// - Throws: `LintError` if there is no element in it.
  init(_ bytes: [UInt8], file: String) throws(LintError) {
    guard let parser = XML_ParserCreateNS(nil, SVGTreeBuilder.separator), let count = Int32(exactly: bytes.count) else {
      throw LintError("\(file) cannot be read as XML")
    }
    defer { XML_ParserFree(parser) }
    let builder = SVGTreeBuilder(parser)
    let status = bytes.withUnsafeBytes { XML_Parse(parser, $0.bindMemory(to: CChar.self).baseAddress, count, 1) }
    guard let root = builder.finish() else { throw LintError("\(file) cannot be read as XML") }
    self.root = root
    if status.rawValue == 0 {
      let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "unknown error"
      let line = XML_GetCurrentLineNumber(parser)
      faults.append("line \(line) is not well-formed XML (\(reason)): what stands there and behind may be missing")
    }
    if builder.isTooDeep { gaps.append("elements are read to a depth of \(SVGTreeBuilder.mostNested) only") }
    for name in Self.entities(in: bytes[builder.start...]) where !builder.entities.contains(name) {
      faults.append("the entity '&\(name);' is not declared in the file, so its text is missing")
    }
  }

  /// The names of the entities that elements use, but for the five of XML: what a file does not declare itself may be left out
  /// without an error.
  private static func entities(in bytes: ArraySlice<UInt8>) -> [String] {
    var names: [String] = []
    var rest = bytes
    while let index = rest.firstIndex(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") }) {
      rest = rest[index...]
      if rest.starts(with: "<!--".utf8) {
        rest = behind("-->", rest)
      } else if rest.starts(with: "<![CDATA[".utf8) {
        rest = behind("]]>", rest)
      } else if rest[index] == UInt8(ascii: "&") {
        let name = String(decoding: rest.dropFirst().prefix(64).prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
        if !name.hasPrefix("#"), !["lt", "gt", "amp", "quot", "apos"].contains(name), !names.contains(name) {
          names.append(name)
        }
        rest = rest.dropFirst()
      } else {
        rest = rest.dropFirst()
      }
    }
    return names
  }

  private static func behind(_ mark: String, _ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes
    while let first = mark.utf8.first, let index = rest.firstIndex(of: first) {
      rest = rest[index...]
      if rest.starts(with: mark.utf8) { return rest.dropFirst(mark.utf8.count) }
      rest = rest.dropFirst()
    }
    return []
  }
}

/// Makes a tree of Expat's events. The parser borrows it.
private final class SVGTreeBuilder {
  static let namespace = "http://www.w3.org/2000/svg"
  /// Between a namespace and a name.
  static let separator = CChar(UInt8(ascii: "|"))
  static let mostNested = 256

  /// Entities that the file declares with their text.
  private(set) var entities: Set<String> = []
  /// The byte at which the first element begins.
  private(set) var start = 0
  private(set) var isTooDeep = false
  private let parser: XML_Parser
  private var open: [SVGElement] = []
  private var skipped = 0
  private var root: SVGElement?

  init(_ parser: XML_Parser) {
    self.parser = parser
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(
      parser, { SVGTreeBuilder.of($0)?.begin($1, $2) }, { data, _ in SVGTreeBuilder.of(data)?.end() })
    XML_SetCharacterDataHandler(parser) { SVGTreeBuilder.of($0)?.add($1, Int($2)) }
    XML_SetEntityDeclHandler(parser) { data, name, _, value, _, _, _, _, _ in
      if let name, value != nil { SVGTreeBuilder.of(data)?.entities.insert(String(cString: name)) }
    }
  }

  private static func of(_ data: UnsafeMutableRawPointer?) -> SVGTreeBuilder? {
    data.map { Unmanaged<SVGTreeBuilder>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The tree; elements that were not closed end here.
  func finish() -> SVGElement? {
    skipped = 0
    while !open.isEmpty { end() }
    return root
  }

  private func begin(
    _ name: UnsafePointer<CChar>?, _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
  ) {
    if root == nil, open.isEmpty { start = max(0, Int(XML_GetCurrentByteIndex(parser))) }
    guard open.count < Self.mostNested else {
      isTooDeep = true
      skipped += 1
      return
    }
    var known: [String: String] = [:]
    var index = 0
    while let name = attributes?[index], let value = attributes?[index + 1] {
      let words = String(cString: name).split(separator: "|")
      // SVG 2's own href is stronger than XLink's.
      if words.count == 1 {
        known[String(words[0])] = String(cString: value)
      } else if words.last == "href", known["href"] == nil {
        known["href"] = String(cString: value)
      }
      index += 2
    }
    let words = name.map { String(cString: $0) }?.split(separator: "|") ?? []
    open.append(
      SVGElement(
        name: words.last.map(String.init) ?? "",
        isSVG: words.count == 1 || words.first.map(String.init) == Self.namespace,
        attributes: known))
  }

  private func end() {
    if skipped > 0 {
      skipped -= 1
      return
    }
    guard let element = open.popLast() else { return }
    if open.isEmpty {
      if root == nil { root = element }
    } else {
      open[open.count - 1].contents.append(.element(element))
    }
  }

  private func add(_ text: UnsafePointer<CChar>?, _ count: Int) {
    guard let text, skipped == 0, let last = open.indices.last else { return }
    let piece = text.withMemoryRebound(to: UInt8.self, capacity: count) {
      String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    }
    if case .text(let before)? = open[last].contents.last {
      open[last].contents[open[last].contents.count - 1] = .text(before + piece)
    } else {
      open[last].contents.append(.text(piece))
    }
  }
}
