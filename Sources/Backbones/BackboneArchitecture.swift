/// The dimensions and choices that a backbone is built from. Trainings record it as JSON, whose keys therefore stay.
public protocol BackboneConfiguration: Codable, Equatable, Sendable {
  /// Itself, where its numbers describe a network.
  ///
  /// - Parameter place: where it is recorded, for messages.
  /// - Throws: ``BackboneError``.
  func checked(place: String) throws -> Self
  /// How many layers the network will have, each of at least one tensor.
  var layers: Int { get }
  /// The network without weights.
  func network(family: Family) -> any Backbone
}

/// Everything that decides how a backbone is built, weights left out: enough for what needs its sizes and taps alone,
/// such as inverse networks that reconstruct images from a store's activations.
///
/// Its JSON is `{"family": …, KEY: the configuration}`, with the family's ``ModelFamily/configurationKey``.
public struct BackboneArchitecture: Codable, Equatable, Sendable {
  public let family: String
  /// Nil where it was recorded for a family that is not registered, or without a configuration.
  public let configuration: (any BackboneConfiguration)?

  /// What a backbone was built from.
  public init(of backbone: any Backbone) {
    family = backbone.family.rawValue
    configuration = backbone.configuration
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static let family = Key(stringValue: "family")
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .family)
    func decode<Configuration: BackboneConfiguration>(
      _ type: Configuration.Type, key: String
    ) throws -> (any BackboneConfiguration)? {
      try container.decodeIfPresent(type, forKey: Key(stringValue: key))
    }
    family = name
    configuration = try ModelRegistry.family(Family(rawValue: name)).flatMap { entry in
      try decode(entry.configurationType, key: entry.configurationKey)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(family, forKey: .family)
    if let configuration, let entry = ModelRegistry.family(Family(rawValue: family)) {
      try container.encode(configuration, forKey: Key(stringValue: entry.configurationKey))
    }
  }

  public static func == (a: BackboneArchitecture, b: BackboneArchitecture) -> Bool {
    guard a.family == b.family else { return false }
    guard let first = a.configuration, let second = b.configuration else {
      return a.configuration == nil && b.configuration == nil
    }
    return first.isEqual(to: second)
  }
}

extension BackboneConfiguration {
  fileprivate func isEqual(to other: any BackboneConfiguration) -> Bool { (other as? Self) == self }
}

extension ModelRegistry {
  /// Builds a backbone without weights: it knows its taps and their sizes, but cannot run.
  ///
  /// - Parameter place: where the architecture is recorded, for messages.
  /// - Throws: ``BackboneError`` where it describes no network.
  public static func backbone(_ architecture: BackboneArchitecture, place: String) throws -> any Backbone {
    guard let configuration = architecture.configuration else {
      throw BackboneError(
        "\(place): the architecture '\(architecture.family)' has no configuration; fetch the file again")
    }
    return try configuration.checked(place: place).network(family: Family(rawValue: architecture.family))
  }
}
