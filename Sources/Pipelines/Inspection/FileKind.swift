import Activations
import Foundation
import NeuralNet
import Results

/// What a path holds, by its content.
public enum FileKind: Sendable {
  case store, checkpoint, inverse, results, report, bundle, unpackedBundle

  /// - Throws: ``BadInput`` where there is nothing, or nothing that Palimpsest reads.
  public init(of path: String) throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw BadInput("\(path): no such file or folder")
    }
    if isDirectory.boolValue {
      let holds = { (name: String) in FileManager.default.fileExists(atPath: path + "/" + name) }
      if ShardFolder.isOne(path) {
        self = .store
      } else if ModelLocation.holdsModel(path) {
        self = .checkpoint
      } else if holds("plan.json") {
        self = .inverse
      } else if holds("modular/plan.json") {
        throw BadInput(
          "\(path): the modular training that comes before polishing is not finished; repeat the command that began it, or "
            + "give \(path.hasSuffix("/") ? path : path + "/")modular")
      } else if holds("SHA256SUMS"), holds("ro-crate-metadata.json") {
        self = .unpackedBundle
      } else if holds("index.html"), holds("data/report.json") {
        self = .report
      } else if holds(TableDefinition.similarity.file) || holds("provenance.json") {
        self = .results
      } else {
        throw BadInput("\(path): neither a model (model.safetensors) nor results (provenance.json) are in this folder")
      }
      return
    }
    try OutputPath.requireNoDevice(path)
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw BadInput("\(path): cannot be read; check its permissions")
    }
    defer { try? handle.close() }
    let start = (try? handle.read(upToCount: 9)) ?? Data()
    if start.prefix(8) == Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) || path.hasSuffix(".h5") {
      self = .store
    } else if path.hasSuffix(".safetensors") || (start.count == 9 && start.last == UInt8(ascii: "{")) {
      self = .checkpoint
    } else if start.prefix(4) == Data([0x50, 0x4B, 0x03, 0x04]) || path.hasSuffix(".zip") {
      self = .bundle
    } else {
      throw BadInput("\(path): neither an HDF5 store nor a safetensors file nor a bundle")
    }
  }
}
