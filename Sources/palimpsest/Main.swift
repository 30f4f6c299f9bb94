import ArgumentParser
import Foundation
import Pipelines
import Terminal

/// Runs the command line and turns whatever goes wrong into an exit status and one sentence.
@main
enum Main {
  static func main() {
    do {
      Streams.setColor(ColorChoice(words: CommandLine.arguments))
      var command = try Palimpsest.parseAsRoot(CommandWords.expanded(try Invocation.words.get()))
      Interruption.install(mayEndAnywhere: command is any WholeOutputCommand)
      try command.run()
      try Streams.checkOutput()
    } catch {
      Failure(error).exit()
    }
  }
}

/// A command that either puts a whole result in its place or changes nothing there: it may be ended anywhere.
protocol WholeOutputCommand: ParsableCommand {}

/// The root command.
struct Palimpsest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "palimpsest",
    abstract: "Reads what is left of an image at every depth of a vision transformer.",
    discussion: """
      A first look (the installed program gets libtorch first, once):

        palimpsest setup
        palimpsest demo

      A whole study in one file:

        palimpsest run --example > study.yaml
        palimpsest run study.yaml

      Models of the Hub, or your own, and your photographs:

        palimpsest extract --model facebook/detr-resnet-50 --images photos/ \\
            --out detr.h5
        palimpsest extract --model vit/ --images photos/ --out vit.h5
        palimpsest analyze similarity vit.h5 swin.h5 --out results/
        palimpsest report results/ --out reports/mine
        palimpsest bundle reports/mine --out mine.zip

      Images back from every depth:

        palimpsest train --model vit/ --images photos/ --out vit-inverse/
        palimpsest reconstruct --model vit/ --inverse vit-inverse/ \\
            --images photos/ --out vit-back.h5
        palimpsest analyze quality vit-back.h5 --out quality/

      Exit status: 0 done, 1 the work failed, 2 bad usage or bad input, 130
      interrupted, 75 ended by SIGTERM, SIGUSR1 or SIGUSR2 with work left (the
      sentence says whether the same command goes on).

      Defaults of options can be kept in ~/.config/palimpsest/config.yaml: commands,
      or all, and below each its options, as in extract: {dtype: float16}.
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(name: "Get started", subcommands: [Setup.self, Demo.self, Doctor.self]),
      CommandGroup(name: "Whole studies", subcommands: [Run.self, Status.self]),
      CommandGroup(
        name: "Data",
        subcommands: [
          Fetch.self, IndexImages.self, Scenes.self, Extract.self, Merge.self, Inspect.self, Verify.self,
        ]),
      CommandGroup(name: "Inverses", subcommands: [Train.self, Import.self, Reconstruct.self]),
      CommandGroup(name: "Results", subcommands: [Analyze.self, Report.self, DrawFigure.self, Lint.self]),
      CommandGroup(name: "Reviewers", subcommands: [BundleReport.self, Replay.self]),
      CommandGroup(name: "Performance", subcommands: [Bench.self]),
    ])
}
