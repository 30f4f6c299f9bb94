import Foundation

/// What was run, with what, on what, and what came out: `provenance.json` in a results folder.
///
/// Keys are in snake case. Everything but `format` and `version` may be absent; what is unknown is left out, never
/// invented. `settings` and `description` are lists of `{"name": …, "value": …}` in a meaningful order; when read, an
/// object, or a list of pairs, is taken as well.
public struct Provenance: Codable, Sendable, Equatable {
  public struct Tool: Codable, Sendable, Equatable {
    public var name: String
    public var version: String

    public init(name: String, version: String) {
      self.name = name
      self.version = version
    }
  }

  /// A file that was read or written.
  public struct File: Codable, Sendable, Equatable {
    public var path: String
    public var sha256: String?
    public var bytes: Int?
    /// What an input was used as: "store", "checkpoint", …
    public var role: String?
    public var description: NamedValues?

    public init(
      path: String, sha256: String?, bytes: Int?, role: String? = nil, description: NamedValues? = nil
    ) {
      self.path = path
      self.sha256 = sha256
      self.bytes = bytes
      self.role = role
      self.description = description
    }
  }

  public struct Host: Codable, Sendable, Equatable {
    public var cpu: String?
    public var cores: Int?
    public var memoryBytes: Int?
    public var os: String?

    enum CodingKeys: String, CodingKey {
      case cpu, cores, os
      case memoryBytes = "memory_bytes"
    }

    public init(cpu: String?, cores: Int?, memoryBytes: Int?, os: String?) {
      self.cpu = cpu
      self.cores = cores
      self.memoryBytes = memoryBytes
      self.os = os
    }
  }

  /// A feature store that took part.
  public struct Store: Codable, Sendable, Equatable {
    /// As in the columns `store_a` and `store_b`.
    public var name: String
    public var model: String?
    public var family: String?
    public var checkpointSHA256: String?
    /// `ORG/NAME@COMMIT` of a model that was fetched from the Hub.
    public var modelSource: String?
    /// How many images entered the analysis.
    public var images: Int?
    /// Over the paths of the store's images, and over their paths and what their files hold; nil where that is not recorded.
    public var imagePathsSHA256: String?
    public var imagesSHA256: String?
    /// In order of depth.
    public var taps: [String]?
    /// For each of the taps the one that it is computed from, empty where there is none, and what it is in the model's tree:
    /// `trunk`, `norm`, `alias`, `head`, `inside` or `weights`. nil where the store does not say.
    public var parents: [String]?
    public var roles: [String]?
    public var preprocessing: String?
    public var tokens: String?

    enum CodingKeys: String, CodingKey {
      case name, model, family, images, taps, parents, roles, preprocessing, tokens
      case checkpointSHA256 = "checkpoint_sha256"
      case modelSource = "model_source"
      case imagePathsSHA256 = "image_paths_sha256"
      case imagesSHA256 = "images_sha256"
    }

    public init(
      name: String, model: String?, family: String?, checkpointSHA256: String?, images: Int?, taps: [String]?,
      preprocessing: String?, tokens: String?, parents: [String]? = nil, roles: [String]? = nil,
      modelSource: String? = nil
    ) {
      self.modelSource = modelSource
      self.parents = parents
      self.roles = roles
      self.name = name
      self.model = model
      self.family = family
      self.checkpointSHA256 = checkpointSHA256
      self.images = images
      self.taps = taps
      self.preprocessing = preprocessing
      self.tokens = tokens
    }
  }

  public static let formatName = "palimpsest.provenance"

  public var format: String
  public var version: Int
  public var tool: Tool?
  public var command: [String]?
  /// ISO 8601, as recorded when the command ran.
  public var startedAt: String?
  public var finishedAt: String?
  public var seed: UInt64?
  public var threads: Int?
  public var settings: NamedValues?
  public var inputs: [File]?
  public var outputs: [File]?
  public var host: Host?
  public var stores: [Store]?
  /// What a reader of the results should know, one sentence each: what was left out, what cannot be compared. nil in files of
  /// earlier versions, which kept none.
  public var notes: [String]?

  enum CodingKeys: String, CodingKey {
    case format, version, tool, command, seed, threads, settings, inputs, outputs, host, stores, notes
    case startedAt = "started_at"
    case finishedAt = "finished_at"
  }

  public init(
    tool: Tool?, command: [String]?, startedAt: String?, finishedAt: String?, seed: UInt64?, threads: Int?,
    settings: NamedValues?, inputs: [File]?, outputs: [File]?, host: Host?, stores: [Store]?, notes: [String]? = nil
  ) {
    format = Self.formatName
    version = 1
    self.tool = tool
    self.command = command
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.seed = seed
    self.threads = threads
    self.settings = settings
    self.inputs = inputs
    self.outputs = outputs
    self.host = host
    self.stores = stores
    self.notes = notes
  }

  /// The file as JSON, keys in a fixed order.
  public func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads `data`.
  /// - Throws: `ReportError` naming `file` and what is wrong with it.
  public static func decoded(from data: Data, file: String) throws -> Provenance {
    let provenance: Provenance
    do {
      provenance = try JSONDecoder().decode(Provenance.self, from: data)
    } catch let error as DecodingError {
      throw ReportError("\(file): not a provenance file: \(explain(error))")
    }
    guard provenance.format == formatName else {
      throw ReportError("\(file): format is '\(provenance.format)', expected '\(formatName)'")
    }
    guard provenance.version == 1 else {
      throw ReportError("\(file): version is \(provenance.version), this Palimpsest reads version 1; update it")
    }
    return provenance
  }

  /// What is wrong with a file of JSON, as the end of a sentence.
  static func explain(_ error: DecodingError) -> String {
    func path(_ keys: [any CodingKey]) -> String {
      keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "'\(path(context.codingPath + [key]))' is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "'\(path(context.codingPath))' is not a \(type)"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "it is not JSON" : "'\(path(context.codingPath))': \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}
