import ArgumentParser
import Experiments
import Foundation
import Pipelines
import Results

/// `palimpsest demo`: everything there is, on the models the repository carries.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the whole pipeline on the models the repository carries, to reports/demo/index.html.",
    discussion: """
      Draws images, puts them through a small ViT, DeiT III, Swin and DETR, \
      reconstructs images from their activations, compares all layers, and makes \
      the report: palimpsest run notebooks-data/demo/experiment.yaml. A second run \
      does only what changed.

        palimpsest demo
      """)

  @Option(help: ArgumentHelp("The folder of the report.", valueName: "dir"), completion: .directory)
  var out = "reports/demo"

  @Option(help: "How many images to draw (default: the number in the experiment).")
  var count: Int?

  @Option(help: "Random seed of the images (default: that of the experiment).")
  var seed: UInt64?

  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  private struct Summary: Encodable {
    let report: String
    let images: Int
    let models: [String]
    let steps: [ExperimentSummary.Entry]
    let seconds: Double
  }

  func run() throws {
    if let count, count < 4 { throw BadInput("--count is \(count); similarity needs at least 4 images") }
    if let count, let problem = CountRange.problem(count, in: CountRange.scenes) {
      throw BadInput("--count is \(count); \(problem)")
    }
    _ = try compute.prepare()
    let file = try ShippedResources.demo().path
    var study = try Run.read(file, compute)
    for index in study.images.indices {
      if let count { study.images[index].setScenes("count", "\(count)") }
      if let seed { study.images[index].setScenes("seed", "\(seed)") }
    }
    let report = URL(fileURLWithPath: out).standardizedFileURL
    study.report?.out = report.path
    let work = report.deletingLastPathComponent().appendingPathComponent(".\(report.lastPathComponent)-work")
    let run = ExperimentRun(
      file: file, experiment: study, out: work.path, runner: ExperimentSteps(file: file, output: output))
    let summary = try ExperimentProblems.reporting { try run.perform(output.reporter) }
    try output.summarize(
      Summary(
        report: summary.report ?? "", images: study.images.reduce(0) { $0 + ($1.sceneCount ?? 0) },
        models: study.models.map(\.name), steps: summary.steps, seconds: summary.seconds))
    try summary.requireSuccess()
  }
}
