import Analysis
import ArgumentParser
import Formats
import Pipelines
import Results
import Terminal

/// `palimpsest bench quality`: the speed of each measure of quality.
struct BenchQuality: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: AnalysisDefinition.quality.name,
    abstract: "Measure each metric of analyze quality on images in memory.",
    discussion: """
      One half of each pair is noise, the other the same with other noise on it. \
      scripts/bench/quality_python.py times scikit-image on such pairs, and with \
      --palimpsest both in turns.

        palimpsest bench quality --images 128 --size 224x224
      """)

  @Option(help: ArgumentHelp("Pairs of images a run.", valueName: "n"))
  var images = 128

  @Option(help: ArgumentHelp("Width and height of the images.", valueName: "WxH"))
  var size = "224x224"

  @Option(help: ArgumentHelp("Which metrics, separated by commas.", valueName: "list"))
  var metrics = CommaSeparatedList<Quality.Metric>.all

  @Option(
    help: ArgumentHelp(
      "Weights of LPIPS, as scripts/lpips_weights.py writes them, to measure it too.", valueName: "file"),
    completion: .file())
  var lpips: String?

  @Option(help: "How many runs are measured, after one that is not.")
  var runs = 3

  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try CountOptions.require("--images", images, in: CountRange.images)
    try CountOptions.require("--runs", runs, in: CountRange.benchmark)
  }

  func run() throws {
    let size = try ImageSize(option: size)
    var benchmark = QualityBenchmark()
    benchmark.device = try compute.prepare()
    benchmark.images = images
    (benchmark.width, benchmark.height) = (size.width, size.height)
    benchmark.metrics = metrics.chosen
    benchmark.lpips = lpips
    benchmark.runs = runs
    benchmark.threads = compute.workers
    try output.summarize(benchmark.run(output.reporter) { output.say($0.text) })
  }
}
