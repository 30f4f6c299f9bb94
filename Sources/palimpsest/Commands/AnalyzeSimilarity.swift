import Activations
import Analysis
import ArgumentParser
import Foundation
import Reports

/// `palimpsest analyze similarity`: how alike the representations of all taps are.
struct AnalyzeSimilarity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Compare every pair of taps within and across stores of the same images.",
    discussion: """
      Writes similarity.csv, similarity_images.csv and provenance.json, and with \
      --permutations similarity_null.csv: what each value would be by chance. Any \
      store of the schema is accepted, also one that h5py wrote. \
      docs/definitions.md says what every number means.

        palimpsest analyze similarity vit.h5 swin.h5 --tokens mean --out results/
        palimpsest analyze similarity vit.h5 swin.h5 --tokens mean --measures all \
          --permutations 100 --out results/
      """)

  @Argument(help: "Feature stores (.h5) of the same images.")
  var stores: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  @OptionGroup var options: SimilarityOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !stores.isEmpty else { throw BadInput("no store is named; give one or more .h5 files") }
    _ = try compute.prepare()
    let summary = try SimilarityRun(stores: stores, out: out, options: options, output: output).run()
    try output.summarize(summary)
  }
}

/// What `analyze similarity` computes.
struct SimilarityOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Which measures, separated by commas: cka_linear, cka_rbf, svcca, pwcca, procrustes, rsa, mutual_knn; or all.
      """, valueName: "list"))
  var measures = "cka_linear"

  @Option(name: .long, help: "Which estimators of HSIC for CKA, separated by commas: debiased, biased, minibatch.")
  var estimators = "debiased"

  @Option(name: .long, help: "What an image is: flatten (all tokens), mean, prefix, or grid:G (averaged to G×G).")
  var tokens = "flatten"

  @Option(name: .long, help: "Which pairs of taps: all, within (one store), across (two stores).")
  var pairs = "all"

  @Option(name: .long, help: "Which colour condition of the stores.")
  var condition = "original"

  @Option(name: .long, help: "Replicates of the bootstrap over images behind the 95 % intervals; 0 for none.")
  var bootstrap = 200

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Random pairings of the images behind a null band for every value; 0 for none.", valueName: "n"))
  var permutations = 0

  @Option(name: .long, help: "Draws the bootstrap and the pairings.")
  var seed: UInt64 = 0

  @Option(name: .long, help: "The share of the variance that svcca and pwcca keep.")
  var variance = 0.99

  @Option(name: .long, help: ArgumentHelp("How many nearest neighbours mutual_knn looks at.", valueName: "k"))
  var neighbours = 10

  @Option(name: .long, help: "Width of the RBF kernel as a fraction of the median distance.")
  var rbfFraction = 1.0

  @Option(name: .long, help: "Images in a minibatch of the minibatch estimator.")
  var minibatch = 256

  @Option(name: .long, help: ArgumentHelp("Use the first so many images only.", valueName: "n"))
  var limit: Int?

  /// As the analysis takes them.
  func settings(scratch: String) throws -> Similarity.Settings {
    var settings = Similarity.Settings()
    settings.measures =
      measures == "all"
      ? Similarity.Measure.allCases
      : try SimilarityOptions.list(measures, flag: "--measures", among: Similarity.Measure.allCases)
    settings.estimators = try SimilarityOptions.list(
      estimators, flag: "--estimators", among: Similarity.Estimator.hsic)
    settings.tokens = try TokenMode(tokens)
    guard let pairs = Similarity.Pairs(rawValue: pairs) else {
      throw BadInput("--pairs is '\(pairs)'; give all, within or across")
    }
    settings.pairs = pairs
    settings.bootstrap = bootstrap
    settings.seed = seed
    settings.rbfFraction = rbfFraction
    settings.minibatch = minibatch
    settings.variance = variance
    settings.neighbours = neighbours
    settings.permutations = permutations
    settings.limit = limit
    settings.scratchFolder = scratch
    return settings
  }

  /// The cases that `text` names, in the order of the type.
  private static func list<Choice: RawRepresentable & Equatable>(
    _ text: String, flag: String, among choices: [Choice]
  ) throws -> [Choice] where Choice.RawValue == String {
    let names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    for name in names where Choice(rawValue: name) == nil {
      throw BadInput("\(flag): '\(name)' is unknown; give \(choices.map(\.rawValue).joined(separator: ", "))")
    }
    return choices.filter { names.contains($0.rawValue) }
  }

  /// As provenance records them.
  var recorded: [(name: String, value: String)] {
    [
      ("measures", measures), ("estimators", estimators), ("tokens", tokens), ("pairs", pairs),
      ("condition", condition),
      ("bootstrap", "\(bootstrap)"), ("rbf_fraction", "\(rbfFraction)"), ("minibatch", "\(minibatch)"),
      ("variance", "\(variance)"), ("neighbours", "\(neighbours)"), ("permutations", "\(permutations)"),
      ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}

/// One run of the analysis, from store files to a results folder.
struct SimilarityRun {
  let stores: [String]
  let out: String
  let options: SimilarityOptions
  let output: OutputOptions
  var command = CommandLine.arguments

  struct Summary: Encodable {
    let out: String
    let rows: Int
    let images: Int
    let leftOut: Int
    let notes: [String]
    let seconds: Double
    let peakResidentBytes: Int
  }

  func run() throws -> Summary {
    let record = RunRecord(command: command)
    let folder = URL(fileURLWithPath: out)
    let settings = try options.settings(scratch: out)
    let opened = try stores.map { try FeatureStore(path: $0) }
    let names = NamedSource.names(of: stores)
    let sources = try zip(names, opened).map { name, store in
      NamedSource(name: name, source: try StoreSource(store, condition: options.condition, threads: Host.cores))
    }
    try OutputPath.makeFolder(out)
    let progress = Progress("similarity", total: 1000, unit: Progress.percent, isShown: !output.quiet)
    let result = try Similarity.analyze(sources, settings: settings) {
      progress.update(Int($0.fraction * 1000), note: $0.phase)
      try Interruption.check()
    }
    progress.finish()
    try result.write(to: out)
    let outputs = ["similarity.csv", "similarity_images.csv"] + (result.nullRows.isEmpty ? [] : ["similarity_null.csv"])
    try record.write(
      to: folder, seed: options.seed, settings: options.recorded,
      inputs: stores.map { FileHash.record($0, role: "store") }, outputs: outputs,
      stores: zip(names, opened).map { name, store in
        try RunRecord.describe(
          store, name: name, condition: options.condition, images: result.images.count, tokens: options.tokens)
      })
    for note in result.notes { output.note(note) }
    if !result.leftOut.isEmpty {
      output.note("\(result.leftOut.count) images are left out, the first: \(result.leftOut[0])")
    }
    output.say(
      "\(out)/similarity.csv: \(result.rows.count) values from \(result.images.count) images "
        + "in \(Numbers.fixed(progress.seconds, 1)) s")
    return Summary(
      out: out, rows: result.rows.count, images: result.images.count, leftOut: result.leftOut.count,
      notes: result.notes,
      seconds: progress.seconds, peakResidentBytes: Host.peakResidentBytes)
  }
}
