import ArgumentParser
import Experiments
import Formats
import Foundation
import Pipelines
import Terminal

/// `palimpsest run`: a whole study as a file describes it.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do what an experiment's file describes, again only what changed.",
    discussion: """
      The file names models, images, features, inverses, reconstructions, \
      analyses and a report; docs/experiments.md has every key. Each step is a \
      command that could have been typed. Interrupted at any instant, the same \
      command goes on; a step whose inputs and settings are the same is not done \
      again.

        palimpsest run --example > study.yaml
        palimpsest run study.yaml --dry-run
        palimpsest run study.yaml
        palimpsest run study.yaml --only analyses/similarity
      """)

  @Argument(
    help: ArgumentHelp("The experiment's file (YAML).", valueName: "experiment.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var experiment: String?

  @Option(
    help: ArgumentHelp("Where everything goes, in place of the file's own.", valueName: "dir"), completion: .directory)
  var out: String?

  @Flag(name: .long, help: "Print what would be done, with sizes and times, and do nothing.")
  var dryRun = false

  @Option(
    name: .long,
    help: ArgumentHelp("Only this step, or those of a section, and what they need; may be repeated.", valueName: "step")
  )
  var only: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("Do this step, or those of a section, again; may be repeated.", valueName: "step"))
  var force: [String] = []

  @Flag(name: .long, help: "Print a commented experiment that works, and do nothing.")
  var example = false

  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if experiment == nil, !example {
      throw ValidationError("give the file of an experiment; palimpsest run --example prints one")
    }
  }

  func run() throws {
    if example {
      Streams.output(ExampleExperiment.text(zoo: try ShippedResources.zoo().path))
      return
    }
    guard let file = experiment else { return }
    _ = try compute.prepare()
    let study = try Run.read(file, compute)
    var run = ExperimentRun(
      file: file, experiment: study, out: out, runner: ExperimentSteps(file: file, output: output))
    run.only = only
    run.force = force
    let summary = try ExperimentProblems.reporting {
      try dryRun ? run.preview(output.reporter) : run.perform(output.reporter)
    }
    try output.summarize(summary)
    try summary.requireSuccess()
  }

  /// An experiment, computed where the options say.
  ///
  /// - Throws: ``BadInput`` where there is no such file, or something is wrong with it.
  static func read(_ file: String, _ compute: ComputeOptions) throws -> Experiment {
    let content: String?
    do { content = try SmallFile.text(file, largest: 16 << 20) } catch let error as FileReadingError {
      let hint = error.code == ENOENT ? "; palimpsest run --example prints an experiment to begin with" : ""
      throw BadInput("\(error)\(hint)")
    }
    guard let text = content else { throw BadInput("\(file) is not UTF-8 text; save it again as UTF-8") }
    var study = try ExperimentProblems.reporting { try Experiment(parsing: text, file: file) }
    if compute.device != "auto" { study.device = compute.device }
    if let threads = compute.threads { study.threads = threads }
    return study
  }
}
