import FigureLint
import Figures
import FiguresCairo
import Foundation
import TestSupport
import Testing

/// Figures with one flaw each: the flaw is found, and nothing else.
@Suite struct DefectTests {
  private let ink = Color(red: 0.1, green: 0.1, blue: 0.1)

  private func problems(
    _ nodes: [SceneNode], width: Double = 200, format: FigureFormat = .pdf, with notes: LintFinding.Severity? = nil
  ) throws -> [String] {
    let style = try FigureStyle.named("tmlr", templates: templates)
    let renderer = try FigureRenderer(style: style)
    let figure = Figure(
      scene: Scene(size: Size(width, 100), background: .white, nodes: nodes, fontFamilies: style.fontFamilies),
      description: FigureDescription(kind: "test", title: "test", caption: "", alternativeText: "test"))
    return try FigureLinter(style: style).check(renderer.render(figure, as: format), file: "test").findings
      .filter { notes == nil ? $0.severity != .note : $0.severity == notes && $0.check != "fonts" }.map {
        "\($0.check): \($0.text)"
      }
  }

  private func text(_ text: String, _ x: Double, _ y: Double, size: Double = 8, color: Color? = nil) -> SceneNode {
    .text(TextRun(text, at: Point(x, y), size: size, color: color ?? ink))
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func aSoundFigureHasNoProblem(format: FigureFormat) throws {
    #expect(try problems([text("block.3", 20, 40), text("block.4", 80, 40)], format: format).isEmpty)
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func overlappingTextsAreFound(format: FigureFormat) throws {
    #expect(
      try problems([text("block.3", 20, 40), text("block.4", 35, 42)], format: format)
        == ["overlap: the texts 'block.3' and 'block.4' overlap; move or shorten one"])
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func labelsThatAreCutShortAreFound(format: FigureFormat) throws {
    #expect(
      try problems([text("deit-learn…background", 20, 40)], format: format)
        == [
          "shortened: the label 'deit-learn…background' is cut short by an ellipsis; give it a shorter name or more room"
        ])
  }

  private func disc(_ hex: String, _ x: Double, _ y: Double, radius: Double = 2) -> SceneNode {
    let reach = radius * 0.5523
    let (left, right, top, bottom) = (x - radius, x + radius, y - radius, y + radius)
    return .path(
      PathShape(
        elements: [
          .move(Point(right, y)),
          .curve(control1: Point(right, y + reach), control2: Point(x + reach, bottom), end: Point(x, bottom)),
          .curve(control1: Point(x - reach, bottom), control2: Point(left, y + reach), end: Point(left, y)),
          .curve(control1: Point(left, y - reach), control2: Point(x - reach, top), end: Point(x, top)),
          .curve(control1: Point(x + reach, top), control2: Point(right, y - reach), end: Point(right, y)), .close,
        ], fill: Color(hex: hex)))
  }

  /// The box of a dial's number over a point; a point under another one; points beside each other and of one colour are sound.
  @Test(arguments: [FigureFormat.pdf, .svg])
  func pointsUnderSomethingElseAreFound(format: FigureFormat) throws {
    let box = SceneNode.rectangle(
      RectangleShape(frame: Rectangle(x: 40, y: 30, width: 20, height: 12), fill: .white))
    #expect(
      try problems([disc("#0072b2", 50, 36), box], format: format) == [
        "hidden: a point of #0072b2 at 50, 36 points lies whole under an area of #ffffff; set them beside each other, or make the upper "
          + "one hollow"
      ])
    let covered = [disc("#0072b2", 50, 36), disc("#d55e00", 50, 36)]
    #expect(try problems(covered, format: format).isEmpty)
    #expect(
      try problems(covered, format: format, with: .note).first?.hasPrefix("hidden: a point of #0072b2 at 50, 36")
        == true)
    for sound in [
      [box, disc("#0072b2", 50, 36)], [disc("#0072b2", 50, 36), disc("#d55e00", 53, 36)],
      [disc("#0072b2", 50, 36), disc("#0072b2", 50, 36)],
    ] { #expect(try problems(sound, format: format).isEmpty) }
  }

  /// Legends of two panels: a line of 20 points before each label.
  @Test(arguments: [FigureFormat.pdf, .svg])
  func coloursOfTwoMeaningsAreFound(format: FigureFormat) throws {
    func entry(_ label: String, _ hex: String, _ x: Double, _ y: Double, dash: [Double] = []) -> [SceneNode] {
      [
        .path(
          .polyline(
            [Point(x, y), Point(x + 20, y)], stroke: Stroke(color: Color(hex: hex) ?? .black, width: 1, dash: dash))),
        .text(TextRun(label, at: Point(x + 24, y), size: 8, baseline: .middle, color: ink)),
      ]
    }
    #expect(
      try problems(entry("vit", "#0072b2", 10, 20) + entry("vit", "#d55e00", 110, 20), format: format) == [
        "meaning: 'vit' is #0072b2 in one legend and #d55e00 in another; give it one colour in the figure"
      ])
    #expect(
      try problems(entry("vit", "#0072b2", 10, 20) + entry("deit", "#0072b2", 10, 40), format: format) == [
        "meaning: 'vit' and 'deit' look the same (#0072b2); give them different colours, dashes or points"
      ])
    let sound =
      entry("vit", "#0072b2", 10, 20) + entry("deit", "#0072b2", 10, 40, dash: [1, 1.5])
      + entry("vit", "#0072b2", 110, 20)
    #expect(try problems(sound, format: format).isEmpty)
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func clippedTextIsFound(format: FigureFormat) throws {
    #expect(
      try problems([text("a long label", 180, 40)], format: format)
        == ["clipping: the text 'a long label' reaches beyond the page; leave it room"])
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func smallTypeIsFoundAndScriptsAreNot(format: FigureFormat) throws {
    #expect(
      try problems([text("tiny", 20, 40, size: 5)], format: format)
        == ["size: a text is smaller than 6 points, the smallest 'tiny' (5 points); set it larger"])
    let power = TextRun(
      spans: [.init("10"), .init("3", script: .superscript)], at: Point(20, 40), size: 8, color: ink)
    #expect(try problems([.text(power)], format: format).isEmpty)
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func faintTextIsFoundOnItsOwnGround(format: FigureFormat) throws {
    let ground = SceneNode.rectangle(
      RectangleShape(frame: Rectangle(x: 10, y: 20, width: 100, height: 40), fill: Color(hex: "#404040")))
    #expect(
      try problems([ground, text("dark on dark", 20, 40)], format: format).first?.hasPrefix(
        "contrast: 'dark on dark' (#1a1a1a) on #404040") == true)
    #expect(try problems([ground, text("light on dark", 20, 40, color: .white)], format: format).isEmpty)
    #expect(
      try problems([text("grey", 20, 40, color: Color(red: 0.7, green: 0.7, blue: 0.7))], format: format).count == 1)
  }

  /// Grey of 3.9 : 1 is enough for large letters only.
  @Test(arguments: [FigureFormat.pdf, .svg])
  func greyThatIsEnoughForLargeLettersIsNotForSmallOnes(format: FigureFormat) throws {
    let grey = try #require(Color(hex: "#818181"))
    #expect(
      try problems([text("small", 20, 40, size: 8, color: grey)], format: format) == [
        "contrast: 'small' (#818181) on #ffffff has a contrast of 3.9 : 1, less than 4.5 : 1; use a darker or lighter ink"
      ])
    #expect(try problems([text("large", 20, 40, size: 18, color: grey)], format: format).isEmpty)
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func coloursThatAreAlikeWithoutOneConeAreFound(format: FigureFormat) throws {
    func line(_ hex: String, _ y: Double) -> SceneNode {
      .path(.polyline([Point(10, y), Point(190, y)], stroke: Stroke(color: Color(hex: hex) ?? .black, width: 1)))
    }
    let found = try problems([line("#c8403a", 20), line("#6f7a1e", 40)], format: format)
    #expect(found.count == 1)
    #expect(found.first?.contains("look alike with") == true)
    #expect(try problems([line("#0072b2", 20), line("#d55e00", 40)], format: format).isEmpty)
  }

  @Test(arguments: [FigureFormat.pdf, .svg])
  func hairlinesAreFound(format: FigureFormat) throws {
    let hairline = SceneNode.path(.polyline([Point(10, 20), Point(90, 20)], stroke: Stroke(color: ink, width: 0.1)))
    #expect(
      try problems([hairline], format: format)
        == ["lines: the thinnest line is 0.10 points wide and may vanish in print; use 0.25 points at least"])
  }

  @Test(arguments: FigureFormat.allCases)
  func figuresWiderThanTheVenueAreFound(format: FigureFormat) throws {
    #expect(
      try problems([text("wide", 20, 40)], width: 500, format: format).contains {
        $0.hasPrefix("width: 6.9") && $0.contains(" in wide, wider than the text of")
      })
  }

  // MARK: Files of others

  private func check(_ pdf: String) throws -> [LintFinding] {
    try FigureLinter(style: nil).check(Array(pdf.utf8), file: "other.pdf").findings
  }

  /// A page by hand, without a cross-reference table, as a damaged file has none.
  private func page(font: String, content: String) -> String {
    """
    %PDF-1.4
    1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
    2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 200 100] >> endobj
    3 0 obj << /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> endobj
    4 0 obj << /Length \(content.utf8.count) >> stream
    \(content)
    endstream endobj
    5 0 obj \(font) endobj
    trailer << /Root 1 0 R >>
    """
  }

  @Test func type3AndMissingFontsAreErrors() throws {
    let content = "BT /F1 10 Tf 20 40 Td (Hello) Tj ET"
    let type3 =
      "<< /Type /Font /Subtype /Type3 /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 0 /Widths [500] /Name /DejaVu >>"
    #expect(
      try check(page(font: type3, content: content)).contains { $0.severity == .error && $0.text.contains("Type 3") })
    let bare = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    #expect(
      try check(page(font: bare, content: content)).contains {
        $0.severity == .error
          && $0.text == "font 'Helvetica' (Type 1) is not embedded, so it will look different elsewhere; embed it"
      })
  }

  @Test func sizesAreThoseOnThePage() throws {
    let bare = "<< /Type /Font /Subtype /TrueType /BaseFont /Arial >>"
    let scaled = try check(
      page(font: bare, content: "q 0.5 0 0 0.5 0 0 cm BT /F1 10 Tf 1 0 0 1 40 80 Tm (half) Tj ET Q"))
    #expect(scaled.contains { $0.check == "size" && $0.text.contains("'half' (5 points)") })
  }

  @Test func whatIsNoFigureIsRefusedInASentence() throws {
    for (bytes, sentence) in [
      ("hello", "f is neither PDF nor SVG nor PNG"),
      (
        "%PDF-1.4\nnothing",
        "f cannot be read as a PDF: unable to find trailer dictionary while recovering damaged file"
      ),
      ("<html></html>", "f is no SVG with a width, a height or a viewBox"), ("<", "f cannot be read as XML"),
    ] {
      #expect(throws: LintError(sentence)) { try FigureLinter(style: nil).check(Array(bytes.utf8), file: "f") }
    }
  }

  @Test func damagedFilesNeverTrap() throws {
    let style = try FigureStyle.named("tmlr", templates: templates)
    let renderer = try FigureRenderer(style: style)
    let figure = try OwnFigures.make("bars").laidOut(style: style, measurer: renderer.typesetter, width: nil)
    for format in FigureFormat.allCases {
      let bytes = try renderer.render(figure, as: format)
      var state: UInt64 = 3
      for round in 0..<60 {
        var damaged = bytes
        for _ in 0..<20 {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
        }
        if round % 3 == 0 { damaged.removeLast(damaged.count * (round + 1) / 61) }
        _ = try? FigureLinter(style: style).check(damaged, file: "damaged")
      }
    }
  }

  @Test func unequalColourBarsAreFoundTogether() throws {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    for (name, range) in [("a", "0 to 1"), ("b", "0.2 to 0.9"), ("c", "0 to 1")] {
      let description = FigureDescription(
        kind: "heat map", title: name, caption: "", alternativeText: "",
        settings: [
          .init("measure", "cka_linear"), .init("colour map", "viridis"), .init("range", range), .init("style", "cvpr"),
        ])
      try JSONEncoder().encode(description).write(to: folder.appendingPathComponent("\(name).json"))
    }
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    let found = ColorBars.compare([path("a.pdf"), path("b.pdf"), path("c.pdf"), path("none.pdf")])
    #expect(found.count == 1 || found.count == 2)
    #expect(found.first?.text.contains("from 0.2 to 0.9") == true)
    #expect(ColorBars.compare([path("a.pdf"), path("c.pdf")]).isEmpty)
    #expect(ColorBars.style(of: path("a.svg")) == "cvpr")
    #expect(ColorBars.style(of: path("none.svg")) == nil)
  }
}
