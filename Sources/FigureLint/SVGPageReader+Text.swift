import Figures

extension SVGPageReader {
  /// Characters of one size and colour on one line, before the line's anchor is known.
  private struct Run {
    var text: String
    let style: SVGStyle
    let x: Double
    let y: Double
    var width: Double
  }

  /// Where the next character stands, and the runs of the line so far.
  private struct Line {
    var x: Double
    var y: Double
    var runs: [Run] = []
    var isStated = false
  }

  /// Without a stated length, the width of a character that is usual for sans serif faces, in sizes.
  private static let usualWidth = 0.55

  /// A text element: each line of it, and each size and colour in a line, is a text of its own.
  mutating func drawText(_ element: SVGElement, _ style: SVGStyle) {
    var line = Line(x: 0, y: 0)
    place(element, style, &line)
    let stated = SVGValues.length(element.attributes["textLength"], em: style.fontSize)
    read(element, style, &line)
    finish(&line, stated: stated)
  }

  /// Moves to where an element's first character stands; a place of its own begins a line.
  private mutating func place(_ element: SVGElement, _ style: SVGStyle, _ line: inout Line) {
    func first(_ name: String) -> Double? {
      element.attributes[name].flatMap { $0.split { $0 == " " || $0 == "," }.first }
        .flatMap { SVGValues.length(String($0), em: style.fontSize) }
    }
    let (x, y) = (first("x"), first("y"))
    if x != nil || y != nil { finish(&line, stated: nil) }
    line.x = (x ?? line.x) + (first("dx") ?? 0)
    line.y = (y ?? line.y) + (first("dy") ?? 0)
  }

  private mutating func read(_ element: SVGElement, _ style: SVGStyle, _ line: inout Line) {
    let positions = SVGValues.numbers(element.attributes["x"] ?? "")
    for content in element.contents {
      switch content {
      case .text(let text): append(text, style, positions: positions, &line)
      case .element(let child) where ["tspan", "a", "textPath"].contains(child.name):
        if child.name == "textPath" { miss("the place of text along a path is not followed") }
        let inner = enter(child, inside: style).style
        if inner.isDisplayed {
          place(child, inner, &line)
          let count = line.runs.count
          read(child, inner, &line)
          if let stated = SVGValues.length(child.attributes["textLength"], em: inner.fontSize), line.runs.count > count
          {
            stretch(&line, from: count, to: stated)
          }
        }
        leave()
      case .element(let child):
        if child.isSVG, !["title", "desc", "set", "animate"].contains(child.name) {
          miss("'\(child.name)' in a text is not followed")
        }
      }
    }
  }

  private func append(_ text: String, _ style: SVGStyle, positions: [Double], _ line: inout Line) {
    var words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if text.first?.isWhitespace == true, !line.runs.isEmpty, line.runs.last?.text.hasSuffix(" ") == false {
      words = " " + words
    }
    if text.last?.isWhitespace == true, !words.isEmpty, words != " " { words += " " }
    guard !words.isEmpty else { return }
    var width = Double(words.count) * Self.usualWidth * style.fontSize
    // A place for each character.
    if positions.count > 1, let last = positions.prefix(words.count).last {
      width = (last - positions[0]).magnitude + Self.usualWidth * style.fontSize
    }
    if let last = line.runs.last, last.y == line.y, Self.isAlike(last.style, style) {
      line.runs[line.runs.count - 1].text += words
      line.runs[line.runs.count - 1].width += width
    } else {
      line.runs.append(Run(text: words, style: style, x: line.x, y: line.y, width: width))
    }
    line.x += width
  }

  private static func isAlike(_ a: SVGStyle, _ b: SVGStyle) -> Bool {
    a.fontSize == b.fontSize && a.ink == b.ink && a.isBold == b.isBold && a.isVisible == b.isVisible
      && a.transform == b.transform && a.family == b.family
  }

  /// Makes the runs from one on as wide as the file says they are.
  private func stretch(_ line: inout Line, from first: Int, to stated: Double) {
    let runs = line.runs[first...]
    guard let start = runs.first?.x, let last = runs.last, last.x + last.width > start else { return }
    let scale = stated / (last.x + last.width - start)
    for index in first..<line.runs.count {
      let run = line.runs[index]
      line.runs[index] = Run(
        text: run.text, style: run.style, x: start + (run.x - start) * scale, y: run.y, width: run.width * scale)
    }
    line.x = start + stated
    line.isStated = true
  }

  /// Puts the line onto the page.
  private mutating func finish(_ line: inout Line, stated: Double?) {
    if let stated { stretch(&line, from: 0, to: stated) }
    defer {
      line.runs = []
      line.isStated = false
    }
    guard let first = line.runs.first, let last = line.runs.last else { return }
    let width = last.x + last.width - first.x
    let shift = first.style.anchor == "middle" ? -width / 2 : first.style.anchor == "end" ? -width : 0
    for run in line.runs {
      let text = run.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      guard !text.isEmpty, run.style.isVisible, run.style.fill != .none else { continue }
      let size = run.style.fontSize
      let bounds = run.style.transform.bounds(
        x: run.x + shift, y: run.y - 0.74 * size, width: run.width, height: 0.95 * size)
      page.texts.append(
        .init(
          text: text, size: size * run.style.transform.scaleY, bounds: bounds, color: run.style.ink,
          order: page.painted, isBold: run.style.isBold))
      let font = DrawnPage.Font(name: run.style.family, type: "by name", isEmbedded: false)
      if !page.fonts.contains(font) { page.fonts.append(font) }
    }
    let estimate = "the width of some texts is estimated, as the file does not state it"
    if !line.isStated, !page.notes.contains(estimate) { page.notes.append(estimate) }
  }
}
