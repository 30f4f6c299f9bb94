import ArgumentParser
import Figures
import FiguresCairo
import Foundation
import Reports

/// `palimpsest figure`: one figure of results, alone.
struct DrawFigure: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figure",
    abstract: "Draw one kind of figure from results, for a paper.",
    discussion: """
      KIND is the name of a figure of the report, or of its sort: all-models, \
      within-models, across-models, along-depth, depth, differences, \
      scatter, reconstructions, conditions, prototypes, places, hue, shares, \
      spectra, equal, efficiency. 'list' says what the results have.

        palimpsest figure list results/
        palimpsest figure depth results/ --metric psnr --style cvpr \\
            --width column --out psnr.pdf

      The ending of --out chooses PDF, SVG or PNG; without one all three are \
      written. PDF and SVG hold the pixels of pictures exactly, where those of a \
      report are JPEG of quality 92. Caption, alternative text and settings are written beside the \
      figure as JSON.
      """)

  @Argument(help: "The figure's name or sort, or list.")
  var kind: String

  @Argument(help: "A folder that an analysis wrote, or a folder of such.")
  var results: String

  @Option(name: .long, help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String?

  @Option(name: .long, help: "tmlr, neurips, iclr, icml, cvpr, poster, slide, or the path of a style file.")
  var style = "tmlr"

  @Option(name: .long, help: "text or column of the style's page, or a number of inches.")
  var width = "text"

  @Option(name: .long, help: "Of several figures of a sort, the one whose name holds this: a metric, a store.")
  var metric: String?

  @Option(name: .long, help: ArgumentHelp("A folder like templates/, to change styles.", valueName: "dir"))
  var templates: String?

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let files: [String]
    let warnings: [String]
  }

  func run() throws {
    let style = try FigureStyle.named(style, templates: Places.templates(templates))
    let points = try points(style)
    if kind != "list" { try checkOutput() }
    let content = try ReportContent(
      results: URL(fileURLWithPath: results), style: style, openStore: { try StorePictures(path: $0) })
    if kind == "list" {
      for warning in content.warnings { output.note(warning) }
      output.say(
        Table.text(header: ["name", "sort"], rows: content.figures.map { [$0.name, $0.kind] }))
      return try output.summarize(content.figures.map { ["name": $0.name, "sort": $0.kind] })
    }
    let chosen = try choose(content)
    let renderer = try FigureRenderer(style: style, keepsExactPictures: true)
    let figure = try chosen.laidOut(style: style, measurer: renderer.typesetter, width: points)
    let typesetter = renderer.typesetter
    let warnings = [typesetter.warning, typesetter.missingCharacters].compactMap { $0 } + figure.warnings
    for warning in warnings { output.note(warning) }
    let target = URL(fileURLWithPath: out ?? "\(chosen.name).pdf")
    let format = FigureFormat(rawValue: target.pathExtension.lowercased())
    let names = try renderer.write(
      figure, named: format == nil ? target.lastPathComponent : target.deletingPathExtension().lastPathComponent,
      to: target.deletingLastPathComponent(), formats: format.map { [$0] } ?? FigureFormat.allCases)
    let files = names.map { target.deletingLastPathComponent().appendingPathComponent($0).path }
    output.say(files.joined(separator: "\n"))
    try output.summarize(Summary(files: files, warnings: warnings))
  }

  private func points(_ style: FigureStyle) throws -> Double {
    switch width {
    case "text": return style.textWidth
    case "column": return style.columnWidth
    default:
      guard let inches = Double(width), inches >= 0.5, inches <= 100 else {
        throw BadInput("--width is '\(width)'; give text, column, or 0.5 to 100 inches")
      }
      return inches * 72
    }
  }

  private func checkOutput() throws {
    guard let out else { return }
    try OutputPath.requireFile(out)
    let ending = URL(fileURLWithPath: out).pathExtension
    guard ending.isEmpty || FigureFormat(rawValue: ending.lowercased()) != nil else {
      throw BadInput(
        "--out \(out): '.\(ending)' is no format of figures; give .pdf, .svg or .png, or no ending for all three")
    }
  }

  private func choose(_ content: ReportContent) throws -> ReportFigure {
    let figures = content.figures
    if let exact = figures.first(where: { $0.name == kind }) { return exact }
    let sort = figures.filter { $0.kind == kind }
    guard !sort.isEmpty else {
      let sorts = figures.map(\.kind).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      throw BadInput(
        "\(results) has no figure '\(kind)'; it has \(sorts.joined(separator: ", ")) (see palimpsest figure list \(results))"
      )
    }
    guard let metric else { return sort[0] }
    // The whole of the last part, before any name that merely holds it.
    if let found = sort.first(where: { $0.name.hasSuffix("-" + metric) })
      ?? sort.first(where: { $0.name.contains(metric) })
    {
      return found
    }
    throw BadInput(
      "\(results) has no figure of the sort '\(kind)' with '\(metric)' in its name; it has \(sort.map(\.name).joined(separator: ", "))"
    )
  }
}
