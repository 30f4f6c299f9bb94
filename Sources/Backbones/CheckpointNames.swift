import NeuralNet

/// The names and shapes of a checkpoint's tensors below what wraps all of them.
struct CheckpointNames: Sendable {
  /// `model.`, `module.` … where most names begin so, or another word with which every name begins; else empty.
  let wrapping: String
  private let shapes: [String: [Int]]

  /// Wrappings that training scripts put around a model's own names.
  private static let wrappings = ["module.", "model.", "state_dict.", "_orig_mod."]
  /// First words of the models' own names, which wrap nothing.
  private static let own: Set<Substring> = [
    "vit", "deit", "swin", "blocks", "layers", "patch_embed", "embeddings", "encoder", "norm", "layernorm", "head",
    "classifier", "dinov2", "dinov2_with_registers", "ijepa", "text_model", "vision_model",
  ]

  init(_ checkpoint: Checkpoint) {
    let names = checkpoint.names
    var wrapping = ""
    while let next = CheckpointNames.wrapping(of: names, below: wrapping) { wrapping += next }
    self.wrapping = wrapping
    var shapes: [String: [Int]] = [:]
    for name in names where name.hasPrefix(wrapping) {
      shapes[String(name.dropFirst(wrapping.count))] = checkpoint.shape(of: name)
    }
    self.shapes = shapes
  }

  /// The next word around most of the names, or around all where it is not one that is known.
  private static func wrapping(of names: [String], below wrapping: String) -> String? {
    let inside = names.filter { $0.hasPrefix(wrapping) }.map { $0.dropFirst(wrapping.count) }
    if let known = wrappings.first(where: { candidate in 2 * inside.count { $0.hasPrefix(candidate) } > names.count }) {
      return known
    }
    guard inside.count == names.count, names.count > 1, let word = inside[0].split(separator: ".").first,
      !own.contains(word), inside.allSatisfy({ $0.hasPrefix(word + ".") })
    else { return nil }
    return word + "."
  }

  /// The shape of the tensor of this name below the wrapping, or nil.
  func shape(of name: String) -> [Int]? { shapes[name] }

  /// Whether there is a tensor of this name below the wrapping.
  func contains(_ name: String) -> Bool { shapes[name] != nil }

  /// Whether a tensor's name below the wrapping begins so.
  func containsPrefix(_ prefix: String) -> Bool { shapes.keys.contains { $0.hasPrefix(prefix) } }

  /// How many names below the wrapping satisfy a condition: what a dialect is decided by, so that a stray name does not.
  func count(where condition: (String) -> Bool) -> Int { shapes.keys.count(where: condition) }

  /// The choice whose names are the most; the first of equals.
  func best<Choice>(_ choices: [(Choice, (String) -> Bool)], otherwise standard: Choice) -> Choice {
    var (best, most) = (standard, 0)
    for (choice, condition) in choices {
      let count = count(where: condition)
      if count > most { (best, most) = (choice, count) }
    }
    return best
  }

  /// A recipe for names below the wrapping as one for names of the file.
  func wrapped(_ recipe: WeightRecipe) -> WeightRecipe { recipe.prefixed(wrapping) }
}
