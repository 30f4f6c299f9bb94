import ArgumentParser
import Formats
import Pipelines

/// `palimpsest replay`: the figures of a bundle once more, from the data in it.
struct Replay: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Redraw every figure of a bundle from the data in it, and compare byte for byte.",
    discussion: """
      Needs no model, no image and no store. The bundle is verified first; a \
      report's folder is taken as it is. Where the results are in the bundle, the \
      data of the figures are made from them once more as well. Says which figures \
      differ, and where fonts, Cairo, Pango or Palimpsest are of another version \
      than those that drew them. Ends with status 1 where a figure differs.

        palimpsest replay mine.zip
        palimpsest replay mine.zip --keep redrawn/
        palimpsest replay reports/mine
      """)

  @Argument(help: "A bundle (.zip), an unpacked one, or the folder of a report.", completion: .file())
  var bundle: String

  @Option(
    help: ArgumentHelp("A folder in which the redrawn figures are kept.", valueName: "dir"), completion: .directory)
  var keep: String?

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let summary = try ReplayJob(bundle, keep: keep).run(output.reporter)
    try output.summarize(summary)
    try summary.requireSuccess()
    if let count = summary.fromResults {
      output.say("the data of \(count) figures are those that the results give")
    }
    let seconds = NumberText.fixed(summary.seconds, 1)
    output.say("\(bundle): all \(summary.figures.count) figures are the same byte for byte, in \(seconds) s")
  }
}
