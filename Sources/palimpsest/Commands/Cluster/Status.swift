import ArgumentParser
import Pipelines

/// `palimpsest status`: how far work is that several processes do.
struct Status: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how far a store in shards or an experiment is.",
    discussion: """
      done, running, stale (begun, and nobody is at work on it) or missing, with \
      the rate of all that are at work, and the time left.

        palimpsest status vit.h5.shards/
        palimpsest status study.yaml --json
      """)

  @Argument(help: ArgumentHelp("A folder of shards, or an experiment's file.", valueName: "path"))
  var path: String

  @Option(help: ArgumentHelp("Of an experiment, where everything goes.", valueName: "dir"))
  var out: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else {
      let status = try StoreStatus(path)
      output.say(status.text)
      return try output.summarize(status)
    }
    let run = ExperimentRun(
      file: path, experiment: try Run.read(path), out: out,
      runner: ExperimentSteps(file: path, output: output))
    let status = try ExperimentProblems.reporting { try run.status() }
    output.say(status.text)
    try output.summarize(status)
  }
}
