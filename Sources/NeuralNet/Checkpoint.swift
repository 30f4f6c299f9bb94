import Formats
import Foundation
import Torch

/// The weights of a model: one safetensors file, or the shards that an index names.
public final class Checkpoint {
  /// The files, in the order of their names.
  public let files: [SafetensorsFile]
  private let owners: [String: SafetensorsFile]
  /// Other names of tensors: those that `safetensors.torch.save_model` left out because they share their memory with another.
  private let aliases: [String: String]

  /// Every tensor's name, other names included, in the order of their UTF-8 bytes.
  public let names: [String]

  /// Opens a file, or what a folder holds: `model.safetensors`, else `model.safetensors.index.json` with its shards. Of a folder of
  /// the Hub's cache, see ``ModelLocation``.
  ///
  /// - Throws: ``CheckpointError``.
  public convenience init(at given: URL) throws {
    let url = try ModelLocation.snapshot(of: given)
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw CheckpointError(
        "\(url.path): no such model; give a folder with config.json and model.safetensors, or a file")
    }
    guard isDirectory.boolValue else {
      try self.init(files: [SafetensorsFile(contentsOf: url)])
      return
    }
    let single = url.appendingPathComponent("model.safetensors")
    let index = url.appendingPathComponent("model.safetensors.index.json")
    if FileManager.default.fileExists(atPath: single.path) {
      try self.init(files: [SafetensorsFile(contentsOf: single)])
    } else if FileManager.default.fileExists(atPath: index.path) {
      let shards = try Checkpoint.shards(of: index)
      try self.init(files: shards.map { try SafetensorsFile(contentsOf: url.appendingPathComponent($0)) })
    } else {
      throw CheckpointError("\(url.path): \(ModelLocation.withoutWeights(url))")
    }
  }

  /// Opens one file.
  ///
  /// - Throws: ``CheckpointError``.
  public convenience init(file url: URL) throws { try self.init(files: [SafetensorsFile(contentsOf: url)]) }

  init(files: [SafetensorsFile]) throws {
    var owners: [String: SafetensorsFile] = [:]
    for file in files {
      for entry in file.entries {
        if let other = owners.updateValue(file, forKey: entry.name) {
          throw CheckpointError(
            "\(file.url.path): tensor '\(entry.name)' is also in \(other.url.lastPathComponent); the shards do not belong "
              + "together")
        }
      }
    }
    self.files = files
    var aliases: [String: String] = [:]
    for file in files {
      for (alias, name) in file.metadata where owners[alias] == nil && file.entry(named: name) != nil {
        aliases[alias] = name
      }
    }
    self.owners = owners
    self.aliases = aliases
    names = (Array(owners.keys) + aliases.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The names of the shards of an index, each once, in order.
  private static func shards(of index: URL) throws -> [String] {
    let bytes: [UInt8]
    do {
      bytes = [UInt8](try Data(contentsOf: index))
    } catch {
      throw CheckpointError("\(index.path): cannot be read; check its permissions")
    }
    if let reason = PointerFile.reason(bytes) { throw CheckpointError("\(index.path): \(reason)") }
    let repair: JSONObject.Failure = { CheckpointError("\($0); it is not an index of shards, fetch it again") }
    let object = try JSONObject(parsing: bytes, file: index.path, failure: repair)
    let map = try object.required("weight_map", object.object("weight_map"))
    let names = Set(try map.keys.map { try map.required($0, map.string($0)) }).sorted()
    for name in names where name.contains("/") || name.hasPrefix(".") {
      throw CheckpointError("\(index.path): the shard '\(name)' is not a file of the same folder")
    }
    return names
  }

  /// The shape of a tensor, or nil where there is none.
  public func shape(of name: String) -> [Int]? {
    let stored = aliases[name] ?? name
    return owners[stored]?.entry(named: stored)?.shape
  }

  /// A tensor as a copy in CPU memory, float types as float32.
  public func tensor(named name: String) throws -> Tensor {
    let stored = aliases[name] ?? name
    guard let file = owners[stored] else { throw CheckpointError("no tensor '\(name)'") }
    return try file.tensor(named: stored)
  }
}

extension Checkpoint {
  /// Bytes of all tensors together.
  public var byteCount: Int { files.reduce(0) { $0 + $1.entries.reduce(0) { $0 + $1.range.count } } }
}
