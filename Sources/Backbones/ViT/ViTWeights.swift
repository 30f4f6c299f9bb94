import Formats
import Foundation
import NeuralNet

/// The spellings of the checkpoints of ViT, DeiT, DeiT III, MAE, MSN and I-JEPA, recognised by the names in the file. The
/// canonical names are those of timm.
struct ViTWeights: Sendable {
  /// How names are spelled below the wrapping.
  enum Spelling: String {
    case timm = "timm"
    /// `blocks.0.gamma_1` for `blocks.0.ls1.gamma`.
    case original = "the original repository of DeiT III"
    /// `blocks.0.attn.q_bias`, `blocks.0.gamma_1`: timm's class `Eva`, which DINOv3 is of too.
    case eva = "timm's Eva"
    /// `vit.encoder.layer.0.attention.attention.query`.
    case transformers = "transformers"
    /// `vit.layers.0.attention.q_proj`.
    case transformersModules = "the modules of transformers 5"
  }

  let names: CheckpointNames
  private let spelling: Spelling
  /// `vit.`, `deit.` or `ijepa.` where transformers' names begin so.
  private let base: String
  private static let bases = ["vit.", "deit.", "ijepa.", ""]
  /// Whether the patch projection is stored as a matrix, as before timm used a convolution.
  private let hasFlatPatches: Bool

  /// - Parameter isEva: whether the architecture is of timm's class `Eva`.
  init(_ checkpoint: Checkpoint, isEva: Bool = false) {
    let names = CheckpointNames(checkpoint)
    self.names = names
    base = names.best(
      ViTWeights.bases.map { base in (base, { $0.hasPrefix(base + "encoder.") || $0.hasPrefix(base + "layers.") }) },
      otherwise: ViTWeights.bases.first { names.containsPrefix($0 + "embeddings.") } ?? "")
    let base = base
    let isOriginal = names.count { $0.hasSuffix(".gamma_1") } > names.count { $0.hasSuffix(".ls1.gamma") }
    spelling = names.best(
      [
        (isEva ? .eva : isOriginal ? .original : .timm, { $0.hasPrefix("blocks.") || $0.hasPrefix("patch_embed.") }),
        (.transformers, { $0.hasPrefix(base + "encoder.layer.") || $0.hasPrefix(base + "embeddings.") }),
        (.transformersModules, { $0.hasPrefix(base + "layers.") }),
      ], otherwise: isEva ? .eva : .timm)
    hasFlatPatches = names.shape(of: "patch_embed.proj.weight")?.count == 2
  }

  /// The rows of the stored classifier, where there is one.
  var classes: Int? { shape(of: "head.weight")?.first }

  /// The shape of what is stored under a canonical name.
  private func shape(of name: String) -> [Int]? {
    recipeBelowWrapping(name).sources.first.flatMap(names.shape(of:))
  }

  /// The grid of stored position embeddings that are not those of the configuration's input size, where it can be told:
  /// timm resamples such files when it loads them.
  func storedGrid(for configuration: ViTConfiguration) -> ImageSize? {
    guard let shape = shape(of: "pos_embed"), shape.count == 3 else { return nil }
    let prefix = configuration.positionCount(of: ImageSize(side: 0))
    let patches = shape[1] - prefix
    let side = patches > 0 ? Int(Double(patches).squareRoot()) : 0
    guard patches != configuration.grid.area, side > 0, side * side == patches else { return nil }
    return ImageSize(side: side)
  }

  /// - Parameter kind: the model of transformers that `config.json` names, nil for timm's.
  func dialect(for configuration: ViTConfiguration, kind: TransformersViT?) -> CheckpointDialect {
    var name = spelling.rawValue
    if let kind, kind.dialects.count == 1, [.transformers, .transformersModules].contains(spelling) {
      name = kind.dialect
    }
    return CheckpointDialect(
      name: name, leavesOut: { name in leftOut(name, configuration) },
      remarks: kind == .mae
        ? ["the encoder sees every patch of an image: 'mask_ratio' of config.json is not applied"] : [],
      recipe: recipe)
  }

  /// What a checkpoint may hold beyond the network: the representation layer that timm dropped, attention pooling in
  /// front of no classifier, transformers' pooler, and what masked training adds.
  @Sendable private func leftOut(_ name: String, _ configuration: ViTConfiguration) -> String? {
    let name = String(name.dropFirst(names.wrapping.count))
    switch spelling {
    case .timm, .original, .eva:
      if name.hasPrefix("pre_logits.") { return "representation layer" }
      return configuration.pooling == .attention && name.hasPrefix("attn_pool.") ? "attention pooling" : nil
    case .transformers, .transformersModules:
      if ViTWeights.bases.contains(where: { name.hasPrefix($0 + "pooler.") }) { return "pooler" }
      if ViTWeights.bases.contains(where: { name == $0 + "embeddings.mask_token" }) { return "mask token" }
      return name.hasPrefix("decoder.") ? "decoder" : nil
    }
  }

  @Sendable private func recipe(_ name: String) -> WeightRecipe {
    names.wrapped(recipeBelowWrapping(name))
  }

  private func recipeBelowWrapping(_ name: String) -> WeightRecipe {
    switch spelling {
    case .timm:
      return hasFlatPatches && name == "patch_embed.proj.weight" ? .reshaped(name) : .stored(name)
    case .original: return .stored(withNumberedScales(name))
    case .eva: return evaRecipe(name)
    case .transformers, .transformersModules: return transformersRecipe(name)
    }
  }

  private func evaRecipe(_ name: String) -> WeightRecipe {
    if name.hasSuffix(".attn.qkv.bias") {
      let attention = String(name.dropLast("qkv.bias".count))
      return .stackedAroundZeros(attention + "q_bias", attention + "v_bias")
    }
    // A gated MLP whose halves are kept apart.
    let parts = name.components(separatedBy: ".mlp.fc1.")
    if parts.count == 2, names.contains("\(parts[0]).mlp.fc1_g.\(parts[1])") {
      return .stacked(["g", "x"].map { "\(parts[0]).mlp.fc1_\($0).\(parts[1])" })
    }
    return .stored(withNumberedScales(name))
  }

  /// `blocks.0.gamma_1` of `blocks.0.ls1.gamma`.
  private func withNumberedScales(_ name: String) -> String {
    name.replacingSuffix(".ls1.gamma", with: ".gamma_1").replacingSuffix(".ls2.gamma", with: ".gamma_2")
  }

  private func transformersRecipe(_ name: String) -> WeightRecipe {
    let words = name.split(separator: ".").map(String.init)
    let kind = words.last ?? ""
    switch words[0] {
    case "cls_token": return .stored(located("embeddings.cls_token"))
    case "dist_token": return .stored(located("embeddings.distillation_token"))
    case "pos_embed": return .stored(located("embeddings.position_embeddings"))
    case "patch_embed": return .stored(located("embeddings.patch_embeddings.projection.\(kind)"))
    case "norm": return .stored(located("layernorm.\(kind)"))
    case "head":
      let hasTwoHeads = names.containsPrefix("cls_classifier.")
      return .stored((hasTwoHeads ? "cls_classifier." : "classifier.") + kind)
    case "head_dist": return .stored("distillation_classifier.\(kind)")
    case "blocks" where words.count > 3:
      let part = words[2..<words.count - 1].joined(separator: ".")
      return spelling == .transformers
        ? ViTWeights.fileRecipe(block: base + "encoder.layer.\(words[1]).", part: part, kind: kind)
        : ViTWeights.moduleRecipe(block: base + "layers.\(words[1]).", part: part, kind: kind)
    default: return .stored(name)
    }
  }

  /// A name behind the base of most names, or behind another where only that is there: backbones that transformers saves alone
  /// mix them.
  private func located(_ name: String) -> String {
    ([base] + ViTWeights.bases).map { $0 + name }.first(where: names.contains) ?? base + name
  }

  /// `part` of a block, for example `attn.qkv`, as transformers' files call it.
  private static func fileRecipe(block: String, part: String, kind: String) -> WeightRecipe {
    switch part {
    case "norm1": .stored(block + "layernorm_before.\(kind)")
    case "attn.qkv": .stacked(["query", "key", "value"].map { block + "attention.attention.\($0).\(kind)" })
    case "attn.proj": .stored(block + "attention.output.dense.\(kind)")
    case "norm2": .stored(block + "layernorm_after.\(kind)")
    case "mlp.fc1": .stored(block + "intermediate.dense.\(kind)")
    case "mlp.fc2": .stored(block + "output.dense.\(kind)")
    default: .stored(block + "\(part).\(kind)")
    }
  }

  /// The same as the modules of transformers 5 call it.
  private static func moduleRecipe(block: String, part: String, kind: String) -> WeightRecipe {
    switch part {
    case "norm1": .stored(block + "layernorm_before.\(kind)")
    case "attn.qkv": .stacked(["q_proj", "k_proj", "v_proj"].map { block + "attention.\($0).\(kind)" })
    case "attn.proj": .stored(block + "attention.o_proj.\(kind)")
    case "norm2": .stored(block + "layernorm_after.\(kind)")
    default: .stored(block + "\(part).\(kind)")
    }
  }
}

extension String {
  /// With another ending, where it has this one.
  func replacingSuffix(_ suffix: String, with other: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + other : self
  }
}
