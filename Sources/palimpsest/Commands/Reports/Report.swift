import ArgumentParser
import Figures
import FiguresCairo
import Foundation
import Pipelines
import Reports
import Terminal

/// `palimpsest report`: figures and a page from results.
struct Report: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make figures (PDF, SVG, PNG) and an HTML report that works offline from results.",
    discussion: """
      Reads the folder and the folders in it: each analysis may have its own. \
      Pictures of reconstructions come from the stores that the analyses read.

        palimpsest report results/ --out reports/mine --style neurips
      """)

  @Argument(help: "A folder that an analysis wrote, or a folder of such.", completion: .directory) var results: String

  @Option(help: ArgumentHelp("The folder to write; replaced as a whole.", valueName: "dir"), completion: .directory)
  var out: String

  @Option(help: StyleHelp.text("The style of the figures"), completion: .list(StyleHelp.names)) var style = "tmlr"
  @Option(help: "The page's heading.") var title: String?
  @Option(help: "Your words for the top of the page, as Markdown.") var summary: String?
  @Option(help: "SECTION=TEXT: your words for a section, as Markdown.") var note: [String] = []
  @Flag(help: "Say in the page where files lie on this machine.") var paths = false
  @Flag(help: "Put everything into index.html itself (without PNG files).") var singleFile = false
  @Option(
    help: ArgumentHelp(
      "A layout of palimpsest figure compose, drawn into the report; may be given again.", valueName: "file"))
  var compose: [String] = []

  @OptionGroup var settings: SettingOptions
  @OptionGroup var templates: TemplateOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    var builder = try ReportBuilder(
      results: URL(fileURLWithPath: results), output: URL(fileURLWithPath: out), templates: templates.folder(),
      style: style, title: title, toolVersion: Version.number, command: Invocation.command, isSingleFile: singleFile,
      openStore: { try StorePictures(path: $0) }, experiment: Invocation.experiment.map { URL(fileURLWithPath: $0) }
    )
    builder.check = Interruption.check
    builder.settings = try FigureSettings(texts: settings.set)
    (builder.text, builder.showsPaths) = (try AuthoredText(summary: summary, notes: note), paths)
    let figureStyle = try FigureStyle.named(style, templates: templates.folder())
    for file in compose {
      let (figure, notes) = try CompositionJob(
        file: file, style: { _ in figureStyle }, width: nil, settings: builder.settings
      ).figure(ofReportIn: figureStyle)
      builder.compositions.append(figure)
      for note in notes { output.note(note) }
    }
    let summary = try builder.build()
    for warning in summary.warnings { output.note(warning) }
    output.say("\(summary.figures) figures; open \(summary.index)")
    try output.summarize(summary)
  }
}
