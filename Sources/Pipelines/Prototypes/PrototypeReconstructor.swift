import Activations
import Foundation

import struct Torch.Device

/// Reconstructs pictures from stores of activations that no image made.
struct PrototypeReconstructor {
  let threads: Int
  let device: Device
  /// Asked whether the work shall stop; otherwise nothing is reported.
  let isCancelled: @Sendable () -> Bool

  /// Reconstructs `PATH.h5` into `PATH-back.h5`, and writes each picture as a PNG into the folder `PATH`.
  ///
  /// - Parameters:
  ///   - path: without the ending.
  ///   - inverse: the folder that training wrote.
  /// - Returns: how many pictures there are.
  func pictures(_ path: String, _ inverse: String) throws -> Int {
    let out = "\(path)-back.h5"
    try? FileManager.default.removeItem(atPath: out)
    var job = ReconstructionJob(.store("\(path).h5", nil), inverse: inverse, out: out)
    job.device = device
    job.threads = threads
    _ = try job.run(JobReporter(isCancelled: isCancelled))
    return try PrototypePictures.write(FeatureStore(path: out), to: URL(fileURLWithPath: path))
  }
}

/// The inverses that were given, found by the checksum of the model they invert.
struct PrototypeInverses {
  private let given: [(path: String, sha256: String)]

  /// - Throws: ``BadInput`` where a folder holds no inverses.
  init(_ paths: [String]) throws {
    given = try paths.map { path in
      (path, try ReconstructionJob(.store("", nil), inverse: path, out: "").plan().checkpointSHA256)
    }
  }

  /// The folder of the inverses of a store's model; nil where none of those given is it.
  ///
  /// - Throws: ``BadInput`` where the store keeps a part of the tokens only.
  func folder(for store: FeatureStore) throws -> String? {
    let origin = StoreOrigin(store)
    guard let inverse = given.first(where: { $0.sha256 == origin.sha256 }) else { return nil }
    guard origin.tokens == "all" else {
      throw BadInput(
        "--inverse \(inverse.path): \(store.path) keeps \(origin.tokens) tokens only, from which no image comes back;"
          + " extract with --tokens all")
    }
    return inverse.path
  }

  /// Every inverse belongs to a store.
  ///
  /// - Throws: ``BadInput`` where one does not.
  func requireUse(_ stores: [FeatureStore]) throws {
    for inverse in given where !stores.contains(where: { StoreOrigin($0).sha256 == inverse.sha256 }) {
      throw BadInput(
        "--inverse \(inverse.path) inverts another model than those of \(stores.map(\.path).joined(separator: ", "));"
          + " give the inverses of a store's model")
    }
  }
}
