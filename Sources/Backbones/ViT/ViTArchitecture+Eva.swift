import Formats

/// The names of timm's class `Eva` whose network is a plain vision transformer, most with rotary positions: DINOv3, LingBot, EVA,
/// and the small ones of EVA-02.
/// Source: the registered functions of timm 1.0.31's `eva.py`.
extension ViTArchitecture {
  static let evas: [String: ViTArchitecture] = {
    var table: [String: ViTArchitecture] = [:]
    for name in [
      "vit_small_patch16_dinov3", "vit_small_plus_patch16_dinov3", "vit_base_patch16_dinov3",
      "vit_large_patch16_dinov3",
      "vit_huge_plus_patch16_dinov3",
    ] {
      table[name] = ViTArchitecture(dinov3: name)
      table[name + "_qkvb"] = ViTArchitecture(dinov3: name + "_qkvb")
    }
    for name in ["vit_tiny_patch16_dinov3_qkvb", "vit_7b_patch16_dinov3"] {
      table[name] = ViTArchitecture(dinov3: name)
    }
    // LingBot: networks of DINOv3 that classify by their class token.
    for size in ["small", "base", "large", "giant"] {
      let isGiant = size == "giant"
      var eva = ViTArchitecture(dinov3: isGiant ? "vit_large_patch16_dinov3" : "vit_\(size)_patch16_dinov3_qkvb")
      if isGiant {
        eva.gates(ratio: 4096 / 1536)
        eva.configuration.setShape(width: 1536, depth: 40, heads: 24, ratio: eva.ratio)
      }
      eva.configuration.inputSize = ImageSize(side: 512)
      eva.configuration.pooling = .classToken
      table["vit_\(size)_patch16_lingbot"] = eva
    }
    for name in [
      "vit_medium_patch16_rope_reg1_gap_256", "vit_mediumd_patch16_rope_reg1_gap_256",
      "vit_betwixt_patch16_rope_reg4_gap_256",
      "vit_base_patch16_rope_reg1_gap_256",
    ] {
      var eva = ViTArchitecture(named: name, family: "vit")
      eva.isEva = true
      eva.configuration.hasClassToken = false
      eva.configuration.registerTokens = name.contains("reg4") ? 4 : 1
      eva.configuration.hasQueryKeyValueBias = !name.contains("mediumd")
      eva.configuration.hasLayerScale = true
      eva.configuration.positions = .absent
      eva.configuration.rotary = RotaryPositions(.counted, temperature: 10_000)
      eva.averages(finalNorm: .afterPooling)
      table[name] = eva
    }
    for name in ["giant_patch14_224", "giant_patch14_336", "giant_patch14_560", "giant_patch14_clip_224"] {
      var eva = ViTArchitecture(named: "vit_\(name)", family: "vit")
      eva.isEva = true
      eva.ratio = 6144 / 1408
      eva.configuration.setShape(width: 1408, depth: 40, heads: 16, ratio: eva.ratio)
      if !name.contains("clip") { eva.averages(finalNorm: .afterPooling) }
      table["eva_\(name)"] = eva
    }
    for (size, width, heads) in [("tiny", 192, 3), ("small", 384, 6)] {
      for side in [224, 336] {
        var eva = ViTArchitecture(named: "vit_\(size)_patch14_\(side)", family: "vit")
        eva.isEva = true
        eva.gates(ratio: 4 * 2.0 / 3)
        eva.configuration.setShape(width: width, depth: 12, heads: heads, ratio: eva.ratio)
        eva.configuration.rotary = RotaryPositions(.counted, temperature: 10_000)
        eva.averages(finalNorm: .afterPooling)
        table["eva02_\(size)_patch14_\(side)"] = eva
      }
    }
    return table
  }()

  /// A DINOv3 by its name; those with `qkvb` have biases of queries and values.
  private init(dinov3 name: String) {
    self.init(named: name, family: "vit")
    isEva = true
    let isLargest = name.hasPrefix("vit_7b_")
    if name.contains("_plus_") || isLargest { gates(ratio: isLargest ? 2 : 4) }
    let (width, heads) =
      isLargest ? (4096, 32) : (configuration.embeddingDimension, name.contains("huge") ? 20 : configuration.heads)
    configuration.setShape(width: width, depth: isLargest ? 40 : configuration.depth, heads: heads, ratio: ratio)
    configuration.inputSize = ImageSize(side: 256)
    configuration.hasQueryKeyValueBias = name.hasSuffix("_qkvb")
    configuration.hasLayerScale = true
    configuration.epsilon = 1e-5
    configuration.registerTokens = 4
    configuration.positions = .absent
    configuration.rotary = RotaryPositions(.centred, temperature: 100)
    averages(finalNorm: .beforePooling)
  }

  /// A gated MLP, each half of which is `ratio` times as wide as the tokens.
  private mutating func gates(ratio half: Double) {
    configuration.hasGatedMLP = true
    configuration.activation = .silu
    ratio = 2 * half
  }

  /// The mean of the patches for the classifier, whatever tokens stand before them.
  private mutating func averages(finalNorm: ViTConfiguration.FinalNorm) {
    configuration.pooling = .average
    configuration.finalNorm = finalNorm
  }
}
