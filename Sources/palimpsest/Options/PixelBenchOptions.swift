import Analysis
import ArgumentParser
import Formats
import Pipelines
import Results

/// A store of noise and fainter copies of it, for measuring the analyses of pixels.
struct PixelBenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Images in the store.", valueName: "n"))
  var images = 256

  @Option(help: ArgumentHelp("Width and height of the images.", valueName: "WxH"))
  var size = "224x224"

  @Option(help: ArgumentHelp("Taps, each with a reconstruction.", valueName: "n"))
  var taps = 2

  @Option(help: ArgumentHelp("Channels of a tap, one token each.", valueName: "n"))
  var columns = 768

  @Option(help: "Bootstrap replicates; 0 for none.")
  var bootstrap = 1000

  @OptionGroup var repeats: RepeatOptions

  func validate() throws {
    try CountOptions.require("--images", images, in: CountRange.images)
    try CountOptions.require("--taps", taps, in: CountRange.benchmark)
    try CountOptions.require("--columns", columns, in: CountRange.benchmark)
    try CountOptions.require("--bootstrap", bootstrap, in: CountRange.replicates)
  }

  /// Makes the store, runs an analysis on it again and again and says what it took.
  ///
  /// - Parameters:
  ///   - conditions: beside `original`.
  ///   - analyze: gets the store, threads and bootstrap.
  func measure(
    _ work: String, conditions: [String] = [], compute: ComputeOptions, output: OutputOptions,
    analyze: ([PixelStore], MeasureSelection) throws -> Void
  ) throws {
    _ = try compute.prepare()
    let size = try ImageSize(option: size, sides: 16...ImageSize.longestSide)
    var benchmark = PixelBenchmark()
    benchmark.images = images
    (benchmark.width, benchmark.height) = (size.width, size.height)
    benchmark.taps = taps
    benchmark.columns = columns
    benchmark.conditions = conditions
    benchmark.runs = repeats.runs
    benchmark.scratch = repeats.scratch
    let selection = MeasureSelection(bootstrap: bootstrap, threads: compute.workers)
    let summary = try benchmark.run(work, "\(bootstrap) replicates", threads: compute.workers, output.reporter) {
      try analyze([$0], selection)
    }
    output.say(summary.text)
    try output.summarize(summary)
  }
}
