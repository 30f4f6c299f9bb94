import ArgumentParser
import Figures
import FiguresCairo
import Formats
import Pipelines
import Reports
import Results

/// `palimpsest figure`: one figure of results, alone.
struct DrawFigure: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    commandName: "figure",
    abstract: "Draw one kind of figure from results, for a paper.",
    discussion: """
      KIND is the name of a figure of the report, or of its sort: \
      \(AnalysisDefinition.all.figures.joined(separator: ", ")). \
      'list' says what the results have.

        palimpsest figure list results/
        palimpsest figure depth results/ --metric psnr --style cvpr \\
            --width column --out psnr.pdf

      The ending of --out chooses PDF, SVG or PNG; without one all three are \
      written. PDF and SVG hold the pixels of pictures exactly, where those of a \
      report are JPEG of quality 92. Caption, alternative text and settings are \
      written beside the figure as JSON, its numbers as CSV.
      """)

  @Argument(help: "The figure's name or sort, or list.") var kind: String
  @Argument(help: "A folder that an analysis wrote, or a folder of such.") var results: String
  @Option(name: .long, help: ArgumentHelp("The file to write.", valueName: "file")) var out: String?
  @Option(name: .long, help: StyleHelp.text("The style of the figure")) var style = "tmlr"
  @Option(name: .long, help: "text or column of the style's page, or a number of inches.") var width = "text"

  @Option(name: .long, help: "Of several figures of a sort, the one whose name holds this: a metric, a store.")
  var metric: String?

  @Option(name: .long, help: "matplotlib (NAME.py), pgf (NAME.pgf.tex), or both: what draws the numbers again.")
  var export: CommaSeparatedList<FigureExport>?

  @OptionGroup var settings: SettingOptions
  @OptionGroup var templates: TemplateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let style = try FigureStyle.named(style, templates: templates.folder())
    let width = try FigureJob.Width(parsing: width)
    if kind != "list", let out { try FigureJob.checkOutput(out) }
    let job = try FigureJob(results: results, style: style, settings: FigureSettings(texts: settings.set))
    if kind == "list" {
      for warning in job.warnings { output.note(warning) }
      output.say(TextTable.text(header: ["name", "sort"], rows: job.figures.map { [$0.name, $0.sort] }))
      return try output.summarize(job.figures.map { ["name": $0.name, "sort": $0.sort] })
    }
    try Interruption.check()
    let drawn = try job.draw(kind, metric: metric, width: width, out: out, exports: export?.chosen ?? [])
    for warning in drawn.warnings { output.note(warning) }
    output.say(drawn.files.joined(separator: "\n"))
    try output.summarize(drawn)
  }
}

extension FigureExport: ListedChoice {}
