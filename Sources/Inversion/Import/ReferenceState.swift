import Backbones
import Foundation
import NeuralNet

/// The tensors of one module of the reference code in a safetensors file.
struct ReferenceState {
  let url: URL
  let checkpoint: Checkpoint
  /// Before the names of all its tensors, with the dot: `inv_detr_enc.`, `2.`, or nothing.
  let prefix: String
  let kind: ReferenceClass
  /// The cut that the user gave the file for.
  let cut: String?

  /// The modules of a file: its names in groups by what is before the reference's own.
  ///
  /// - Parameters:
  ///   - cut: what the user says the file is, or nil.
  ///   - model: that the modules are to be inverses of.
  /// - Throws: ``InversionError`` where a group is of no class, of a class that cannot be imported, or another family's.
  static func states(in url: URL, cut: String?, model: any ReferenceInvertible) throws -> [ReferenceState] {
    let checkpoint = try Checkpoint(at: url)
    var groups: [(prefix: String, names: [String])] = []
    for name in checkpoint.names {
      guard let prefix = prefix(of: name) else { continue }
      let local = String(name.dropFirst(prefix.count))
      if let index = groups.firstIndex(where: { $0.prefix == prefix }) {
        groups[index].names.append(local)
      } else {
        groups.append((prefix, [local]))
      }
    }
    guard !groups.isEmpty else {
      let names = checkpoint.names.prefix(3).joined(separator: ", ")
      throw InversionError(
        .badInput,
        "\(url.path): no inverse network of the reference code; "
          + (names.isEmpty ? "it holds no tensors" : "its tensors are called \(names)"))
    }
    if let cut, groups.count > 1 {
      throw InversionError(
        .badInput,
        "\(cut)=\(url.path): the file holds \(groups.count) modules (\(groups.map(\.prefix).joined(separator: ", "))); "
          + "give a file for each, or leave '\(cut)=' out")
    }
    return try groups.map { group in
      let place = group.prefix.isEmpty ? url.path : "\(url.path) (\(group.prefix.dropLast()))"
      guard let kind = ReferenceClass(names: group.names, among: model.referenceClasses) else {
        throw InversionError(
          .badInput,
          "\(place): of no class of the reference code; its tensors are called "
            + group.names.prefix(3).joined(separator: ", "))
      }
      guard model.referenceClasses.contains(kind) else {
        throw InversionError(
          .badInput, "\(place): the reference's \(kind.rawValue) is not an inverse of \(model.family) models")
      }
      if let obstacle = kind.obstacle {
        throw InversionError(.badInput, "\(place): the reference's \(kind.rawValue) \(obstacle)")
      }
      return ReferenceState(url: url, checkpoint: checkpoint, prefix: group.prefix, kind: kind, cut: cut)
    }
  }

  /// The key that the file has for the module, without what its class itself puts before its names; empty where none.
  var key: String { String(prefix.replacingOccurrences(of: "inverse_classifier_regressor.", with: "").dropLast()) }

  /// For messages: the file, and the key where there is one.
  var place: String { key.isEmpty ? url.path : "\(url.path) (\(key))" }

  /// The error for a module whose cut cannot be found.
  func refusal(_ reason: String) -> InversionError {
    InversionError(.badInput, "\(place): \(reason); say which it is with CUT=FILE")
  }

  /// Channels of the activations it starts from, as the first norm of its blocks has them.
  var blockWidth: Int? { checkpoint.shape(of: prefix + "blocks.0.norm1.weight")?.first }

  /// How many blocks or layers it has.
  var depth: Int {
    let stems = [prefix + "blocks.", prefix + "layers."]
    return Set(
      checkpoint.names.compactMap { name in
        stems.first(where: name.hasPrefix).map { name.dropFirst($0.count).prefix { $0 != "." } }
      }
    ).count
  }

  /// Gives the module the values of the file, strictly.
  ///
  /// - Throws: `CheckpointError` that lists every missing, misshapen and unexpected tensor.
  func load(into module: InverseModule) throws {
    let names = ReferenceNames(kind, for: module)
    do {
      try module.load(
        checkpoint,
        dialect: CheckpointDialect(
          name: "the reference's \(kind.rawValue), for '\(module.name)'",
          ignores: { [prefix] name in
            // The other modules of the file are loaded on their own.
            ReferenceNames.isDerived(name) || (ReferenceState.prefix(of: name) ?? prefix) != prefix
          }, recipe: { [prefix] in names.recipe(for: $0).prefixed(prefix) }))
    } catch let error as CheckpointError {
      throw CheckpointError("\(place): \(error)")
    }
  }

  /// What stands before the reference's own part of a name, or nil where no part is its own.
  private static func prefix(of name: String) -> String? {
    let parts = name.split(separator: ".")
    return parts.firstIndex(where: ReferenceClass.isRoot).map { parts[..<$0].map { $0 + "." }.joined() }
  }
}
