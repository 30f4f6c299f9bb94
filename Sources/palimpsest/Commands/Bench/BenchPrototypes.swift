import Activations
import Analysis
import ArgumentParser
import Pipelines
import Results
import Terminal

/// `palimpsest bench prototypes`: the speed of the analysis of prototypes, reading the store included.
struct BenchPrototypes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: AnalysisDefinition.prototypes.name,
    abstract: "Measure analyze prototypes on a store of random features with labels.",
    discussion: """
        palimpsest bench prototypes --images 2048 --taps 4 --columns 9216
      """)

  @OptionGroup(title: "Store") var store: FeatureBenchOptions

  @Option(help: ArgumentHelp("Classes, each with as many images.", valueName: "n"))
  var classes = 20

  @Option(help: AnalysisDefinition.prototypes.help("bootstrap", valueName: "n"))
  var bootstrap = 1000

  @Option(help: AnalysisDefinition.prototypes.help("permutations", valueName: "n"))
  var permutations = 100

  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try CountOptions.require(
      [("bootstrap", bootstrap), ("permutations", permutations)], of: AnalysisDefinition.prototypes.options)
    try CountOptions.require("--classes", classes, in: CountRange.benchmark)
  }

  func run() throws {
    guard classes >= 2, store.images >= 2 * classes else {
      throw BadInput("--classes must be at least 2, and --images at least twice as many")
    }
    _ = try compute.prepare()
    var settings = Prototypes.Settings()
    settings.selection.bootstrap = bootstrap
    settings.permutations = permutations
    settings.selection.threads = compute.workers
    try store.measure(
      AnalysisDefinition.prototypes.name,
      "\(classes) classes, \(bootstrap > 0 ? "with" : "no") intervals, \(permutations) label permutations",
      classes: classes,
      threads: compute.workers, output: output
    ) { path, _ in
      _ = try Prototypes.analyze(
        [("bench", FeatureStore(path: path))], settings: settings, progress: { _, _ in try Interruption.check() })
    }
  }
}
