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

  private static let bases = ["swin.", ""]

  init(_ checkpoint: Checkpoint) {
    let names = CheckpointNames(checkpoint)
    self.names = names
    base = names.best(
      SwinWeights.bases.map { base in (base, { $0.hasPrefix(base + "encoder.") }) },
      otherwise: SwinWeights.bases.first { names.containsPrefix($0 + "embeddings.") } ?? "")
    let base = base
    let isModules = names.count { $0.contains(".attention.q_proj.") } > names.count { $0.contains(".self.query.") }
    // A merging has three tensors; in newer files no first stage has one.
    let isOlder = 2 * names.count { $0.hasPrefix("layers.0.downsample.") } > 3
    spelling = names.best(
      [
        (isOlder ? .olderTimm : .timm, { $0.hasPrefix("layers.") || $0.hasPrefix("patch_embed.") }),
        (
          isModules ? .transformersModules : .transformers,
          { $0.hasPrefix(base + "encoder.") || $0.hasPrefix(base + "embeddings.") }
        ),
      ], otherwise: .timm)
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
    return SwinWeights.bases.contains { name == $0 + "embeddings.mask_token" || name.hasPrefix($0 + "pooler.") }
      || name.hasPrefix("decoder.") || name.hasPrefix("hidden_states_norms.")
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
      return .stored(located("embeddings." + (words[1] == "norm" ? "norm." : "patch_embeddings.projection.") + kind))
    case "absolute_pos_embed": return .stored(located("embeddings.position_embeddings"))
    case "norm": return .stored(located("layernorm.\(kind)"))
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

  /// A name behind the base of most names, or behind the other where only that is there: `SwinBackbone` of transformers 5 saves
  /// `embeddings.…` beside `swin.layernorm`.
  private func located(_ name: String) -> String {
    ([base] + SwinWeights.bases).map { $0 + name }.first(where: names.contains) ?? base + name
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
