import Activations
import Analysis
import ArgumentParser
import Pipelines
import Results

/// `palimpsest bench prototypes`: the speed of the analysis of prototypes, reading the store included.
struct BenchPrototypes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prototypes",
    abstract: "Measure analyze prototypes on a store of random features with labels.",
    discussion: """
        palimpsest bench prototypes --images 2048 --taps 4 --columns 9216
      """)

  @OptionGroup var store: FeatureBenchOptions

  @Option(name: .long, help: ArgumentHelp("Classes, each with as many images.", valueName: "n"))
  var classes = 20

  @Option(name: .long, help: "Replicates of the bootstrap; 0 for none.")
  var bootstrap = 1000

  @Option(name: .long, help: "Shufflings of the labels behind the null; 0 for none.")
  var permutations = 100

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

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
    settings.bootstrap = bootstrap
    settings.permutations = permutations
    settings.threads = compute.threads ?? Host.cores
    try store.measure(
      "prototypes", "\(classes) classes, \(bootstrap) replicates, \(permutations) shufflings", classes: classes,
      threads: settings.threads, output: output
    ) { path, _ in
      _ = try Prototypes.analyze(
        [("bench", FeatureStore(path: path))], settings: settings, progress: { _, _ in try Interruption.check() })
    }
  }
}
