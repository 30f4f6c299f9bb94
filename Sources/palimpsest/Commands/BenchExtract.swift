import Activations
import ArgumentParser
import Foundation
import Imaging
import Scenes
import Torch

/// `palimpsest bench extract`: the speed of extraction, decoding and writing included.
struct BenchExtract: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Measure extract: decoding, computing and writing of every tap.",
    discussion: """
        palimpsest bench extract --model vit-base/ --images photos/ --limit 64
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("A folder of images; drawn scenes of 640×480 without it.", valueName: "dir"))
  var images: String?

  @Option(name: .long, help: ArgumentHelp("How many images a run takes.", valueName: "n"))
  var limit = 32

  @Option(name: .long, help: "How many runs are measured, after one that is not.")
  var runs = 3

  @Option(name: .long, help: ArgumentHelp("Where the store is written and removed again.", valueName: "dir"))
  var scratch: String?

  func run() throws {
    guard runs >= 1, limit >= 1 else { throw BadInput("--runs and --limit must be at least 1") }
    let device = try compute.prepare()
    let folder = try Scratch(parent: scratch)
    let source = try images ?? draw(in: folder)
    let out = folder.url.appendingPathComponent("bench.h5").path
    let request = ExtractionRequest(
      model: model, images: try ImageOptions.parse(["--images", source, "--limit", "\(limit)"]), store: store,
      device: device, out: out, command: CommandLine.arguments)
    let setup = try request.settle()
    var silent = output
    silent.quiet = true
    var results: [FillingResult] = []
    for number in 0...runs {
      try Interruption.check()
      try? FileManager.default.removeItem(atPath: out)
      let result = try ExtractionRunner(setup: setup, out: out, output: silent, recheck: false).run()
      if number > 0 { results.append(result) }
      output.note(
        "run \(number) of \(runs): \(Numbers.fixed(result.imagesPerSecond, 2)) rows/s"
          + (number == 0 ? " (warm-up)" : ""))
    }
    let summary = BenchSummary(
      work: "extract \(setup.plan.header.model), \(setup.plan.taps.count) taps, batch \(store.batchSize), "
        + "\(store.compression == "none" ? "no compression" : store.compression)",
      seconds: results.map(\.seconds), images: results.first?.rowsComputed ?? 0,
      bytes: results.first?.bytesWritten ?? 0, threads: Runtime.threads)
    output.say(summary.text)
    try output.summarize(summary)
  }

  private func draw(in folder: Scratch) throws -> String {
    let scenes = folder.url.appendingPathComponent("scenes")
    var silent = output
    silent.quiet = true
    _ = try Scenes.draw(
      SceneGenerator(count: limit, seed: 0, width: 640, height: 480), to: scenes, output: silent)
    return scenes.appendingPathComponent("images").path
  }
}
