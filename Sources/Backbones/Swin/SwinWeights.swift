import NeuralNet

/// The spellings of Swin's checkpoints, recognised by the names in the file. The canonical names are those of timm 1.
struct SwinWeights: Sendable {
  enum Spelling: String, CaseIterable {
    case timm = "timm"
    /// The merging at the end of a stage, and perhaps `head` for `head.fc`: older timm and the original repository.
    case olderTimm = "older timm"
    /// `swin.encoder.layers.0.blocks.0.attention.self.query`.
    case transformers = "transformers"
    /// `swin.encoder.layers.0.blocks.0.attention.q_proj`.
    case transformersModules = "the modules of transformers 5"
  }

  let names: CheckpointNames
  private let spelling: Spelling
  /// `swin.` where transformers' names begin so.
  private let base: String

  init(_ checkpoint: Checkpoint) {
    let names = CheckpointNames(checkpoint)
    self.names = names
    let base = names.containsPrefix("swin.") ? "swin." : ""
    self.base = base
    if names.containsPrefix(base + "encoder.") || names.containsPrefix(base + "embeddings.") {
      let isModules = names.containsPrefix(base + "encoder.layers.0.blocks.0.attention.q_proj.")
      spelling = isModules ? .transformersModules : .transformers
    } else {
      spelling = names.containsPrefix("layers.0.downsample.") ? .olderTimm : .timm
    }
  }

  /// The rows of the stored classifier, where there is one.
  var classes: Int? {
    recipeBelowWrapping("head.fc.weight").sources.first.flatMap(names.shape(of:))?.first
  }

  /// Whether a classifier is stored.
  var hasClassifier: Bool { classes != nil }

  var dialect: CheckpointDialect {
    CheckpointDialect(name: spelling.rawValue, ignores: ignores, recipe: recipe)
  }

  /// Buffers that are computed here, transformers' pooler, and what masked training adds.
  @Sendable private func ignores(_ name: String) -> Bool {
    let name = String(name.dropFirst(names.wrapping.count))
    if name.hasSuffix("relative_position_index") || name.hasSuffix("attn_mask") { return true }
    guard spelling == .transformers || spelling == .transformersModules else { return false }
    return name == base + "embeddings.mask_token" || name.hasPrefix("decoder.") || name.hasPrefix(base + "pooler.")
      || name.hasPrefix("hidden_states_norms.")
  }

  @Sendable private func recipe(_ name: String) -> WeightRecipe {
    names.wrapped(recipeBelowWrapping(name))
  }

  private func recipeBelowWrapping(_ name: String) -> WeightRecipe {
    let words = name.split(separator: ".").map(String.init)
    let kind = words[words.count - 1]
    switch (spelling, words[0]) {
    case (.timm, "head"), (.olderTimm, "head"):
      return .stored(names.contains("head.fc.weight") || spelling == .timm ? name : "head.\(kind)")
    case (.olderTimm, "layers") where words[2] == "downsample":
      let before = (Int(words[1]) ?? 1) - 1
      return .stored((["layers", "\(before)"] + words[2...]).joined(separator: "."))
    case (.timm, _), (.olderTimm, _): return .stored(name)
    default: return transformersRecipe(name, words: words, kind: kind)
    }
  }

  private func transformersRecipe(_ name: String, words: [String], kind: String) -> WeightRecipe {
    switch words[0] {
    case "patch_embed":
      return .stored(base + "embeddings." + (words[1] == "norm" ? "norm." : "patch_embeddings.projection.") + kind)
    case "absolute_pos_embed": return .stored(base + "embeddings.position_embeddings")
    case "norm": return .stored(base + "layernorm.\(kind)")
    case "head": return .stored("classifier.\(kind)")
    case "layers" where words[2] == "downsample":
      let before = (Int(words[1]) ?? 1) - 1
      return .stored(base + "encoder.layers.\(before)." + words[2...].joined(separator: "."))
    case "layers" where words.count > 5:
      let block = base + "encoder.layers.\(words[1]).blocks.\(words[3])."
      let part = words[4...].joined(separator: ".")
      return SwinWeights.blockRecipe(block, part: part, kind: kind, modules: spelling == .transformersModules)
    default: return .stored(name)
    }
  }

  /// `part` of a block, for example `attn.qkv.weight`, as transformers calls it.
  private static func blockRecipe(_ block: String, part: String, kind: String, modules: Bool) -> WeightRecipe {
    let names = modules ? ["q_proj", "k_proj", "v_proj"] : ["self.query", "self.key", "self.value"]
    return switch part.replacingSuffix("." + kind, with: "") {
    case "norm1": .stored(block + "layernorm_before.\(kind)")
    case "attn.qkv": .stacked(names.map { block + "attention.\($0).\(kind)" })
    case "attn": .stored(block + (modules ? "attention.relative_position_bias." : "attention.self.") + kind)
    case "attn.proj": .stored(block + (modules ? "attention.o_proj." : "attention.output.dense.") + kind)
    case "norm2": .stored(block + "layernorm_after.\(kind)")
    case "mlp.fc1": .stored(block + (modules ? "mlp.fc1." : "intermediate.dense.") + kind)
    case "mlp.fc2": .stored(block + (modules ? "mlp.fc2." : "output.dense.") + kind)
    default: .stored(block + part)
    }
  }
}
