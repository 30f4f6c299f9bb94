import NeuralNet

/// The names and shapes of a checkpoint's tensors below what wraps all of them.
struct CheckpointNames: Sendable {
  /// `model.`, `module.` … where every name begins so, else empty.
  let wrapping: String
  private let shapes: [String: [Int]]

  /// Wrappings that training scripts put around a model's own names.
  private static let wrappings = ["module.", "model.", "state_dict.", "_orig_mod."]

  init(_ checkpoint: Checkpoint) {
    var wrapping = ""
    while let next = CheckpointNames.wrappings.first(where: { candidate in
      !checkpoint.names.isEmpty && checkpoint.names.allSatisfy { $0.hasPrefix(wrapping + candidate) }
    }) {
      wrapping += next
    }
    self.wrapping = wrapping
    var shapes: [String: [Int]] = [:]
    for name in checkpoint.names { shapes[String(name.dropFirst(wrapping.count))] = checkpoint.shape(of: name) }
    self.shapes = shapes
  }

  /// The shape of the tensor of this name below the wrapping, or nil.
  func shape(of name: String) -> [Int]? { shapes[name] }

  /// Whether there is a tensor of this name below the wrapping.
  func contains(_ name: String) -> Bool { shapes[name] != nil }

  /// Whether a tensor's name below the wrapping begins so.
  func containsPrefix(_ prefix: String) -> Bool { shapes.keys.contains { $0.hasPrefix(prefix) } }

  /// A recipe for names below the wrapping as one for names of the file.
  func wrapped(_ recipe: WeightRecipe) -> WeightRecipe { recipe.prefixed(wrapping) }
}
