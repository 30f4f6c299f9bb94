import ArgumentParser
import Figures
import FiguresCairo
import Formats
import Pipelines
import Reports
import Results
import Terminal

/// `palimpsest figure`: one figure of results, alone.
struct DrawFigure: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    commandName: "figure",
    abstract: "Draw one kind of figure from results, for a paper.",
    discussion: """
      KIND is the name of a figure of the report, or of its sort: \
      \(AnalysisDefinition.all.figures.joined(separator: ", ")). \
      'list' says what the results have, and compose sets several figures on \
      one page, as the layout in place of RESULTS says (docs/papers.md).

        palimpsest figure list results/
        palimpsest figure depth results/ --metric psnr --style cvpr \\
            --width column --out psnr.pdf
        palimpsest figure compose teaser.yaml --out teaser.pdf

      The ending of --out chooses PDF, SVG or PNG; without one all three are \
      written. PDF and SVG hold the pixels of pictures exactly, where those of a \
      report are JPEG of quality 92. Caption, alternative text and settings are \
      written beside the figure as JSON, its numbers as CSV.
      """)

  @Argument(
    help: "The figure's name or sort, list, or compose.",
    completion: .list(AnalysisDefinition.all.figures + ["list", ReportFigure.composedKind]))
  var kind: String
  @Argument(help: "A folder that an analysis wrote, or a folder of such; of compose a layout.", completion: .file())
  var results: String
  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file()) var out: String?
  @Option(help: StyleHelp.text("The style of the figure (default: tmlr)"), completion: .list(StyleHelp.names))
  var style: String?
  @Option(
    help: "text or column of the style's page, or a number of inches. (default: text)",
    completion: .list(["text", "column"]))
  var width: String?

  @Option(help: "Of several figures of a sort, the one whose name holds this: a metric, a store.")
  var metric: String?

  @Option(help: "matplotlib (NAME.py), pgf (NAME.pgf.tex), or both: what draws the numbers again.")
  var export: CommaSeparatedList<FigureExport>?

  @OptionGroup var settings: SettingOptions
  @OptionGroup var templates: TemplateOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let width = try self.width.map(FigureJob.Width.init(parsing:))
    func named(_ other: String?) throws -> FigureStyle {
      try FigureStyle.named(self.style ?? other ?? "tmlr", templates: templates.folder())
    }
    if kind == ReportFigure.composedKind {
      if let out { try FigureJob.checkOutput(out) }
      return try finish(
        CompositionJob(
          file: results, style: named, width: width, settings: FigureSettings(texts: settings.set)
        ).draw(out: out, exports: export?.chosen ?? []))
    }
    let style = try named(nil)
    if kind != "list", let out { try FigureJob.checkOutput(out) }
    let job = try FigureJob(results: results, style: style, settings: FigureSettings(texts: settings.set))
    if kind == "list" {
      for warning in job.warnings { output.note(warning) }
      output.say(TextTable.text(header: ["name", "sort"], rows: job.figures.map { [$0.name, $0.sort] }))
      return try output.summarize(["figures": job.figures.map { ["name": $0.name, "sort": $0.sort] }])
    }
    try Interruption.check()
    try finish(job.draw(kind, metric: metric, width: width ?? .text, out: out, exports: export?.chosen ?? []))
  }

  private func finish(_ drawn: FigureJob.Summary) throws {
    for warning in drawn.warnings { output.note(warning) }
    output.say(drawn.files.joined(separator: "\n"))
    try output.summarize(drawn)
  }
}

extension FigureExport: ListedChoice {}
