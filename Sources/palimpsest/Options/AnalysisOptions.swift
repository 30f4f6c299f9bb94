import Analysis
import ArgumentParser
import Formats
import Pipelines
import Results
import Terminal

extension AnalysisDefinition {
  /// The help of an option, as the registry describes it.
  ///
  /// - Parameter more: a sentence behind it.
  func help(_ name: String, valueName: String? = nil, more: String? = nil) -> ArgumentHelp {
    let meaning = option(name)?.meaning ?? ""
    let sentence = meaning.prefix(1).uppercased() + meaning.dropFirst() + "."
    return ArgumentHelp(more.map { "\(sentence) \($0)" } ?? sentence, valueName: valueName)
  }

  /// The configuration of the command that runs the analysis.
  func configuration(discussion: String) -> CommandConfiguration {
    CommandConfiguration(commandName: name, abstract: abstract, discussion: discussion)
  }
}

/// What every analysis of stores reads and where it writes.
struct AnalysisFiles: ParsableArguments {
  @Argument(help: "Stores (.h5).", completion: .file(extensions: ["h5"]))
  var stores: [String]

  @Option(help: ArgumentHelp("The folder to write results into.", valueName: "dir"), completion: .directory)
  var out: String

  /// - Parameter annotations: a COCO instances file, where one is given.
  func folder(annotations: String? = nil) -> AnalysisFolder {
    AnalysisFolder(stores: stores, out: out, annotations: annotations, command: Invocation.command)
  }
}

/// How much memory an analysis may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most memory to take, such as 8G; more is refused before anything is read (default: half of what the job or the machine grants).",
      valueName: "size"))
  var memory: String?

  func validate() throws {
    guard let memory, ByteCount.parse(memory) == nil else { return }
    throw ValidationError("--memory is '\(memory)'; \(ByteCount.forms)")
  }

  var bytes: Int { memory.flatMap(ByteCount.parse) ?? Host.defaultMemoryBytes }
}

/// Which part of its stores an analysis of conditions or pictures takes, and how its intervals are made.
struct MeasureOptions: ParsableArguments {
  private static let shared = AnalysisDefinition.quality

  @Option(help: shared.help("conditions", valueName: "list", more: "Without it all of the stores."))
  var conditions: NameList?

  @Option(help: shared.help("taps", valueName: "list", more: "Without it all."))
  var taps: NameList?

  @Option(help: shared.help("bootstrap", valueName: "n", more: "Without it 1000."))
  var bootstrap: Int?

  @Option(help: shared.help("seed"))
  var seed: UInt64 = 0

  @OptionGroup var subset: SubsetOptions
  @OptionGroup var memory: MemoryOptions

  func validate() throws {
    try CountOptions.require([("bootstrap", bootstrap)], of: Self.shared.options)
  }

  /// Sets what all analyses of conditions and pictures share.
  func fill(_ selection: inout MeasureSelection, threads: Int) {
    selection.conditions = conditions?.names
    selection.taps = taps?.names
    if let bootstrap { selection.bootstrap = bootstrap }
    selection.seed = seed
    selection.images = subset.subset(seed: seed)
    selection.threads = threads
    selection.memory = memory.bytes
  }
}

/// The same of an analysis that takes one condition and whose intervals are of a jackknife.
struct OneConditionOptions: ParsableArguments {
  private static let shared = AnalysisDefinition.similarity

  @Option(help: shared.help("condition"))
  var condition = ConditionName.original.text

  @Option(help: shared.help("taps", valueName: "list", more: "Without it all."))
  var taps: NameList?

  @Option(help: shared.help("bootstrap", valueName: "n"))
  var bootstrap = 1

  @Option(help: shared.help("seed"))
  var seed: UInt64 = 0

  @OptionGroup var subset: SubsetOptions
  @OptionGroup var memory: MemoryOptions

  func validate() throws {
    try CountOptions.require([("bootstrap", bootstrap)], of: Self.shared.options)
  }

  func selection(threads: Int) -> MeasureSelection {
    var selection = MeasureSelection(
      conditions: [condition], taps: taps?.names, images: subset.subset(seed: seed), bootstrap: bootstrap, seed: seed,
      threads: threads)
    selection.memory = memory.bytes
    return selection
  }
}

/// Where the objects of a store's images are.
struct ObjectOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A COCO instances JSON: where the objects are.", valueName: "file"), completion: .file())
  var annotations: String?
}
