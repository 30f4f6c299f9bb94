import Figures
import FiguresCairo
import Formats
import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("templates")

let hostileName = "<img src=x onerror=alert(1)>.png"

@Suite struct RenderingTests {
  private func style(_ name: String = "tmlr") throws -> FigureStyle {
    try FigureStyle.named(name, templates: templates)
  }

  private func heatMap(_ name: String = "ViT-B/16", count: Int = 12) -> HeatMapFigure {
    let block = HeatMapBlock(name: name, labels: (0..<count).map { "block.\($0)" })
    let values = (0..<count * count).map { index -> Double? in
      index == 3 ? nil : 1 - 0.09 * Double((index / count - index % count).magnitude)
    }
    return HeatMapFigure(
      maps: [HeatMap(rows: [block], columns: [block], values: values)], colorMap: .viridis,
      valueLabel: "Linear CKA (debiased)",
      description: FigureDescription(
        kind: "heat map", title: name, caption: "", alternativeText: "Similarity of \(name)"))
  }

  @Test(arguments: FigureFormat.allCases)
  func sameFigureIsTheSameBytes(format: FigureFormat) throws {
    let style = try style()
    let first = try FigureRenderer(style: style)
    let figure = try heatMap().laidOut(style: style, measurer: first.typesetter)
    let once = try first.render(figure, as: format)
    // Other figures in between, another renderer: nothing may leave a trace.
    _ = try first.render(try heatMap("other", count: 3).laidOut(style: style, measurer: first.typesetter), as: format)
    let second = try FigureRenderer(style: style)
    let again = try heatMap().laidOut(style: style, measurer: second.typesetter)
    #expect(try first.render(figure, as: format) == once)
    #expect(try second.render(again, as: format) == once)
    #expect(once.count > 1000)
  }

  @Test func pdfEmbedsTrueTypeOrType1AndNoDate() throws {
    let style = try style()
    let renderer = try FigureRenderer(style: style)
    let figure = try heatMap("Größe λ₁ → ∞ ≤ ½").laidOut(style: style, measurer: renderer.typesetter)
    let text = String(decoding: try renderer.render(figure, as: .pdf), as: UTF8.self)
    #expect(text.hasPrefix("%PDF-1.4"))
    #expect(!text.contains("/Type3"))
    #expect(text.contains("/FontFile"))
    #expect(!text.contains("CreationDate"))
    #expect(!text.contains("ModDate"))
    #expect(text.contains("/Creator"))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pdftotext")))
  func pdfTextCanBeSelectedAsWholeStrings() throws {
    let style = try style()
    let renderer = try FigureRenderer(style: style)
    let figure = try heatMap("DeiT III-B").laidOut(style: style, measurer: renderer.typesetter)
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let file = temporary.url.appendingPathComponent("figure.pdf")
    try Data(renderer.render(figure, as: .pdf)).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/pdftotext")
    process.arguments = [file.path, "-"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    for word in ["block.11", "DeiT III-B", "Linear CKA (debiased)", "no value"] { #expect(text.contains(word)) }
  }

  @Test func svgIsWellFormedWhateverTheNames() throws {
    let style = try style()
    let renderer = try FigureRenderer(style: style)
    let names = [hostileName, "a\"\u{301} onload=alert(1) b='", "]]> & &amp; \u{0} \u{1F}", "日本語 עברית"]
    for name in names {
      let figure = try heatMap(name, count: 4).laidOut(style: style, measurer: renderer.typesetter)
      let bytes = try renderer.render(figure, as: .svg)
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("<img"))
      let reader = ElementReader()
      let parser = XMLParser(data: Data(bytes))
      parser.delegate = reader
      #expect(parser.parse(), "\(name): \(String(describing: parser.parserError))")
      #expect(
        reader.names.isSubset(of: ["svg", "title", "desc", "rect", "g", "path", "image", "use", "text", "tspan"]))
      #expect(reader.attributes.allSatisfy { !$0.hasPrefix("on") })
    }
  }

  @Test func svgCarriesTextTitleAndUnsmoothedCells() throws {
    let style = try style()
    let renderer = try FigureRenderer(style: style)
    let long = "transformer.encoder_layers.a_very_long_name_of_a_users_own_hook.block.3"
    let block = HeatMapBlock(name: "m", labels: [long, "b"])
    var figure = heatMap()
    figure = HeatMapFigure(
      maps: [HeatMap(rows: [block], columns: [block], values: [1, 0.5, 0.5, 1])], colorMap: .viridis,
      valueLabel: "CKA", description: figure.description)
    let laidOut = try figure.laidOut(style: style, measurer: renderer.typesetter)
    let text = String(decoding: try renderer.render(laidOut, as: .svg), as: UTF8.self)
    #expect(text.contains("<title>\(long)</title>"))
    #expect(text.contains(">0.50</text>"))
    #expect(text.contains("image-rendering:pixelated"))
    #expect(text.contains("<desc id=\"description\">Similarity of ViT-B/16</desc>"))
    #expect(text.contains("textLength="))
  }

  @Test func pngHasTheStylesResolution() throws {
    let style = try style()
    let renderer = try FigureRenderer(style: style)
    let figure = try heatMap().laidOut(style: style, measurer: renderer.typesetter)
    let png = try renderer.render(figure, as: .png)
    func number(at start: Int) -> Int { png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(number(at: 16) == Int((figure.scene.size.width * 300 / 72).rounded(.up)))
    #expect(number(at: 20) == Int((figure.scene.size.height * 300 / 72).rounded(.up)))
    // The chunk after the header says 300 dots an inch: 11811 a metre.
    #expect(Array(png[37..<41]) == Array("pHYs".utf8))
    #expect(number(at: 41) == 11811)
  }

  @Test func pangoMeasuresWhatTheLayoutKeeps() throws {
    for name in FigureStyle.available(templates: templates) {
      let style = try style(name)
      let renderer = try FigureRenderer(style: style)
      let figure = try heatMap("a model with a long name, as users give them", count: 40)
        .laidOut(style: style, measurer: renderer.typesetter)
      #expect(figure.scene.size.width <= style.textWidth + 0.5)
      for text in figure.scene.placedTexts(renderer.typesetter) {
        #expect(figure.scene.page.contains(text.bounds), "\(name): \(text.run.text)")
      }
    }
  }

  @Test func scriptsAreSmallerAndMakeTheRunWider() throws {
    let typesetter = try PangoTypesetter(families: ["Liberation Sans", "DejaVu Sans"])
    func width(_ spans: [TextRun.Span]) -> Double {
      typesetter.extent(of: TextRun(spans: spans, at: Point(0, 0), size: 10, color: .black)).width
    }
    let plain = width([TextRun.Span("R")])
    let squared = width([TextRun.Span("R"), TextRun.Span("2", script: .superscript)])
    let side = width([TextRun.Span("R2")])
    #expect(squared > plain)
    #expect(squared < side)
  }

  @Test func charactersWithoutAFontAreNamed() throws {
    let typesetter = try FigureRenderer(style: style()).typesetter
    _ = typesetter.width(of: "Δμ₂ ≤ x̂", size: 7)
    #expect(typesetter.missingCharacters == nil)
    _ = typesetter.width(of: "a\u{10FFFD}b", size: 7)
    #expect(
      typesetter.missingCharacters
        == "no installed font has '\u{10FFFD}': boxes are drawn in their place; install one that has (Debian and Ubuntu: "
        + "apt-get install fonts-noto)")
  }

  @Test func cellsInSVGAreSharpInViewersThatSmooth() throws {
    let style = try style()
    let renderer = try FigureRenderer(style: style)
    let figure = try heatMap(count: 4).laidOut(style: style, measurer: renderer.typesetter)
    let svg = String(decoding: try renderer.render(figure, as: .svg), as: UTF8.self)
    let start = try #require(svg.range(of: "data:image/png;base64,")).upperBound
    let png = try #require(Data(base64Encoded: String(svg[start...].prefix { $0 != "\"" })))
    let width = png[16..<20].reduce(0) { $0 << 8 | Int($1) }
    // Two pixels a point.
    #expect(Double(width) >= figure.regions[0].cell * 4 * 2)
  }

  @Test func missingFontsAreNamedWithThePackage() throws {
    #expect(
      throws: FigureError(
        "none of the fonts 'No Such Font', 'Nor This' is installed; "
          + "install one (Debian and Ubuntu: apt-get install fonts-liberation2)")
    ) {
      try PangoTypesetter(families: ["No Such Font", "Nor This"])
    }
    let second = try PangoTypesetter(families: ["No Such Font", "Liberation Sans", "DejaVu Sans"])
    #expect(second.warning?.hasPrefix("font 'No Such Font' is not installed, figures are set in '") == true)
  }

  @Test func filesAppearBesideTheirDescription() throws {
    let style = try style()
    let renderer = try FigureRenderer(style: style)
    let figure = try heatMap().laidOut(style: style, measurer: renderer.typesetter)
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    let names = try renderer.write(figure, named: "cka", to: folder)
    #expect(names == ["cka.pdf", "cka.svg", "cka.png", "cka.json"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == names.sorted())
    let description = try JSONDecoder().decode(
      FigureDescription.self, from: Data(contentsOf: folder.appendingPathComponent("cka.json")))
    #expect(description == figure.description)
    #expect(throws: FileWritingError.self) {
      try renderer.write(figure, named: "cka", to: folder.appendingPathComponent("none"))
    }
  }
}

/// Collects the names of elements and attributes.
private final class ElementReader: NSObject, XMLParserDelegate {
  var names: Set<String> = []
  var attributes: Set<String> = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes dictionary: [String: String]
  ) {
    names.insert(name)
    attributes.formUnion(dictionary.keys)
  }
}
