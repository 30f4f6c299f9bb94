/// An analysis: what it takes, what it can be given, what it writes, and what is said of it.
///
/// ``registered`` is the registry. Commands, experiments, reports, help texts and documentation read it; an analysis that is
/// added there is known to all of them.
public struct AnalysisDefinition: Sendable {
  /// What an analysis reads.
  public enum Source: String, Sendable {
    /// Stores of `extract`.
    case features
    /// Stores of `reconstruct`.
    case reconstructions
    /// Folders of `train`.
    case inverses
  }

  /// Which of its sources one run of an analysis takes.
  public enum Grouping: Sendable { case together, perModel, perStore }

  /// Whether an analysis needs to know where objects are: never, where the images have annotations, or always.
  public enum Annotations: Sendable { case none, optional, required }

  /// Whether `palimpsest bench` measures it.
  public enum Bench: Sendable, Equatable {
    case command
    case none(because: String)
  }

  /// As in `palimpsest analyze NAME`.
  public let name: String
  /// As the heading of its section in a report.
  public let title: String
  /// What it answers, one sentence for help texts.
  public let abstract: String
  /// What is being asked, said before an experiment runs it, where the file gives no `why`.
  public let why: String
  /// What it takes where an experiment does not say; the first one that the experiment has any of.
  public let sources: [Source]
  /// Of these, those alone that have colour conditions beside original.
  public let needsConditions: Bool
  /// Whether what it takes has to be of the same images.
  public let needsSameImages: Bool
  public let grouping: Grouping
  /// Whether it takes `--annotations` of the images.
  public let annotations: Annotations
  /// Whether it takes the models of its stores with `--model`; an experiment may say `with-models: false`.
  public let takesModels: Bool
  /// Whether it does without models that its command cannot be given together, rather than not at all.
  public let canLeaveModelsOut: Bool
  /// Whether it takes inverses of its stores' models with `--inverse`: those that an experiment names, or the first of each
  /// model.
  public let takesInverses: Bool
  /// Whether it takes inverses that made its stores with `--joints`: those that an experiment names under `joints`.
  public let takesJoints: Bool
  /// Whether its command takes `--device` and `--threads`.
  public let computes: Bool
  /// The flags of its command, less those that an experiment fills in.
  public let options: [OptionDefinition]
  /// What it writes, the main table first.
  public let tables: [TableDefinition]
  /// Sorts of figures that its section draws, as `palimpsest figure` takes them.
  public let figures: [String]
  public let bench: Bench
  /// Arguments of an example command, less the analysis' name and `--out`.
  public let example: String

  public init(
    name: String, title: String, abstract: String, why: String, sources: [Source], needsConditions: Bool = false,
    needsSameImages: Bool = false, grouping: Grouping = .together, annotations: Annotations = .none,
    takesModels: Bool = false, canLeaveModelsOut: Bool = false, takesInverses: Bool = false,
    takesJoints: Bool = false, computes: Bool = true,
    options: [OptionDefinition], tables: [TableDefinition], figures: [String], bench: Bench, example: String
  ) {
    precondition(tables.filter { $0.role == .main }.count == 1, "an analysis has one main table")
    self.name = name
    self.title = title
    self.abstract = abstract
    self.why = why
    self.sources = sources
    self.needsConditions = needsConditions
    self.needsSameImages = needsSameImages
    self.grouping = grouping
    self.annotations = annotations
    self.takesModels = takesModels
    self.canLeaveModelsOut = canLeaveModelsOut
    self.takesInverses = takesInverses
    self.takesJoints = takesJoints
    self.computes = computes
    self.options = options
    self.tables = tables
    self.figures = figures
    self.bench = bench
    self.example = example
  }

  /// The table that makes a folder one of this analysis.
  public var mainTable: TableDefinition { tables.first { $0.role == .main } ?? tables[0] }

  /// The other tables.
  public var otherTables: [TableDefinition] { tables.filter { $0.role == .secondary } }

  /// An option by its name.
  public func option(_ name: String) -> OptionDefinition? { options.first { $0.name == name } }

  // MARK: The registry

  /// Every analysis, in the order of a report: the only list of them.
  public static var registered: [any RegisteredAnalysis.Type] {
    [
      SimilarityAnalysis.self, QualityAnalysis.self, ColorAnalysis.self, DetailAnalysis.self, ShapeAnalysis.self,
      PrototypesAnalysis.self, TokensAnalysis.self, EfficiencyAnalysis.self,
    ]
  }

  /// What every analysis of the registry is.
  public static let all: [AnalysisDefinition] = registered.map { $0.definition }
}

/// An analysis as the registry names it.
///
/// Results knows no commands and no reports. Each of those modules has a protocol that refines this one, and an analysis conforms
/// to it where its command or its section is written; who needs them asks the types of the registry for their conformances.
public protocol RegisteredAnalysis {
  static var definition: AnalysisDefinition { get }
}

extension [AnalysisDefinition] {
  public func named(_ name: String) -> AnalysisDefinition? { first { $0.name == name } }

  /// All tables, in the order of the analyses.
  public var tables: [TableDefinition] { flatMap(\.tables) }

  /// The tables that make a folder one of results.
  public var mainTables: [TableDefinition] { map(\.mainTable) }

  /// The table that a file of this name is; nil for other files.
  public func table(named file: String) -> TableDefinition? { tables.first { $0.matches(file) } }

  /// Every sort of figure once, in the order of the analyses.
  public var figures: [String] {
    flatMap(\.figures).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
