import Formats
import Foundation
import NeuralNet
import Torch

/// A frozen model with what is recorded of it.
public struct LoadedModel {
  public let backbone: any Backbone
  /// The architecture's name, else the folder's.
  public let name: String
  /// Hexadecimal SHA-256 of the weights.
  public let checkpointSHA256: String
  /// `config.json` with sorted keys; `{"architecture":…}` for a bare file.
  public let configurationText: String
  /// Which library's names the checkpoint has, for messages.
  public let dialect: String
  public let folder: ModelFolder
}

/// What one family contributes: it recognises a configuration and builds the network with its dialect.
struct FamilyBuilder: Sendable {
  /// Whether `config.json` or the architecture's name is of this family.
  let recognizes: @Sendable (ModelFolder) throws -> Bool
  /// The network and the spelling of its checkpoint, without weights yet.
  let build: @Sendable (ModelFolder) throws -> (backbone: any Backbone, dialect: CheckpointDialect)
  /// Architectures that `--architecture` accepts, sorted.
  let architectures: [String]
}

/// The families, and how a folder becomes a model.
public enum ModelRegistry {
  static let builders: [FamilyBuilder] = [ViT.builder, DeiT.builder, Swin.builder, DETR.builder]

  /// Every name that `--architecture` accepts, sorted.
  public static var architectures: [String] { builders.flatMap(\.architectures).sorted() }

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
    guard let builder = try builders.first(where: { try $0.recognizes(folder) }) else {
      throw BackboneError(unknown(folder))
    }
    let (backbone, dialect) = try builder.build(folder)
    do {
      try backbone.load(folder.checkpoint, dialect: dialect)
    } catch let error as CheckpointError {
      throw CheckpointError("\(url.path): \(error)")
    }
    if let seed = randomWeightsSeed { try backbone.drawParameters(Generator(seed: seed)) }
    if device != .cpu { try backbone.move(to: device) }
    return LoadedModel(
      backbone: backbone, name: folder.architecture ?? url.standardizedFileURL.lastPathComponent,
      checkpointSHA256: folder.sha256(),
      configurationText: try folder.configurationText() ?? "{\"architecture\":\"\(architecture ?? "")\"}",
      dialect: dialect.name, folder: folder)
  }

  private static func unknown(_ folder: ModelFolder) -> String {
    if let architecture = folder.architecture {
      return "\(folder.url.path): unknown architecture '\(architecture)'"
        + Spelling.suggestion(for: architecture, among: architectures)
        + "; ViT, DeiT, DeiT III, Swin and DETR are known"
    }
    let kind = (try? folder.configuration?.string("model_type")) ?? nil
    return "\(folder.url.path): config.json is of \(kind.map { "model_type '\($0)'" } ?? "no known kind"); "
      + "vit, deit, swin and detr of transformers and timm's vit, deit, deit3 and swin are known"
  }
}
