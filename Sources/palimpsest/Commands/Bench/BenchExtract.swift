import Activations
import ArgumentParser
import Formats
import Foundation
import Pipelines
import Results
import Terminal
import Torch

/// `palimpsest bench extract`: the speed of extraction, decoding and writing included.
struct BenchExtract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Measure extract: decoding, computing and writing of every tap.",
    discussion: """
        palimpsest bench extract --model vit-base/ --images photos/ --limit 64
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Store") var store: StoreOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(
    help: ArgumentHelp("A folder of images; drawn scenes of 640×480 without it.", valueName: "dir"),
    completion: .directory)
  var images: String?

  @Option(help: ArgumentHelp("How many images a run takes.", valueName: "n"))
  var limit = 32

  @Option(help: "How many runs are measured, after one that is not.")
  var runs = 3

  @Option(help: ArgumentHelp("Where the store is written and removed again.", valueName: "dir"), completion: .directory)
  var scratch: String?

  func validate() throws {
    try CountOptions.require("--limit", limit, in: CountRange.images)
    try CountOptions.require("--runs", runs, in: CountRange.benchmark)
  }

  func run() throws {
    let device = try compute.prepare()
    let folder = try Scratch(parent: scratch)
    var job = ExtractionJob(
      model: try model.source, images: ImageFiles(try images ?? draw(in: folder), taking: .first(limit)),
      out: folder.url.appendingPathComponent("bench.h5").path)
    try store.fill(&job)
    job.recheck = false
    job.device = device
    job.threads = compute.workers
    let extraction = try job.prepare()
    let quiet = JobReporter(isCancelled: { Interruption.isRequested })
    var results: [StoreRunSummary] = []
    for number in 0...runs {
      try Interruption.check()
      try? FileManager.default.removeItem(atPath: job.out)
      let result = try extraction.run(quiet)
      if number > 0 { results.append(result) }
      output.note(
        "run \(number) of \(runs): \(NumberText.fixed(result.imagesPerSecond, 2)) rows/s"
          + (number == 0 ? " (warm-up)" : ""))
    }
    let compression = job.storage.compression == .none ? "no compression" : job.storage.compression.description
    let summary = BenchSummary(
      work: "extract \(extraction.plan.header.model), \(extraction.plan.taps.count) taps, batch "
        + "\(job.storage.batchSize), \(compression)",
      seconds: results.map(\.seconds), images: results.first?.rowsComputed ?? 0,
      bytes: results.first?.bytesWritten ?? 0, threads: Runtime.threads)
    output.say(summary.text)
    try output.summarize(summary)
  }

  private func draw(in folder: Scratch) throws -> String {
    let scenes = folder.url.appendingPathComponent("scenes")
    _ = try SceneJob(count: limit, width: 640, height: 480, out: scenes.path).run()
    return scenes.appendingPathComponent("images").path
  }
}
