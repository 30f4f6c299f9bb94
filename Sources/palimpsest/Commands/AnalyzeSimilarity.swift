import Activations
import Analysis
import ArgumentParser
import Foundation
import Imaging
import Pipelines

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
        palimpsest analyze similarity vit.h5 swin.h5 --tokens mean --measures all \\
          --permutations 100 --out results/
        palimpsest analyze similarity vit.h5 swin.h5 --tokens mean,object \\
          --annotations scenes/annotations.json --out results/

      With several --tokens similarity.csv is of the first, similarity_MODE.csv of \
      each other; token_modes.csv and token_conclusions.csv say where the best \
      match of a tap changes with the tokens.
      """)

  @OptionGroup var files: AnalysisFiles
  @OptionGroup var options: SimilarityOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    _ = try files.prepare(compute)
    let record = RunRecord(command: Invocation.command)
    let folder = URL(fileURLWithPath: files.out)
    let modes = try options.modes()
    var settings = try options.settings(scratch: files.out)
    let opened = try files.stores.map { try FeatureStore(path: $0) }
    let names = NamedSource.names(of: files.stores)
    let sources = try sources(names, opened, needsObjects: settings.needsObjects)
    try OutputPath.makeFolder(files.out)
    let progress = Progress(
      "similarity", total: 1000 * modes.count, unit: Progress.percent, isShown: !output.quiet)
    var results: [(tokens: TokenMode, result: Similarity.Result)] = []
    for (place, mode) in modes.enumerated() {
      settings.tokens = mode
      let result = try Similarity.analyze(sources, settings: settings) {
        progress.update(1000 * place + Int($0.fraction * 1000), note: $0.phase)
        try Interruption.check()
      }
      results.append((mode, result))
    }
    progress.finish()
    let first = results[0].result
    let finished = FinishedAnalysis(
      table: "similarity.csv", outputs: try write(results, to: folder),
      rows: results.reduce(0) { $0 + $1.result.rows.count }, images: [first.images.count], leftOut: first.leftOut,
      notes: results.flatMap(\.result.notes).reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
      seconds: progress.seconds)
    try record.write(
      to: folder, seed: options.seed, settings: options.recorded,
      inputs: files.stores.map { FileHash.record($0, role: "store") }
        + (options.annotations.map { [FileHash.record($0, role: "annotations")] } ?? []),
      outputs: finished.outputs,
      stores: zip(names, opened).map { name, store in
        try RunRecord.describe(
          store, name: name, condition: options.condition, images: first.images.count, tokens: modes[0].description)
      })
    for note in finished.notes { output.note(note) }
    try finished.tell(files.out, output)
  }

  private func sources(
    _ names: [String], _ stores: [FeatureStore], needsObjects: Bool
  ) throws -> [NamedSource] {
    var annotations: (file: String, read: COCOAnnotations)?
    if needsObjects {
      guard let file = options.annotations else {
        throw BadInput("--tokens object needs to know where the objects are; give --annotations FILE (COCO instances)")
      }
      annotations = (file, try COCOAnnotations(contentsOf: URL(fileURLWithPath: file)))
    }
    return try zip(names, stores).map { name, store in
      NamedSource(
        name: name, source: try StoreSource(store, condition: options.condition, threads: Host.cores),
        objects: try annotations.map {
          try TokenObjects.masks(
            of: store, condition: options.condition, annotations: $0.read, file: $0.file, threads: Host.cores)
        })
    }
  }

  /// Writes the tables, those of the first token mode under the plain names, and returns the names.
  private func write(
    _ results: [(tokens: TokenMode, result: Similarity.Result)], to folder: URL
  ) throws -> [String] {
    var tables: [(name: String, table: TidyTable)] = []
    for (place, one) in results.enumerated() {
      let suffix = place == 0 ? "" : "_" + one.tokens.description.replacing(":", with: "-")
      tables.append(("similarity\(suffix).csv", one.result.table))
      if place == 0 { tables.append(("similarity_images.csv", one.result.imageTable)) }
      if options.permutations > 0 { tables.append(("similarity_null\(suffix).csv", one.result.nullTable)) }
    }
    if results.count > 1 {
      let conclusions = TokenConclusions(results)
      tables.append(("token_modes.csv", conclusions.pairTable))
      tables.append(("token_conclusions.csv", conclusions.conclusionTable))
    }
    for table in tables { try table.table.write(to: folder.appendingPathComponent(table.name).path) }
    // What an earlier run left there belongs to other numbers.
    for name in ["similarity_null.csv", "token_modes.csv", "token_conclusions.csv"]
    where !tables.contains(where: { $0.name == name }) {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
    return tables.map(\.name)
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

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      What an image is: flatten (all tokens), mean, prefix, object (the mean inside annotated objects), or grid:G \
      (averaged to G×G). Several, separated by commas, are compared.
      """, valueName: "list"))
  var tokens = "flatten"

  @Option(
    name: .long,
    help: ArgumentHelp("A COCO instances JSON with the objects of the images, for --tokens object.", valueName: "file"))
  var annotations: String?

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
    settings.measures = try SimilarityOptions.measures(measures)
    settings.estimators = try SimilarityOptions.list(
      estimators, flag: "--estimators", among: Similarity.Estimator.hsic)
    let modes = try modes()
    settings.tokens = modes[0]
    settings.needsObjects = modes.contains(.object)
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

  /// Names of measures, or `all`.
  static func measures(_ text: String) throws -> [Similarity.Measure] {
    text == "all"
      ? Similarity.Measure.allCases : try list(text, flag: "--measures", among: Similarity.Measure.allCases)
  }

  /// The token modes, each once, in the order given.
  func modes() throws -> [TokenMode] {
    let modes = try tokens.split(separator: ",").map { try TokenMode($0.trimmingCharacters(in: .whitespaces)) }
    guard let first = modes.first else {
      throw BadInput("--tokens is empty; give flatten, mean, prefix, object or grid:G")
    }
    return modes.dropFirst().reduce(into: [first]) { if !$0.contains($1) { $0.append($1) } }
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
      ("condition", condition), ("annotations", annotations ?? "none"),
      ("bootstrap", "\(bootstrap)"), ("rbf_fraction", "\(rbfFraction)"), ("minibatch", "\(minibatch)"),
      ("variance", "\(variance)"), ("neighbours", "\(neighbours)"), ("permutations", "\(permutations)"),
      ("limit", limit.map(String.init) ?? "none"),
    ]
  }
}
