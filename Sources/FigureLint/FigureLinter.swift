import Figures
import Formats
import Foundation

/// Checks figure files as a publisher and a careful reader would.
public struct FigureLinter {
  /// The venue the figure is for; nil where nobody said.
  public let style: FigureStyle?

  public init(style: FigureStyle?) { self.style = style }

  /// Smallest type that is read without effort, and the smallest of super- and subscripts, in points.
  static let smallestType = 6.0
  static let smallestScript = 4.0
  /// Of letters on their ground, as WCAG 2.2 asks for (1.4.3), and of large letters.
  static let contrast = 4.5
  static let largeContrast = 3.0
  /// Colours nearer than this can hardly be told apart in thin lines; farther than the second they are easily.
  static let hardDistance = 10.0
  static let easyDistance = 20.0
  /// More colours than this are a scale, not categories.
  static let mostCategories = 12
  static let lowestResolution = 150.0
  /// Overlaps that are looked for, and comparisons of things on a page: a page with more gets a finding instead of taking minutes.
  static let mostOverlaps = 1000
  static let mostComparisons = 20_000_000

  /// Checks one file.
  /// - Throws: `LintError` where it cannot be read.
  public func check(_ file: String) throws -> LintReport {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw LintError("cannot read \(file); give PDF, SVG or PNG files")
    }
    return try check([UInt8](data), file: file)
  }

  /// Checks the bytes of a file, whose name serves messages only.
  public func check(_ bytes: [UInt8], file: String) throws -> LintReport {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return try checkPNG(bytes, file: file) }
    if bytes.starts(with: Array("%PDF-".utf8)) {
      return report(try PDFPageReader.read(bytes, file: file), file: file, format: "pdf")
    }
    guard bytes.prefix(4096).contains(UInt8(ascii: "<")) else {
      throw LintError("\(file) is neither PDF nor SVG nor PNG")
    }
    return report(try SVGPageReader.read(bytes, file: file), file: file, format: "svg")
  }

  private func checkPNG(_ bytes: [UInt8], file: String) throws -> LintReport {
    let header = try PNGHeader(bytes, file: file)
    let fault = PNGCheck.fault(in: bytes, header)
    let resolution = header.dotsPerInch ?? 72
    let size = Size(Double(header.columns) / resolution * 72, Double(header.rows) / resolution * 72)
    var findings = header.dotsPerInch == nil ? [] : checkWidth(size)
    let wanted = style?.dotsPerInch ?? Self.lowestResolution
    if header.dotsPerInch == nil {
      findings.append(
        LintFinding(
          .warning, "resolution",
          "the file does not say how many dots make an inch, so programs will guess its size; write a pHYs chunk"))
    } else if resolution < wanted - 0.5 {
      findings.append(
        LintFinding(
          .warning, "resolution",
          "\(Self.text(resolution)) dots an inch, fewer than \(Self.text(wanted)); draw it again at a higher resolution, or as PDF"
        ))
    }
    if let fault { findings.insert(LintFinding(.error, "reading", "\(fault); save it again"), at: 0) }
    findings.append(
      LintFinding(.note, "fonts", "type, contrast and overlaps cannot be told from pixels: check its PDF or SVG"))
    return LintReport(
      file: file, format: "png", width: size.width / 72, height: size.height / 72, findings: findings)
  }

  private func report(_ page: DrawnPage, file: String, format: String) -> LintReport {
    var findings = checkFonts(page, format: format) + checkSizes(page) + checkWidth(page.size) + checkPlaces(page)
    findings += checkShortened(page) + checkHiddenPoints(page) + checkMeanings(page)
    findings += checkContrast(page) + checkColors(page) + checkImages(page) + checkLines(page)
    findings += page.faults.map { LintFinding(.error, "reading", $0) }
    findings +=
      page.gaps.map { LintFinding(.unread, "reading", $0) } + page.notes.map { LintFinding(.note, "reading", $0) }
    return LintReport(
      file: file, format: format, width: page.size.width / 72, height: page.size.height / 72, findings: findings)
  }

  // MARK: Type

  private func checkFonts(_ page: DrawnPage, format: String) -> [LintFinding] {
    if format == "svg" {
      guard !page.fonts.isEmpty else { return [] }
      let names = page.fonts.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      return [
        LintFinding(
          .note, "fonts",
          "text is set in \(names.map { $0.isEmpty ? "a default font" : "'\($0)'" }.joined(separator: ", ")) where the reader has it; a PDF carries its fonts with it"
        )
      ]
    }
    return page.fonts.compactMap { font in
      if font.type == "Type 3" {
        return LintFinding(
          .error, "fonts",
          "font '\(font.name)' is Type 3, which many venues refuse; embed TrueType or Type 1 (matplotlib: pdf.fonttype 42)"
        )
      }
      if !font.isEmbedded {
        return LintFinding(
          .error, "fonts",
          "font '\(font.name)' (\(font.type)) is not embedded, so it will look different elsewhere; embed it")
      }
      return nil
    }
  }

  private func checkSizes(_ page: DrawnPage) -> [LintFinding] {
    var findings: [LintFinding] = []
    let small = page.texts.filter { $0.size < Self.smallestType - 0.05 }
    // A super- or subscript stands close behind larger type.
    let grid = TextGrid(page.texts)
    var work = 0
    let plain = small.filter { text in
      guard text.size >= Self.smallestScript - 0.05 else { return true }
      var isScript = false
      let reach = text.bounds.outset(text.size * 0.6)
      grid.near(reach) { index in
        work += 1
        let other = page.texts[index]
        isScript =
          other.size > text.size * 1.15 && other.size < text.size * 2 && other.bounds.overlaps(reach)
        return !isScript && work < Self.mostComparisons
      }
      return !isScript
    }
    if let smallest = plain.min(by: { $0.size < $1.size }) {
      findings.append(
        LintFinding(
          .warning, "size",
          "\(plain.count == 1 ? "a text is" : "\(plain.count) texts are") smaller than \(Self.text(Self.smallestType)) points, "
            + "the smallest '\(Self.shortened(smallest.text))' (\(Self.text(smallest.size)) points); set it larger"))
    }
    return findings
  }

  // MARK: The page

  private func checkWidth(_ size: Size) -> [LintFinding] {
    guard let style else { return [] }
    let inches = Self.text(size.width / 72, digits: 2)
    if size.width > style.textWidth + 0.5 {
      return [
        LintFinding(
          .error, "width",
          "\(inches) in wide, wider than the text of \(style.venue) (\(Self.text(style.textWidthInches, digits: 2)) in); "
            + "lay it out for the venue instead of scaling it")
      ]
    }
    if let column = style.columnWidthInches, size.width > column * 72 + 0.5 {
      return [
        LintFinding(
          .note, "width",
          "\(inches) in wide: more than a column (\(Self.text(column, digits: 2)) in), so it spans the text")
      ]
    }
    if size.height > style.maximumHeight + 0.5 {
      return [
        LintFinding(
          .error, "width",
          "\(Self.text(size.height / 72, digits: 2)) in tall, taller than \(Self.text(style.maximumHeightInches, digits: 2)) in; "
            + "show less in one figure")
      ]
    }
    return []
  }

  private func checkPlaces(_ page: DrawnPage) -> [LintFinding] {
    var findings: [LintFinding] = []
    let sheet = Rectangle(x: 0, y: 0, width: page.size.width, height: page.size.height)
    for text in page.texts where !sheet.contains(text.bounds, tolerance: max(1, text.size * 0.2)) {
      findings.append(
        LintFinding(
          .error, "clipping", "the text '\(Self.shortened(text.text))' reaches beyond the page; leave it room"))
    }
    // In order of their left edges, so that the same page has the same findings.
    let sorted = page.texts.sorted { ($0.bounds.x, $0.bounds.y) < ($1.bounds.x, $1.bounds.y) }
    let grid = TextGrid(sorted)
    var work = 0
    var pairs: Set<[Int]> = []
    for (place, first) in sorted.enumerated() where pairs.count < Self.mostOverlaps && work < Self.mostComparisons {
      grid.near(first.bounds) { other in
        work += 1
        if other > place, Self.collide(first, sorted[other]) { pairs.insert([place, other]) }
        return pairs.count < Self.mostOverlaps && work < Self.mostComparisons
      }
    }
    for pair in pairs.sorted(by: { ($0[0], $0[1]) < ($1[0], $1[1]) }) {
      let (first, second) = (Self.shortened(sorted[pair[0]].text), Self.shortened(sorted[pair[1]].text))
      findings.append(
        LintFinding(.error, "overlap", "the texts '\(first)' and '\(second)' overlap; move or shorten one"))
    }
    var limited = Self.limited(findings)
    if work >= Self.mostComparisons {
      limited.append(
        LintFinding(.unread, "overlap", "too many texts lie close together to compare all of them; show fewer"))
    }
    return limited
  }

  /// Whether two texts cover a noticeable part of each other, other than a script and what it belongs to.
  private static func collide(_ a: DrawnPage.Text, _ b: DrawnPage.Text) -> Bool {
    let width = min(a.bounds.right, b.bounds.right) - max(a.bounds.x, b.bounds.x)
    let height = min(a.bounds.bottom, b.bounds.bottom) - max(a.bounds.y, b.bounds.y)
    let size = min(a.size, b.size)
    return width > size * 0.2 && height > size * 0.3
  }

  /// Labels with an ellipsis: what was left out cannot be read in print.
  private func checkShortened(_ page: DrawnPage) -> [LintFinding] {
    Self.limited(
      page.texts.filter { $0.text.contains("…") && $0.text.count > 1 }.map { text in
        LintFinding(
          .warning, "shortened",
          "the label '\(Self.shortened(text.text))' is cut short by an ellipsis; give it a shorter name or more room")
      })
  }

  // MARK: Colour

  private func checkContrast(_ page: DrawnPage) -> [LintFinding] {
    var findings: [LintFinding] = []
    var seen: Set<String> = []
    var work = 0
    for text in page.texts {
      work += page.images.count + page.fills.count
      guard work < Self.mostComparisons else {
        findings.append(
          LintFinding(.unread, "contrast", "too many texts and areas to find the ground of every text; show fewer"))
        break
      }
      let center = text.bounds.center
      func holds(_ bounds: Rectangle) -> Bool {
        bounds.x <= center.x && bounds.right >= center.x && bounds.y <= center.y && bounds.bottom >= center.y
      }
      // What was painted last under the middle of the text; over a picture or an odd shape nothing is known.
      let image = page.images.last { $0.order < text.order && holds($0.bounds) }
      let fill = page.fills.last { $0.order < text.order && holds($0.bounds) }
      if let image, image.order > (fill?.order ?? -1) { continue }
      if let fill, !fill.isRectangle || fill.color.alpha < 0.99 { continue }
      guard let color = text.color else { continue }
      let ground = fill?.color ?? .white
      let contrast = ColorVision.contrast(color.over(ground), ground)
      let isLarge = text.size >= 18 || (text.isBold && text.size >= 14)
      let wanted = isLarge ? Self.largeContrast : Self.contrast
      guard contrast < wanted - 0.05, seen.insert(color.hex + ground.hex).inserted else { continue }
      findings.append(
        LintFinding(
          .warning, "contrast",
          "'\(Self.shortened(text.text))' (\(color.hex)) on \(ground.hex) has a contrast of "
            + "\(Self.text(contrast, digits: 1)) : 1, less than \(Self.text(wanted)) : 1; use a darker or lighter ink"))
    }
    return Self.limited(findings)
  }

  private func checkColors(_ page: DrawnPage) -> [LintFinding] {
    // A tint within an edge of its colour is known by the edge.
    let edges = Set(page.strokes.filter { ColorVision.chroma($0.color) > 15 }.compactMap(\.bounds).map(Self.place))
    let tinted = page.fills.filter { !edges.contains(Self.place($0.bounds)) }
    let all = page.strokes.map(\.color) + tinted.map(\.color)
    let colors = all.map { $0.opacity(1) }.filter { ColorVision.chroma($0) > 15 }
      .reduce(into: [Color]()) { if $0.count <= Self.mostCategories, !$0.contains($1) { $0.append($1) } }
    guard colors.count <= Self.mostCategories else {
      return [
        LintFinding(
          .note, "colours",
          "more than \(Self.mostCategories) colours, so they are taken for a scale and not compared in pairs")
      ]
    }
    var findings: [LintFinding] = []
    for (place, a) in colors.enumerated() {
      for b in colors[(place + 1)...] where ColorVision.distance(a, b) >= Self.easyDistance {
        let hard = ColorVision.Kind.allCases.filter { ColorVision.distance(a, b, without: $0) < Self.hardDistance }
        guard !hard.isEmpty else { continue }
        findings.append(
          LintFinding(
            .warning, "colours",
            "\(a.hex) and \(b.hex) look alike with \(hard.map(\.rawValue).joined(separator: " and ")); "
              + "use colours of different lightness, or markers and dashes as well"))
      }
    }
    return Self.limited(findings)
  }

  /// The place of an area and of the line around it, to half a point.
  private static func place(_ bounds: Rectangle) -> [Int] {
    [bounds.x, bounds.y, bounds.right, bounds.bottom].map { Int(saturating: ($0 * 2).rounded()) }
  }

  // MARK: Pictures and lines

  private func checkImages(_ page: DrawnPage) -> [LintFinding] {
    var findings: [LintFinding] = []
    for image in page.images where image.columns > 1 && image.rows > 1 && image.width > 0 && image.height > 0 {
      let resolution = min(Double(image.columns) / image.width, Double(image.rows) / image.height) * 72
      guard resolution < Self.lowestResolution - 0.5 else { continue }
      let text =
        "a picture of \(image.columns)×\(image.rows) pixels has \(Self.text(resolution)) dots an inch"
      findings.append(
        image.isSharp
          ? LintFinding(.note, "resolution", "\(text); its pixels are shown as squares, as the file asks for")
          : LintFinding(
            .warning, "resolution",
            "\(text), fewer than \(Self.text(Self.lowestResolution)), and will look blurred; use more pixels or show it smaller"
          ))
    }
    return Self.limited(findings)
  }

  private func checkLines(_ page: DrawnPage) -> [LintFinding] {
    guard let thinnest = page.strokes.map(\.width).min(), thinnest < 0.25 - 1e-6 else { return [] }
    return [
      LintFinding(
        .warning, "lines",
        "the thinnest line is \(Self.text(thinnest, digits: 2)) points wide and may vanish in print; use 0.25 points at least"
      )
    ]
  }

  // MARK: Words

  /// Each once; ten findings of a check tell enough.
  static func limited(_ all: [LintFinding]) -> [LintFinding] {
    let findings = all.reduce(into: [LintFinding]()) { if !$0.contains($1) { $0.append($1) } }
    guard findings.count > 10, let last = findings.last else { return findings }
    return findings.prefix(10) + [
      LintFinding(last.severity, last.check, "and \(findings.count - 10) more of the same kind")
    ]
  }

  private static func text(_ value: Double, digits: Int? = nil) -> String {
    Numbers.fixed(value, digits: digits ?? (value == value.rounded() || value > 20 ? 0 : 1), minus: "-")
  }

  static func shortened(_ text: String) -> String {
    text.count > 40 ? String(text.prefix(39)) + "…" : text
  }
}

extension FigureLinter {
  /// The texts of a PDF or SVG: what is written, its size, where it lies.
  package static func texts(_ bytes: [UInt8]) throws -> [(text: String, size: Double, bounds: Rectangle)] {
    let page =
      try bytes.starts(with: Array("%PDF-".utf8))
      ? PDFPageReader.read(bytes, file: "figure") : SVGPageReader.read(bytes, file: "figure")
    return page.texts.map { ($0.text, $0.size, $0.bounds) }
  }
}
