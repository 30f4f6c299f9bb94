import NeuralNet

/// One family of models: everything that Palimpsest has to know of it besides its network.
///
/// To add a family is to write its folder and to name its entry in ``ModelRegistry``; the contract suite then asks for a
/// fixture of each of its ``dialects``.
public struct ModelFamily: Sendable {
  /// The name that stores and plans record.
  public let family: Family
  /// Its models as papers call them: `DeiT`, `DeiT III`.
  public let titles: [String]
  /// Values of `model_type` in transformers' `config.json` that are of this family.
  public let modelTypes: [String]
  /// The first words of timm's names for its models.
  public let timmModels: [String]
  /// Architectures that `--architecture` accepts, sorted.
  public let architectures: [String]
  /// Every spelling of tensor names that it reads, as ``LoadedModel/dialect`` names it.
  public let dialects: [String]
  /// Which library's preprocessing holds for a bare file of weights.
  public let preprocessing: DefaultPreprocessing
  /// The key of the configuration in a recorded ``BackboneArchitecture``.
  public let configurationKey: String
  /// What its networks are built from.
  public let configurationType: any BackboneConfiguration.Type

  private let knowsArchitecture: @Sendable (String) -> Bool
  private let read: @Sendable (ModelFolder) throws -> (any BackboneConfiguration, CheckpointDialect)

  /// - Parameters:
  ///   - knowsArchitecture: whether a name, perhaps with the tag of its weights, is one of `architectures`.
  ///   - read: the configuration that a folder's files and tensors describe, and how the tensors are named.
  public init<Configuration: BackboneConfiguration>(
    _ family: Family, titles: [String], modelTypes: [String] = [], timmModels: [String] = [],
    architectures: [String] = [],
    dialects: [String], preprocessing: DefaultPreprocessing = .timm, configurationKey: String = "configuration",
    knowsArchitecture: (@Sendable (String) -> Bool)? = nil,
    read: @escaping @Sendable (ModelFolder) throws -> (configuration: Configuration, dialect: CheckpointDialect)
  ) {
    self.family = family
    self.titles = titles
    self.modelTypes = modelTypes
    self.timmModels = timmModels
    self.architectures = architectures.sorted()
    self.dialects = dialects
    self.preprocessing = preprocessing
    self.configurationKey = configurationKey
    configurationType = Configuration.self
    self.knowsArchitecture = knowsArchitecture ?? { architectures.contains($0) }
    self.read = { folder in
      let (configuration, dialect) = try read(folder)
      return (configuration, dialect)
    }
  }

  /// Whether a folder's architecture, or else its `model_type`, is of this family.
  func recognizes(_ folder: ModelFolder) throws -> Bool {
    if let architecture = folder.architecture { return knowsArchitecture(architecture) }
    return try folder.configuration?.string("model_type").map(modelTypes.contains) ?? false
  }

  /// The network, without weights yet, and how the folder's checkpoint names its tensors.
  func build(_ folder: ModelFolder) throws -> (backbone: any Backbone, dialect: CheckpointDialect) {
    let (configuration, dialect) = try read(folder)
    try LayerCount.check(configuration.layers, tensors: folder.checkpoint.names.count, place: folder.url.path)
    return (configuration.network(family: family), dialect)
  }
}

/// Which library's preprocessing holds where a checkpoint comes without a configuration.
public enum DefaultPreprocessing: Equatable, Sendable {
  /// timm's for the architecture's name.
  case timm
  /// That of transformers' image processor for a `model_type`.
  case transformers(modelType: String)
}
