import NeuralNet

/// How transformers names the tensors of DINOv2 and of the image encoders of CLIP and SigLIP: as `save_pretrained` writes them, or
/// as the modules of transformers 5 do. The canonical names are those of timm.
struct RenamedViTWeights: Sendable {
  let names: CheckpointNames
  private let kind: TransformersViT
  /// `dinov2.`, `vision_model.` … where the encoder's names begin so.
  private let base: String

  init(_ checkpoint: Checkpoint, kind: TransformersViT) {
    let names = CheckpointNames(checkpoint)
    self.names = names
    self.kind = kind
    let bases = kind.isDINOv2 ? ["dinov2.", "dinov2_with_registers.", ""] : ["vision_model.", ""]
    base = names.best(bases.map { base in (base, { $0.hasPrefix(base + "encoder.layer") }) }, otherwise: "")
  }

  func dialect(for configuration: ViTConfiguration) -> CheckpointDialect {
    CheckpointDialect(
      name: kind.dialect, ignores: { name in ignores(name, configuration) },
      leavesOut: { name in leftOut(name, configuration) }, recipe: { names.wrapped(recipe($0)) })
  }

  /// Row numbers that early versions stored, and a tensor for registers of which there are none.
  private func ignores(_ name: String, _ configuration: ViTConfiguration) -> Bool {
    let name = String(name.dropFirst(names.wrapping.count))
    return name == base + "embeddings.position_ids"
      || (configuration.registerTokens == 0 && name == base + "embeddings.register_tokens")
  }

  /// What a checkpoint may hold beyond the image encoder.
  private func leftOut(_ name: String, _ configuration: ViTConfiguration) -> String? {
    let name = String(name.dropFirst(names.wrapping.count))
    if kind.isDINOv2 { return name == base + "embeddings.mask_token" ? "mask token" : nil }
    let parts = [
      ("text_model.", "text tower"), ("text_projection.", "text projection"),
      ("visual_projection.", "projection of images to texts"), ("logit_", "scale and bias of similarities"),
      (base + "head.", "attention pooling"),
    ]
    if configuration.finalNorm == .absent, name.hasPrefix(base + "post_layernorm.") {
      return "norm of the class token, which the classifier does not see"
    }
    return parts.first { name.hasPrefix($0.0) }?.1
  }

  /// Where a canonical name is kept, below the wrapping.
  private func recipe(_ name: String) -> WeightRecipe {
    let words = name.split(separator: ".").map(String.init)
    let leaf = words.last ?? ""
    if words[0] == "blocks", words.count > 3 {
      let part = words[2..<words.count - 1].joined(separator: ".")
      return kind.isDINOv2
        ? ownRecipe(block: base + "encoder.layer.\(words[1]).", part: part, leaf: leaf)
        : textImageRecipe(block: base + "encoder.layers.\(words[1]).", part: part, leaf: leaf)
    }
    switch words[0] {
    case "head": return .stored("classifier.\(leaf)")
    case "patch_embed" where kind.isDINOv2: return .stored(base + "embeddings.patch_embeddings.projection.\(leaf)")
    case "cls_token" where kind.isDINOv2: return .stored(base + "embeddings.cls_token")
    case "reg_token": return .stored(base + "embeddings.register_tokens")
    case "pos_embed" where kind.isDINOv2: return .stored(base + "embeddings.position_embeddings")
    case "norm" where kind.isDINOv2: return .stored(base + "layernorm.\(leaf)")
    case "patch_embed": return .stored(base + "embeddings.patch_embedding.\(leaf)")
    case "cls_token": return .reshaped(base + "embeddings.class_embedding")
    case "pos_embed": return .reshaped(base + "embeddings.position_embedding.weight")
    // The library's own spelling.
    case "norm_pre": return .stored(base + "pre_layrnorm.\(leaf)")
    case "norm": return .stored(base + "post_layernorm.\(leaf)")
    default: return .stored(base + name)
    }
  }

  /// `part` of a block of DINOv2, for example `attn.qkv`.
  private func ownRecipe(block: String, part: String, leaf: String) -> WeightRecipe {
    switch part {
    case "attn.qkv":
      return present(
        .stacked(["query", "key", "value"].map { block + "attention.attention.\($0).\(leaf)" }),
        .stacked(["q_proj", "k_proj", "v_proj"].map { block + "attention.\($0).\(leaf)" }))
    case "attn.proj":
      return present(.stored(block + "attention.output.dense.\(leaf)"), .stored(block + "attention.o_proj.\(leaf)"))
    case "ls1", "ls2": return .stored(block + "layer_scale\(part.dropFirst(2)).lambda1")
    // A gated MLP has names of its own: the halves together, or each alone.
    case "mlp.fc1":
      return present(
        .stored(block + "mlp.fc1.\(leaf)"), .stored(block + "mlp.weights_in.\(leaf)"),
        .stacked(["gate_proj", "up_proj"].map { block + "mlp.\($0).\(leaf)" }))
    case "mlp.fc2":
      return present(
        .stored(block + "mlp.fc2.\(leaf)"), .stored(block + "mlp.weights_out.\(leaf)"),
        .stored(block + "mlp.down_proj.\(leaf)"))
    default: return .stored(block + "\(part).\(leaf)")
    }
  }

  /// `part` of a block of CLIP or SigLIP.
  private func textImageRecipe(block: String, part: String, leaf: String) -> WeightRecipe {
    switch part {
    case "norm1", "norm2": .stored(block + "layer_norm\(part.dropFirst(4)).\(leaf)")
    case "attn.qkv": .stacked(["q_proj", "k_proj", "v_proj"].map { block + "self_attn.\($0).\(leaf)" })
    case "attn.proj": .stored(block + "self_attn.out_proj.\(leaf)")
    default: .stored(block + "\(part).\(leaf)")
    }
  }

  /// The first recipe whose tensors are all there; the first of all, which is then reported as missing, where none is.
  private func present(_ recipes: WeightRecipe...) -> WeightRecipe {
    recipes.first { $0.sources.allSatisfy(names.contains) } ?? recipes[0]
  }
}
