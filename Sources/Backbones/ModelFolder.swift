import Formats
import Foundation
import NeuralNet

/// A model as the Hub lays it out: configuration, weights, perhaps a preprocessor's configuration.
public struct ModelFolder {
  public let url: URL
  /// `config.json`, or nil for a bare file.
  public let configuration: JSONObject?
  private let configurationData: Data?
  /// The bytes of `preprocessor_config.json`, where there is one.
  public let preprocessorConfiguration: Data?
  public let checkpoint: Checkpoint
  /// The timm or DETR name that fixes the dimensions: from the user, else from timm's `config.json`.
  public let architecture: String?

  /// Opens a folder, or a bare `.safetensors` file with the name of its architecture.
  ///
  /// - Parameters:
  ///   - given: the folder, or one of the Hub's cache that holds it (`ModelLocation`), or the file.
  ///   - architecture: from the command line; wins over the configuration's.
  /// - Throws: ``BackboneError`` and `CheckpointError`.
  public init(at given: URL, architecture: String? = nil) throws {
    let url = try ModelLocation.snapshot(of: given)
    self.url = url
    checkpoint = try Checkpoint(at: url)
    // Not by resource values: a link to a folder is one too.
    var isDirectory: ObjCBool = false
    let folder = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && isDirectory.boolValue
    let configurationURL = url.appendingPathComponent("config.json")
    if folder, let data = try? Data(contentsOf: configurationURL) {
      configuration = try JSONObject(configuration: data, file: configurationURL.path)
      configurationData = data
      preprocessorConfiguration = try? Data(contentsOf: url.appendingPathComponent("preprocessor_config.json"))
    } else {
      configuration = nil
      configurationData = nil
      preprocessorConfiguration = nil
      guard architecture != nil else {
        throw BackboneError(
          "\(url.path): there is no config.json; name the model with --architecture, for example vit_base_patch16_224")
      }
    }
    self.architecture = try architecture ?? configuration?.string("architecture")
  }

  /// `config.json`, for a family that cannot be read without one.
  ///
  /// - Throws: ``BackboneError`` for a bare file.
  public var requiredConfiguration: JSONObject {
    get throws {
      guard let configuration else {
        throw BackboneError("\(url.path): there is no config.json; name the model with --architecture")
      }
      return configuration
    }
  }

  /// `config.json` with its keys sorted, so that the same configuration gives the same text; nil for a bare file.
  func configurationText() throws -> String? {
    guard let configurationData else { return nil }
    let value = try JSONSerialization.jsonObject(with: configurationData)
    let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }

  /// The SHA-256 of the weights, hexadecimal: of the file, or of the shards one after the other in the order of their names.
  ///
  /// - Throws: `CheckpointError` where a file became shorter since it was opened, or cannot be read.
  public func sha256() throws -> String {
    var digest = ContentDigest()
    for file in checkpoint.files { try file.eachPiece { digest.update($0) } }
    return digest.hexadecimal
  }
}
