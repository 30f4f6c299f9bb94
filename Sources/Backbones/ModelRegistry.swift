import Formats
import Foundation
import NeuralNet
import Synchronization
import Torch

/// A frozen model with what is recorded of it.
public struct LoadedModel {
  public let backbone: any Backbone
  /// The architecture's name, else the one it has in the Hub, else the folder's.
  public let name: String
  /// `ORG/NAME@COMMIT` of a model of the Hub's cache; nil elsewhere.
  public let origin: String?
  /// Hexadecimal SHA-256 of the weights.
  public let checkpointSHA256: String
  /// `config.json` with sorted keys; `{"architecture":…}` for a bare file.
  public let configurationText: String
  /// Which library's names the checkpoint has, for messages.
  public let dialect: String
  /// The entry of its family.
  public let family: ModelFamily
  /// Parts of the checkpoint that the network has no use for: a text tower, a decoder.
  public let leftOut: [LeftOutWeights]
  /// What a user should know of how the checkpoint was read: what was left out of it, and what it says that is not followed.
  public let notes: [String]
  public let folder: ModelFolder

  /// Every tap for inputs of this size, in order of depth.
  ///
  /// - Throws: ``BackboneError`` that names the model, where it cannot take inputs of this size.
  public func taps(height: Int, width: Int) throws -> [Tap] {
    try named { try backbone.taps(height: height, width: width) }
  }

  /// Every tap inside blocks for inputs of this size, block after block.
  ///
  /// - Throws: ``BackboneError`` that names the model, where it cannot take inputs of this size.
  public func insideTaps(height: Int, width: Int) throws -> [Tap] {
    try named { try backbone.insideTaps(height: height, width: width) }
  }

  private func named<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as BackboneError { throw BackboneError("\(name): \(error)") }
  }
}

/// The families, and how a folder becomes a model.
public enum ModelRegistry {
  private static let builtIn: [ModelFamily] = [.vit, .deit, .swin, .detr, .resnet, .convnext]
  private static let added = Mutex<[ModelFamily]>([])

  /// Every family, in the order in which they are asked whether a folder is theirs.
  public static var families: [ModelFamily] { builtIn + added.withLock { $0 } }

  /// Adds a family, which from then on is loaded, listed and suggested as the others are.
  ///
  /// - Parameter family: it takes the place of one that was added under the same name; those of Palimpsest stay.
  public static func register(_ family: ModelFamily) {
    precondition(!builtIn.contains { $0.family == family.family }, "the family '\(family.family)' is there already")
    added.withLock { families in
      families.removeAll { $0.family == family.family }
      families.append(family)
    }
  }

  /// The entry of a family, or nil where it is not registered.
  public static func family(_ family: Family) -> ModelFamily? { families.first { $0.family == family } }

  /// Every name that `--architecture` accepts, sorted.
  public static var architectures: [String] { families.flatMap(\.architectures).sorted() }

  /// Builds the network and loads its weights, strictly.
  ///
  /// - Parameters:
  ///   - url: a folder of the Hub's layout, or a bare `.safetensors` file.
  ///   - architecture: needed for a bare file.
  ///   - device: where the weights go.
  ///   - randomWeightsSeed: instead of the checkpoint's weights, draw them with this seed (a control).
  /// - Throws: ``BackboneError`` and `CheckpointError`, in one line.
  public static func load(
    at url: URL, architecture: String? = nil, device: Device = .cpu, randomWeightsSeed: UInt64? = nil
  ) throws -> LoadedModel {
    let folder = try ModelFolder(at: url, architecture: architecture)
    guard let family = try families.first(where: { try $0.recognizes(folder) }) else {
      throw BackboneError(unknown(folder))
    }
    let (backbone, dialect) = try family.build(folder)
    let leftOut: [LeftOutWeights]
    do {
      leftOut = try backbone.load(folder.checkpoint, dialect: dialect)
    } catch let error as CheckpointError {
      throw CheckpointError("\(url.path): \(error)")
    }
    let origin = ModelLocation.origin(of: folder.url)
    if let seed = randomWeightsSeed { try backbone.drawParameters(Generator(seed: seed)) }
    if device != .cpu { try backbone.move(to: device) }
    let name = folder.architecture ?? origin?.name ?? url.standardizedFileURL.lastPathComponent
    return LoadedModel(
      backbone: backbone, name: name, origin: origin?.text,
      checkpointSHA256: try folder.sha256(),
      configurationText: try folder.configurationText() ?? "{\"architecture\":\"\(architecture ?? "")\"}",
      dialect: dialect.name, family: family, leftOut: leftOut,
      notes: [sentence(leftOut, of: folder.checkpoint.names.count)].compactMap { $0 } + dialect.remarks, folder: folder)
  }

  /// `left out 5 of the checkpoint's 40 tensors, as no part of the image encoder: text tower (4), pooler (1)`.
  private static func sentence(_ leftOut: [LeftOutWeights], of tensors: Int) -> String? {
    guard !leftOut.isEmpty else { return nil }
    let count = leftOut.reduce(0) { $0 + $1.tensors }
    return "left out \(count) of the checkpoint's \(tensors) tensors, as no part of the image encoder: "
      + leftOut.map { "\($0.part) (\($0.tensors))" }.joined(separator: ", ")
  }

  private static func unknown(_ folder: ModelFolder) -> String {
    if let architecture = folder.architecture {
      return "\(folder.url.path): unknown architecture '\(architecture)'"
        + UnbuiltArchitectures.reason(architecture: architecture)
        + Spelling.suggestion(for: architecture, among: architectures)
        + "; \(listed(families.flatMap(\.titles))) are known"
    }
    let kind = (try? folder.configuration?.string("model_type")) ?? nil
    let found = kind.map { "model_type '\($0)'\(UnbuiltArchitectures.reason(modelType: $0))" } ?? "no known kind"
    return "\(folder.url.path): config.json is of \(found); "
      + "\(listed(families.flatMap(\.modelTypes))) of transformers and timm's \(listed(families.flatMap(\.timmModels))) are known"
  }

  /// `vit, deit and swin`.
  private static func listed(_ names: [String]) -> String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }
}
