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
        palimpsest run --example paper > paper.yaml
        palimpsest run study.yaml --dry-run
        palimpsest run study.yaml
        palimpsest run study.yaml --only analyses/similarity
      """)

  @Argument(
    help: ArgumentHelp(
      "The experiment's file (YAML); with --example the name of an example.", valueName: "experiment.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var experiment: String?

  @Option(
    help: ArgumentHelp("Where everything goes, in place of the file's own.", valueName: "dir"), completion: .directory)
  var out: String?

  @Flag(help: "Print what would be done, with sizes and times, and do nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp("Only this step, or those of a section, and what they need; may be repeated.", valueName: "step")
  )
  var only: [String] = []

  @Option(
    help: ArgumentHelp("Do this step, or those of a section, again; may be repeated.", valueName: "step"))
  var force: [String] = []

  @Flag(
    help:
      "Print a commented experiment and do nothing: one that works as it is, or by the name paper the study of arXiv 2412.06534."
  )
  var example = false

  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  /// The example that is a file of its own.
  private static let paper = "paper"

  func validate() throws {
    if experiment == nil, !example {
      throw ValidationError("give the file of an experiment; palimpsest run --example prints one")
    }
    if example, let name = experiment, name != Run.paper {
      throw ValidationError(
        "there is no example '\(name)'; --example alone prints a small one, --example \(Run.paper) the paper's study")
    }
  }

  func run() throws {
    if example {
      Streams.output(
        experiment == nil
          ? ExampleExperiment.text(zoo: try ShippedResources.zoo().path)
          : try String(contentsOf: ShippedResources.paper(), encoding: .utf8))
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

  /// An experiment, computed where the options say, if any do.
  ///
  /// - Throws: ``BadInput`` where there is no such file, or something is wrong with it.
  static func read(_ file: String, _ compute: ComputeOptions? = nil) throws -> Experiment {
    let content: String?
    do { content = try SmallFile.text(file, largest: 16 << 20) } catch let error as FileReadingError {
      let hint = error.code == ENOENT ? "; palimpsest run --example prints an experiment to begin with" : ""
      throw BadInput("\(error)\(hint)")
    }
    guard let text = content else { throw BadInput("\(file) is not UTF-8 text; save it again as UTF-8") }
    var study = try ExperimentProblems.reporting { try Experiment(parsing: text, file: file) }
    if let compute, compute.device != "auto" { study.device = compute.device }
    if let threads = compute?.threads { study.threads = threads }
    return study
  }
}
