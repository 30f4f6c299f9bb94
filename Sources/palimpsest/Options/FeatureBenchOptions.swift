import ArgumentParser
import Pipelines
import Results

/// A store of random features, for measuring the analyses of features.
struct FeatureBenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Images in the store.", valueName: "n"))
  var images = 2048

  @Option(help: ArgumentHelp("Taps in the store.", valueName: "n"))
  var taps = 26

  @Option(help: ArgumentHelp("Columns of a tap.", valueName: "n"))
  var columns = 768

  @OptionGroup var repeats: RepeatOptions

  func validate() throws {
    try CountOptions.require("--images", images, in: CountRange.images)
    try CountOptions.require("--taps", taps, in: CountRange.benchmark)
    try CountOptions.require("--columns", columns, in: CountRange.benchmark)
  }

  /// Makes the store, runs `analyze` on it again and again and says what it took.
  ///
  /// - Parameters:
  ///   - label: what is measured; `details` is said behind the shape of the store.
  ///   - classes: the images have these many labels in turn; 0 for none.
  ///   - analyze: gets the path of the store and a folder for scratch files.
  func measure(
    _ label: String, _ details: String, classes: Int = 0, threads: Int, output: OutputOptions,
    analyze: (_ store: String, _ scratch: String) throws -> Void
  ) throws {
    var benchmark = FeatureBenchmark()
    benchmark.images = images
    benchmark.taps = taps
    benchmark.columns = columns
    benchmark.classes = classes
    benchmark.runs = repeats.runs
    benchmark.scratch = repeats.scratch
    let summary = try benchmark.run(label, details, threads: threads, output.reporter, analyze: analyze)
    output.say(summary.text)
    try output.summarize(summary)
  }
}

/// How often a benchmark runs and where it writes.
struct RepeatOptions: ParsableArguments {
  @Option(help: "How many runs are measured, after one that is not.")
  var runs = 3

  @Option(help: ArgumentHelp("Where the store is written and removed again.", valueName: "dir"), completion: .directory)
  var scratch: String?

  func validate() throws { try CountOptions.require("--runs", runs, in: CountRange.benchmark) }
}
