import Activations

/// Which weights made the activations of a store, as it records it.
struct StoreOrigin {
  /// In what the origin of a store is not a model.
  enum Difference: Equatable {
    /// The store does not say which weights made it.
    case unknownWeights
    case weights(sha256: String)
    case control(String)
    /// The random weights were drawn with this seed; nil where the store does not say.
    case seed(String?)
  }

  let sha256: String?
  let control: String
  let seed: String?
  /// `all` where whole activations are kept.
  let tokens: String

  init(_ store: FeatureStore) {
    sha256 = store.attribute("checkpoint_sha256").flatMap { $0.isEmpty ? nil : $0 }
    control = store.attribute("control") ?? "none"
    seed = store.attribute("seed")
    tokens = store.attribute("tokens") ?? "all"
  }

  /// nil where the same weights made the store: those of the checkpoint, or drawn with the same seed.
  func difference(sha256: String, control: String, seed: Int) -> Difference? {
    guard let recorded = self.sha256 else { return .unknownWeights }
    guard recorded == sha256 else { return .weights(sha256: recorded) }
    guard self.control == control else { return .control(self.control) }
    return control == "none" || self.seed == "\(seed)" ? nil : .seed(self.seed)
  }

  /// - Parameter name: the store in messages, `--features vit.h5`.
  /// - Throws: ``BadInput`` where the store keeps a part of the tokens only.
  func requireWholeTokens(_ name: String) throws {
    guard tokens == "all" else {
      throw BadInput("\(name): the store keeps --tokens \(tokens); inverses need all, extract it so")
    }
  }

  /// - Throws: ``BadInput`` where rows under these conditions are missing.
  static func requireRows(of store: FeatureStore, _ conditions: [String], counting unit: String = "rows") throws {
    var unfinished = 0
    var reason: String?
    for condition in conditions {
      for (row, mark) in try store.progress(of: condition).enumerated() where mark != 1 {
        unfinished += 1
        if reason == nil {
          reason = try store.incompleteness(ofRow: row, condition: condition).map { "\(store.imagePaths[row]): \($0)" }
        }
      }
    }
    guard unfinished == 0 else {
      throw BadInput(
        "--features \(store.path): \(unfinished) \(unit) are not extracted yet; finish the extraction first"
          + (reason.map { " (\($0))" } ?? ""))
    }
  }
}
