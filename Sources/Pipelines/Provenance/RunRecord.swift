import Activations
import Formats
import Foundation
import Imaging
import Reports
import Torch

/// What was run, gathered while it runs and written as `provenance.json`.
public struct RunRecord: Sendable {
  private let command: [String]
  private let started = Host.timestamp

  /// - Parameter command: as it could be typed, beginning with `palimpsest`.
  public init(command: [String]) { self.command = command }

  /// Writes `provenance.json` into `folder`, whole or not at all.
  public func write(
    to folder: URL, seed: UInt64?, settings: [(name: String, value: String)], inputs: [Provenance.File],
    outputs: [String], stores: [Provenance.Store], notes: [String] = []
  ) throws {
    let provenance = Provenance(
      tool: .init(name: "palimpsest", version: Version.number), command: command, startedAt: started,
      finishedAt: Host.timestamp, seed: seed, threads: Runtime.threads,
      settings: NamedValues(settings + [("libtorch", Tensor.libtorchVersion)]), inputs: inputs,
      outputs: outputs.map { name in
        let file = FileHash.record(folder.appendingPathComponent(name).path)
        return .init(path: name, sha256: file.sha256, bytes: file.bytes)
      },
      host: .init(cpu: Host.processor, cores: Host.cores, memoryBytes: Host.memoryBytes, os: Host.operatingSystem),
      stores: stores, notes: notes)
    try AtomicFile.write(provenance.encoded(), to: folder.appendingPathComponent("provenance.json").path)
  }

  /// What provenance records of a store.
  public static func describe(
    _ store: FeatureStore, name: String, condition: String, images: Int, tokens: String
  ) throws -> Provenance.Store {
    let taps = try store.taps(condition: condition)
    let hasTree = !taps.isEmpty && taps.allSatisfy { $0.role != nil }
    let digests = ImageDigests(paths: store.imagePaths, contents: store.imageContents)
    var described = Provenance.Store(
      name: name, model: store.model, family: store.family, checkpointSHA256: store.attribute("checkpoint_sha256"),
      images: images, taps: taps.isEmpty ? nil : taps.map(\.name),
      preprocessing: store.attribute("preprocessing").map(readable), tokens: tokens,
      parents: hasTree ? taps.map { $0.parent ?? "" } : nil,
      roles: hasTree ? taps.map { $0.role?.rawValue ?? "" } : nil,
      modelSource: store.attribute(StoreHeader.modelSource))
    (described.imagePathsSHA256, described.imagesSHA256) = (digests.paths, digests.contents)
    return described
  }

  /// A recipe in words where it is one of ours, else as it stands.
  private static func readable(_ preprocessing: String) -> String {
    (try? JSONDecoder().decode(Preprocessing.self, from: Data(preprocessing.utf8)))?.summary ?? preprocessing
  }
}
