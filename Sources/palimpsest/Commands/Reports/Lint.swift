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

  @Argument(help: "Figure files.")
  var figures: [String]

  @Option(name: .long, help: StyleHelp.text("The venue"))
  var style: String?

  @OptionGroup var templates: TemplateOptions
  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let figures: [LintReport]
    let together: [LintFinding]
    let passes: Bool
  }

  func run() throws {
    guard !figures.isEmpty else { throw BadInput("no figure is named; give PDF, SVG or PNG files") }
    let folder = try templates.folder()
    let given = try style.map { try FigureStyle.named($0, templates: folder) }
    let reports = try figures.map { file in
      let own = given == nil ? ColorBars.style(of: file) : nil
      return try FigureLinter(style: given ?? own.flatMap { try? FigureStyle.named($0, templates: folder) }).check(file)
    }
    let together = ColorBars.compare(figures)
    for report in reports {
      let size = "\(NumberText.fixed(report.width, 2)) × \(NumberText.fixed(report.height, 2)) in"
      output.say("\(report.file): \(size), \(Self.words(report.verdict))")
      for finding in report.findings {
        output.say("  \(finding.severity.rawValue) (\(finding.check)): \(finding.text)")
      }
    }
    for finding in together { output.say("\(finding.severity.rawValue) (\(finding.check)): \(finding.text)") }
    let failing = reports.filter { $0.verdict == .fails }.count
    let unknown = reports.filter { $0.verdict == .unknown }.count
    let passes = failing + unknown == 0 && together.isEmpty
    try output.summarize(Summary(figures: reports, together: together, passes: passes))
    guard passes else {
      if failing > 0 {
        throw WorkFailed("\(failing) of \(reports.count) figures \(failing == 1 ? "has" : "have") something to fix")
      }
      throw WorkFailed(
        unknown > 0
          ? "\(unknown) of \(reports.count) figures could not be read to the end, so nothing is known of the rest"
          : "colour bars differ between figures of the same measure")
    }
  }

  private static func words(_ verdict: LintVerdict) -> String {
    switch verdict {
    case .passes: "passes"
    case .fails: "has something to fix"
    case .unknown: "unknown, as not all of it could be read"
    }
  }
}
