import NeuralNet

extension DETRSpelling {
  /// The dialect for a model of this width (which says where query, key and value begin in the original files).
  func dialect(width: Int) -> CheckpointDialect {
    CheckpointDialect(
      name: description,
      ignores: { name in
        // Counts that training kept; and the mask head of models for segmentation, which has no tap.
        name.hasSuffix(".num_batches_tracked") || maskHead.contains(where: name.hasPrefix)
      },
      recipe: { recipe(for: $0, width: width) })
  }

  /// What names of the mask head begin with, in a model for segmentation.
  private var maskHead: [String] {
    guard headPrefix.hasSuffix("detr.") else { return [] }
    let outer = headPrefix.dropLast("detr.".count)
    return [outer + "mask_head.", outer + "bbox_attention."]
  }

  private func recipe(for name: String, width: Int) -> WeightRecipe {
    if name.hasPrefix("backbone.") { return .stored(backboneName(String(name.dropFirst("backbone.".count)))) }
    return isOriginal ? originalRecipe(for: name, width: width) : .stored(transformersName(name))
  }

  private func transformersName(_ name: String) -> String {
    if name.hasPrefix("class_labels_classifier.") || name.hasPrefix("bbox_predictor.") { return headPrefix + name }
    if name.hasPrefix("position_embedding.") {
      return prefix + positionPrefix + name.dropFirst("position_embedding.".count)
    }
    let parts = name.split(separator: ".").flatMap { part -> [Substring] in
      switch part {
      case "o_proj": [Substring(attentionOutput)]
      case "mlp": mlpPrefix.isEmpty ? [] : ["mlp"]
      default: [part]
      }
    }
    return prefix + parts.joined(separator: ".")
  }

  /// The original repository's names, for those of transformers 5.
  private static let originalNames: [(transformers: String, original: String)] = [
    ("input_projection.", "input_proj."), ("query_position_embeddings.", "query_embed."),
    ("position_embedding.row_embeddings.", "backbone.1.row_embed."),
    ("position_embedding.column_embeddings.", "backbone.1.col_embed."),
    ("class_labels_classifier.", "class_embed."), ("bbox_predictor.", "bbox_embed."),
    ("decoder.layernorm.", "transformer.decoder.norm."),
  ]

  /// The original names of the parts of a layer.
  private static func originalPart(_ part: String, in stack: String) -> String {
    switch part {
    case "self_attn": "self_attn"
    case "encoder_attn": "multihead_attn"
    case "self_attn_layer_norm": "norm1"
    case "encoder_attn_layer_norm": "norm2"
    case "final_layer_norm": stack == "encoder" ? "norm2" : "norm3"
    default: part
    }
  }

  private func originalRecipe(for name: String, width: Int) -> WeightRecipe {
    for (transformers, original) in Self.originalNames where name.hasPrefix(transformers) {
      return .stored(prefix + original + name.dropFirst(transformers.count))
    }
    // STACK.layers.I.PART.…, with `self_attn.q_proj.weight`, `mlp.fc1.weight` or `weight` at the end.
    let parts = name.split(separator: ".").map(String.init)
    let leaf = parts[parts.count - 1]
    let layer = "\(prefix)transformer.\(parts[0]).layers.\(parts[2])."
    if parts[3] == "mlp" { return .stored(layer + (parts[4] == "fc1" ? "linear1." : "linear2.") + leaf) }
    let part = layer + Self.originalPart(parts[3], in: parts[0])
    guard parts.count == 6 else { return .stored("\(part).\(leaf)") }
    switch parts[4] {
    case "q_proj": return .rows("\(part).in_proj_\(leaf)", 0..<width)
    case "k_proj": return .rows("\(part).in_proj_\(leaf)", width..<(2 * width))
    case "v_proj": return .rows("\(part).in_proj_\(leaf)", (2 * width)..<(3 * width))
    default: return .stored("\(part).out_proj.\(leaf)")
    }
  }
}
