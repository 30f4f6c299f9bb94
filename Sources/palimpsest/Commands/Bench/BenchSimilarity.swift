import Activations
import Analysis
import ArgumentParser
import Pipelines
import Results
import Terminal
import Torch

/// `palimpsest bench similarity`: the speed of its measures, reading the store included.
struct BenchSimilarity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: AnalysisDefinition.similarity.name,
    abstract: "Measure analyze similarity on a store of random features.",
    discussion: """
        palimpsest bench similarity --images 2048 --taps 26 --columns 768
        palimpsest bench similarity --measures rsa,mutual_knn --permutations 20
      """)

  @OptionGroup(title: "Store") var store: FeatureBenchOptions

  @Flag(help: "With the 95 % intervals.")
  var intervals = false

  @Option(help: ArgumentHelp("Which measures, separated by commas.", valueName: "list"))
  var measures = CommaSeparatedList<Similarity.Measure>([.ckaLinear])

  @Option(help: "Random pairings for the null distribution; 0 for none.")
  var permutations = 0

  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try CountOptions.require(
      [("permutations", permutations)], of: AnalysisDefinition.similarity.options)
  }

  func run() throws {
    _ = try compute.prepare()
    var settings = Similarity.Settings()
    settings.measures = measures.chosen
    settings.permutations = permutations
    settings.selection.bootstrap = intervals ? 1 : 0
    try store.measure(
      AnalysisDefinition.similarity.name,
      "\(store.taps * (store.taps + 1) / 2) pairs, \(settings.measures.map(\.rawValue).joined(separator: ", ")), "
        + "\(intervals ? "with" : "no") intervals, \(permutations) pairings", threads: Runtime.threads, output: output
    ) { path, scratch in
      settings.scratchFolder = scratch
      let source = try StoreSource(FeatureStore(path: path), threads: compute.workers)
      _ = try Similarity.analyze([NamedSource(name: "bench", source: source)], settings: settings) { _ in
        try Interruption.check()
      }
    }
  }
}
