import NeuralNet

/// The spellings of ConvNeXt checkpoints, recognised by the names in the file. The canonical names are those of timm.
struct ConvNeXtWeights: Sendable {
  enum Spelling: String, CaseIterable {
    case timm
    case transformers
    /// `downsample_layers.0.0`, `stages.0.0.dwconv`.
    case original = "the original repository of ConvNeXt"
  }

  private let names: CheckpointNames
  private let spelling: Spelling
  /// `convnext.` where transformers' names begin so.
  private let base: String

  init(_ checkpoint: Checkpoint) {
    let names = CheckpointNames(checkpoint)
    self.names = names
    spelling = names.best(
      [
        (.timm, { $0.hasPrefix("stem.") || $0.contains(".blocks.") || $0.contains(".downsample.") }),
        (.transformers, { $0.contains("encoder.stages.") }),
        (.original, { $0.hasPrefix("downsample_layers.") || ($0.hasPrefix("stages.") && !$0.contains(".blocks.")) }),
      ], otherwise: .timm)
    base = ["convnext.", "convnextv2."].first { names.containsPrefix($0 + "encoder.") } ?? ""
  }

  /// The rows of the stored classifier, where there is one.
  var classes: Int? { names.shape(of: place("head.fc.weight"))?.first }

  /// Whether a norm stands behind the last stage.
  var hasFinalNorm: Bool { ["head.norm.weight", "norm_pre.weight"].contains { names.contains(place($0)) } }

  func dialect(for configuration: ConvNeXtConfiguration, lacksNorm: Bool) -> CheckpointDialect {
    CheckpointDialect(
      name: spelling.rawValue, leavesOut: { name in leftOut(name, configuration) },
      remarks: lacksNorm ? ["the checkpoint has no norm behind the last stage: there is no tap 'norm'"] : [],
      recipe: { names.wrapped(recipe($0)) })
  }

  /// The hidden layer of a classifier that is not there, and the norms of the maps that a detector takes.
  private func leftOut(_ name: String, _ configuration: ConvNeXtConfiguration) -> String? {
    let name = String(name.dropFirst(names.wrapping.count))
    if configuration.classes == 0, name.hasPrefix("head.pre_logits.") { return "hidden layer of the classifier" }
    return name.hasPrefix("hidden_states_norms.") ? "norms of the stages' maps" : nil
  }

  /// 1×1 convolutions instead of linear maps, and vectors with axes of 1 around them, hold the same numbers.
  private func recipe(_ name: String) -> WeightRecipe {
    let place = place(name)
    let isMatrix = name.hasSuffix(".fc1.weight") || name.hasSuffix(".fc2.weight")
    let isVector = name.contains(".mlp.grn.")
    guard isMatrix || isVector, names.shape(of: place)?.count == 4 else { return .stored(place) }
    return .reshaped(place)
  }

  /// Where a canonical name is kept, below the wrapping.
  private func place(_ name: String) -> String {
    let words = name.split(separator: ".").map(String.init)
    let leaf = words[words.count - 1]
    switch (spelling, words[0]) {
    case (.timm, _): return name
    case (.transformers, "stem"):
      return base + "embeddings." + (words[1] == "0" ? "patch_embeddings." : "layernorm.") + leaf
    case (.transformers, "stages") where words[2] == "downsample":
      return base + "encoder.stages.\(words[1]).downsampling_layer.\(words[3]).\(leaf)"
    case (.transformers, "stages"):
      return base + "encoder.stages.\(words[1]).layers.\(words[3])." + blockPlace(Array(words.dropFirst(4)))
    case (.transformers, "head"): return words[1] == "norm" ? base + "layernorm.\(leaf)" : "classifier.\(leaf)"
    case (.original, "stem"): return "downsample_layers.0.\(words[1]).\(leaf)"
    case (.original, "stages") where words[2] == "downsample":
      return "downsample_layers.\(words[1]).\(words[3]).\(leaf)"
    case (.original, "stages"): return "stages.\(words[1]).\(words[3])." + blockPlace(Array(words.dropFirst(4)))
    case (.original, "head"): return (words[1] == "norm" ? "norm." : "head.") + leaf
    default: return name
    }
  }

  /// A name within a block.
  private func blockPlace(_ words: [String]) -> String {
    let leaf = words[words.count - 1]
    let isOriginal = spelling == .original
    switch words.dropLast().joined(separator: ".") {
    case "conv_dw": return "dwconv.\(leaf)"
    case "norm": return (isOriginal ? "norm." : "layernorm.") + leaf
    case "mlp.fc1": return "pwconv1.\(leaf)"
    case "mlp.fc2": return "pwconv2.\(leaf)"
    case "mlp.grn" where isOriginal: return "grn." + (leaf == "weight" ? "gamma" : "beta")
    case "mlp.grn": return "grn.\(leaf)"
    default: return isOriginal ? "gamma" : "layer_scale_parameter"
    }
  }
}
