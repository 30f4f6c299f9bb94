import ArgumentParser
import Experiments
import Foundation

/// `palimpsest demo`: everything there is, on the models the repository carries.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the whole pipeline on the models the repository carries, to reports/demo/index.html.",
    discussion: """
      Draws images, puts them through a small ViT, DeiT III, Swin and DETR, leads \
      their activations back to images, compares all layers, and makes the report: \
      palimpsest run notebooks-data/demo/experiment.yaml. A second run does only \
      what changed.

        palimpsest demo
      """)

  @Option(name: .long, help: ArgumentHelp("The folder of the report.", valueName: "dir"))
  var out = "reports/demo"

  @Option(name: .long, help: "How many images to draw (default: the number in the experiment).")
  var count: Int?

  @Option(name: .long, help: "Draws other images.")
  var seed: UInt64?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let report: String
    let images: Int
    let models: [String]
    let steps: [ExperimentSummary.Entry]
    let seconds: Double
  }

  func run() throws {
    if let count, count < 4 { throw BadInput("--count is \(count); similarity needs at least 4 images") }
    _ = try compute.prepare()
    let file = try Places.demo().path
    var study = try Run.read(file)
    if compute.device != "auto" { study.device = compute.device }
    if let threads = compute.threads { study.threads = threads }
    for index in study.images.indices {
      if let count { study.images[index].setScenes("count", "\(count)") }
      if let seed { study.images[index].setScenes("seed", "\(seed)") }
    }
    let place = URL(fileURLWithPath: out).standardizedFileURL
    study.report?.out = place.path
    let work = place.deletingLastPathComponent().appendingPathComponent(".\(place.lastPathComponent)-work")
    let run = ExperimentRun(file: file, experiment: study, out: work.path, output: output)
    let summary = try ExperimentProblems.told { try run.perform() }
    try output.summarize(
      Summary(
        report: summary.report ?? "", images: study.images.reduce(0) { $0 + ($1.sceneCount ?? 0) },
        models: study.models.map(\.name), steps: summary.steps, seconds: summary.seconds))
    try summary.requireSuccess()
  }
}
