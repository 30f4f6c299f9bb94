import ArgumentParser
import FigureLint
import Figures
import FiguresCairo
import Formats
import Pipelines

/// `palimpsest lint`: figures as a venue and a reader would check them.
struct Lint: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check figures (PDF, SVG, PNG): fonts, sizes, width, overlaps, contrast, colours, resolution.",
    discussion: """
      Takes our own figures and those of other programs. The venue is --style, or \
      the style that the JSON beside a figure names. Ends with status 1 where \
      something has to be repaired, or where a part of a file could not be read, so \
      that nothing is known of it; notes do not count.

        palimpsest lint reports/mine/figures/*.pdf
        palimpsest lint plot.pdf --style cvpr
      """)

  @Argument(help: "Figure files.", completion: .file(extensions: ["pdf", "svg", "png"]))
  var figures: [String]

  @Option(help: StyleHelp.text("The venue"), completion: .list(StyleHelp.names))
  var style: String?

  @OptionGroup var templates: TemplateOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    guard !figures.isEmpty else { throw BadInput("no figure is named; give PDF, SVG or PNG files") }
    let folder = try templates.folder()
    let given = try style.map { try FigureStyle.named($0, templates: folder) }
    let reports = try figures.map { file in
      let own = given == nil ? ColorBars.style(of: file) : nil
      return try FigureLinter(style: given ?? own.flatMap { try? FigureStyle.named($0, templates: folder) }).check(file)
    }
    let summary = LintSummary(reports, together: ColorBars.compare(figures))
    for line in summary.lines { output.say(line) }
    try output.summarize(summary)
    if let failure = summary.failure { throw WorkFailed(failure) }
  }
}
