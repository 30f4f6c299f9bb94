import NeuralNet

/// Where a `state_dict` of the reference code keeps what an inverse module here calls by another name.
///
/// | here | there | why |
/// |---|---|---|
/// | `layers.0.steps.I.conv`, `….norm` | `up_conv_I+1`, `bn_I+1` | steps are a list here, numbered attributes there |
/// | DETR's convolutions, in order | `up_conv_1`, `_2`, `_2_2`, `_2_3`, `_3` … `_6`, `final_conv` | two were put in between later |
/// | `layers.I` of blocks | `blocks.I` | both in the order they are applied |
/// | the last layer's `norm`, `expansion` of a Swin stage | `upsample.norm`, `upsample.expansion` | a layer here, an attribute there |
/// | rows of `expansion` for the neighbours (0,0), (1,0), (0,1), (1,1) | (0,0), (0,1), (1,0), (1,1) | timm's merging goes down first, the reference's splitting across |
/// | `q_proj`, `k_proj`, `v_proj`, `o_proj` | rows of `in_proj_weight` and `in_proj_bias`, `out_proj` | torch's `MultiheadAttention` |
/// | `self_attn_layer_norm`, `encoder_attn_layer_norm`, `final_layer_norm`, `mlp.fc1` | `norm1`, `norm2`, the last norm, `linear1` | transformers' names here, the original DETR's there |
/// | `layers.0.query_positions`, `layers.0.layers.I` of the decoder | `query_embed.weight`, `layers.I` | one layer here, the module itself there |
struct ReferenceNames {
  private let kind: ReferenceClass
  /// The modules with a `conv`, in order.
  private let convolutions: [String]
  private let shapes: [String: [Int]]
  private let layerCount: Int

  init(_ kind: ReferenceClass, for module: InverseModule) {
    self.kind = kind
    let parameters = module.namedParameters()
    convolutions = parameters.map(\.name).filter { $0.hasSuffix(".conv.weight") }.map {
      String($0.dropLast(".conv.weight".count))
    }
    shapes = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.parameter.shape) })
    layerCount = module.layers.count
  }

  /// What the file holds beside learned values: counts of batches, and what timm computes from the window.
  static func isDerived(_ name: String) -> Bool {
    [".num_batches_tracked", ".relative_position_index", ".attn_mask"].contains { name.hasSuffix($0) }
  }

  /// Where the reference keeps a parameter of the module.
  func recipe(for name: String) -> WeightRecipe {
    switch kind {
    case .inverseViTEncoder: .stored("blocks." + name.dropFirst("layers.".count))
    case .inverseSwinTransformerStage: stage(name)
    case .inverseTransformerEncoder: attention(name, lastNorm: "norm2")
    case .inverseTransformerDecoder: decoder(name)
    case .inverseDetector: .stored(String(name.dropFirst("layers.0.".count)))
    default: convolution(name)
    }
  }

  // MARK: Parts

  private static let enhancedDecoder = ["1", "2", "2_2", "2_3", "3", "4", "5", "6"]

  private func convolution(_ name: String) -> WeightRecipe {
    guard let index = convolutions.firstIndex(where: { name.hasPrefix($0 + ".") }) else { return .stored(name) }
    // `conv.weight`, `norm.running_mean`, …
    let rest = name.dropFirst(convolutions[index].count + 1).split(separator: ".").map(String.init)
    let leaf = rest[rest.count - 1]
    let isDecoder = !(kind == .enhancedVitBackbone || kind == .swinBackbone)
    if isDecoder, index == convolutions.count - 1 { return .stored("final_conv.\(leaf)") }
    var number = "\(index + 1)"
    if kind == .enhancedBatchNormalizedConvolutionalDecoder, index < Self.enhancedDecoder.count {
      number = Self.enhancedDecoder[index]
    }
    return .stored("\(rest[0] == "conv" ? "up_conv" : "bn")_\(number).\(leaf)")
  }

  private func stage(_ name: String) -> WeightRecipe {
    let last = "layers.\(layerCount - 1)."
    guard name.hasPrefix(last), shapes[last + "expansion.weight"] != nil else {
      return .stored("blocks." + name.dropFirst("layers.".count))
    }
    let part = "upsample." + name.dropFirst(last.count)
    guard name == last + "expansion.weight", let rows = shapes[name]?.first else { return .stored(part) }
    let width = rows / 4
    return .reordered(part, [0, 2, 1, 3].map { ($0 * width)..<(($0 + 1) * width) })
  }

  private func decoder(_ name: String) -> WeightRecipe {
    let inner = String(name.dropFirst("layers.0.".count))
    guard inner != "query_positions" else { return .stored("query_embed.weight") }
    return attention(inner, shape: shapes[name], lastNorm: "norm3")
  }

  /// `layers.I.PART.…` of a layer with attention.
  private func attention(_ name: String, shape: [Int]? = nil, lastNorm: String) -> WeightRecipe {
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count >= 4 else { return .stored(name) }
    let (layer, leaf) = ("layers.\(parts[1]).", parts[parts.count - 1])
    switch parts[2] {
    case "mlp": return .stored("\(layer)\(parts[3] == "fc1" ? "linear1" : "linear2").\(leaf)")
    case "self_attn_layer_norm": return .stored("\(layer)norm1.\(leaf)")
    case "encoder_attn_layer_norm": return .stored("\(layer)norm2.\(leaf)")
    case "final_layer_norm": return .stored("\(layer)\(lastNorm).\(leaf)")
    default: break
    }
    let place = layer + (parts[2] == "encoder_attn" ? "multihead_attn" : parts[2])
    guard let third = ["q_proj", "k_proj", "v_proj"].firstIndex(of: parts[3]),
      let width = (shape ?? shapes[name])?.first
    else { return .stored("\(place).out_proj.\(leaf)") }
    return .rows("\(place).in_proj_\(leaf)", (third * width)..<((third + 1) * width))
  }
}
