import Analysis
import ArgumentParser
import Pipelines
import Results
import Terminal

extension SimilarityAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeSimilarity.self }
  package static var benchmark: (any ParsableCommand.Type)? { BenchSimilarity.self }
}

/// `palimpsest analyze similarity`: how alike the representations of all taps are.
struct AnalyzeSimilarity: ParsableCommand {
  private static let definition = AnalysisDefinition.similarity

  static let configuration = definition.configuration(
    discussion: """
      Writes similarity.csv, similarity_images.csv and provenance.json, and with \
      --permutations similarity_null.csv: what each value would be by chance. Any \
      store of the schema is accepted, also one that h5py wrote. \
      docs/definitions.md says what every number means.

        palimpsest analyze similarity vit.h5 swin.h5 --tokens mean --out results/
        palimpsest analyze similarity vit.h5 swin.h5 --tokens mean --measures all \\
          --permutations 100 --out results/
        palimpsest analyze similarity vit.h5 swin.h5 --tokens mean,object \\
          --annotations scenes/annotations.json --out results/

      With several --tokens similarity.csv is of the first, similarity_MODE.csv of \
      each other; token_modes.csv and token_conclusions.csv say where the best \
      match of a tap changes with the tokens.
      """)

  @OptionGroup(title: "Files") var files: AnalysisFiles

  @Option(help: definition.help("measures", valueName: "list"))
  var measures = CommaSeparatedList<Similarity.Measure>([.ckaLinear])

  @Option(help: definition.help("estimators", valueName: "list"))
  var estimators = CommaSeparatedList<Similarity.Estimator>([.debiased])

  @Option(
    help: definition.help(
      "tokens", valueName: "list",
      more:
        "flatten: all of them one after another; object: the mean inside annotated objects; grid:G: averaged to G×G."
    ))
  var tokens = TokenModeList(.flatten)

  @Option(
    help: ArgumentHelp("A COCO instances JSON with the objects of the images, for --tokens object.", valueName: "file"),
    completion: .file())
  var annotations: String?

  @Option(help: definition.help("pairs", more: "within: of one store; across: of two stores."))
  var pairs = Similarity.Pairs.all

  @Option(help: definition.help("permutations", valueName: "n"))
  var permutations = 0

  @Option(help: definition.help("variance"))
  var variance = 0.99

  @Option(help: definition.help("neighbours", valueName: "k"))
  var neighbours = 10

  @Option(help: definition.help("rbf-fraction"))
  var rbfFraction = 1.0

  @Option(help: definition.help("minibatch"))
  var minibatch = 256

  @Option(help: definition.help("folds", valueName: "n"))
  var folds = 5

  @Option(help: definition.help("differences", valueName: "list"))
  var differences = DifferenceSelection.all

  @Flag(help: definition.help("standardize"))
  var standardize = false

  @Option(help: definition.help("clip", valueName: "quantile"))
  var clip: Double?

  @Option(
    help: ArgumentHelp(
      "Where kernel matrices go that do not fit into memory (default: the folder of the results).", valueName: "dir"),
    completion: .directory)
  var scratch: String?

  @OptionGroup(title: "What is measured") var measure: OneConditionOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    try CountOptions.require(
      [("permutations", permutations), ("neighbours", neighbours), ("minibatch", minibatch)],
      of: Self.definition.options)
  }

  func run() throws {
    _ = try compute.prepare()
    var settings = Similarity.Settings()
    settings.selection = measure.selection(threads: compute.workers)
    settings.measures = measures.chosen
    settings.estimators = estimators.chosen
    settings.pairs = pairs
    settings.rbfFraction = rbfFraction
    settings.minibatch = minibatch
    settings.variance = variance
    settings.neighbours = neighbours
    settings.permutations = permutations
    settings.folds = folds
    settings.differences = differences
    settings.standardizes = standardize
    settings.clip = clip
    settings.scratchFolder = scratch
    try output.run(SimilarityJob(files.folder(annotations: annotations), settings: settings, tokens: tokens.modes))
  }
}
