import Formats
import NeuralNet

/// What the name of a timm architecture fixes. Source: the registered functions of timm 1.0.31's
/// `vision_transformer.py` and `deit.py`.
package struct ViTArchitecture: Sendable {
  package var configuration: ViTConfiguration
  /// Width of the MLP as a multiple of the width; kept because an override of the width keeps the multiple.
  var ratio: Double
  /// Whether it is of timm's class `Eva`, whose arguments and tensors have names of their own.
  var isEva = false

  /// The shape that a name's second word stands for: width, depth, heads, ratio.
  private static let shapes: [String: (width: Int, depth: Int, heads: Int, ratio: Double)] = [
    "tiny": (192, 12, 3, 4), "small": (384, 12, 6, 4), "base": (768, 12, 12, 4), "large": (1024, 24, 16, 4),
    "huge": (1280, 32, 16, 4), "giant": (1408, 40, 16, 48.0 / 11), "gigantic": (1664, 48, 16, 64.0 / 13),
    "giantopt": (1536, 40, 16, 4), "so400m": (1152, 27, 16, 3.7362), "medium": (512, 12, 8, 4),
    "mediumd": (512, 20, 8, 4), "betwixt": (640, 12, 10, 4), "xsmall": (256, 10, 4, 4), "wee": (256, 14, 4, 5),
    "little": (320, 14, 5, 5.6), "so150m": (896, 18, 14, 2.572), "so150m2": (832, 21, 13, 2.6153846153846154),
  ]

  /// `vit_base_patch16_224` by its parts: the shape, the patch, and the input size where the name ends with one.
  init(named name: String, family: String) {
    let words = name.dropFirst(family.count + 1).split(separator: "_")
    configuration = ViTConfiguration()
    let shape = words.first.flatMap { ViTArchitecture.shapes[String($0)] } ?? (768, 12, 12, 4)
    ratio = shape.ratio
    configuration.setShape(width: shape.width, depth: shape.depth, heads: shape.heads, ratio: ratio)
    if let patch = words.first(where: { $0.hasPrefix("patch") }).flatMap({ Int($0.dropFirst(5)) }) {
      configuration.patchSize = ImageSize(side: patch)
    }
    configuration.inputSize = ImageSize(side: words.last.flatMap { Int($0) } ?? 224)
  }

  /// Every ViT by name.
  package static let vits: [String: ViTArchitecture] = {
    var table: [String: ViTArchitecture] = [:]
    for (names, adjust) in groups {
      for name in names.split(separator: " ").map({ "vit_" + $0 }) {
        var architecture = ViTArchitecture(named: name, family: "vit")
        adjust(&architecture, name)
        table[name] = architecture
      }
    }
    for shape in ["small", "base", "large"] {
      var architecture = ViTArchitecture(named: "vit_\(shape)_patch16_240", family: "vit")
      architecture.configuration.positions = .patches
      table["flexivit_\(shape)"] = architecture
    }
    for side in [196, 336] {
      var architecture = ViTArchitecture(named: "vit_large_patch14_\(side)", family: "vit")
      architecture.configuration.pooling = .average
      architecture.configuration.finalNorm = .afterPooling
      table["eva_large_patch14_\(side)"] = architecture
    }
    table.merge(evas) { first, _ in first }
    // The models that timm tests itself with.
    var test = ViTArchitecture(named: "vit_test_patch16_160", family: "vit")
    test.ratio = 3
    test.configuration.setShape(width: 64, depth: 6, heads: 2, ratio: 3)
    table["test_vit"] = test
    test.configuration.setShape(width: 64, depth: 8, heads: 2, ratio: 3)
    test.averages()
    test.registers(1, positions: .allTokens)
    test.configuration.finalNorm = .afterPooling
    test.configuration.hasLayerScale = true
    table["test_vit2"] = test
    return table
  }()

  private typealias Adjustment = @Sendable (inout ViTArchitecture, _ name: String) -> Void

  /// Names without `vit_`, and in what they differ from a plain ViT.
  private static let groups: [(names: String, adjust: Adjustment)] = [
    (
      """
      tiny_patch16_224 tiny_patch16_384 small_patch32_224 small_patch32_384 small_patch16_224 small_patch16_384 \
      small_patch8_224 base_patch32_224 base_patch32_384 base_patch16_224 base_patch16_384 base_patch8_224 \
      large_patch32_224 large_patch32_384 large_patch16_224 large_patch16_384 large_patch14_224 huge_patch14_224 \
      giant_patch14_224 gigantic_patch14_224
      """, { _, _ in }
    ),
    ("base_patch16_224_miil", { architecture, _ in architecture.configuration.hasQueryKeyValueBias = false }),
    (
      "base_patch32_plus_256 base_patch16_plus_240",
      { architecture, _ in
        architecture.configuration.setShape(width: 896, depth: 12, heads: 14, ratio: 4)
        architecture.configuration.hasLayerScale = true
      }
    ),
    (
      "small_patch16_36x1_224",
      { architecture, _ in
        architecture.configuration.depth = 36
        architecture.configuration.hasLayerScale = true
      }
    ),
    (
      """
      base_patch16_gap_224 huge_patch14_gap_224 huge_patch16_gap_448 giant_patch16_gap_224 \
      base_patch16_siglip_gap_224 base_patch16_siglip_gap_256 base_patch16_siglip_gap_384 base_patch16_siglip_gap_512 \
      large_patch16_siglip_gap_256 large_patch16_siglip_gap_384 so400m_patch14_siglip_gap_224 \
      so400m_patch14_siglip_gap_378 so400m_patch14_siglip_gap_384 so400m_patch14_siglip_gap_448 \
      so400m_patch14_siglip_gap_896
      """,
      { architecture, name in
        architecture.averages()
        if name.contains("base_patch16_gap") {
          architecture.configuration.setShape(width: 768, depth: 12, heads: 16, ratio: 4)
        }
      }
    ),
    (
      """
      base_patch32_siglip_gap_256 large_patch16_siglip_gap_512 so400m_patch16_siglip_gap_256 \
      so400m_patch16_siglip_gap_384 so400m_patch16_siglip_gap_512 giantopt_patch16_siglip_gap_256 \
      giantopt_patch16_siglip_gap_384
      """,
      { architecture, _ in
        architecture.averages()
        architecture.configuration.activation = .geluTanh
      }
    ),
    (
      """
      base_patch16_siglip_224 base_patch16_siglip_256 base_patch16_siglip_384 base_patch16_siglip_512 \
      large_patch16_siglip_256 large_patch16_siglip_384 so400m_patch14_siglip_224 so400m_patch14_siglip_378 \
      so400m_patch14_siglip_384 so150m_patch16_reg4_map_256
      """,
      { architecture, name in
        architecture.attends()
        if name.contains("reg4") { architecture.registers(4, positions: .allTokens) }
      }
    ),
    (
      """
      base_patch32_siglip_256 large_patch16_siglip_512 so400m_patch16_siglip_256 so400m_patch16_siglip_384 \
      so400m_patch16_siglip_512 giantopt_patch16_siglip_256 giantopt_patch16_siglip_384
      """,
      { architecture, _ in
        architecture.attends()
        architecture.configuration.activation = .geluTanh
      }
    ),
    (
      "medium_patch16_gap_240 medium_patch16_gap_256 medium_patch16_gap_384 betwixt_patch16_gap_256",
      { architecture, _ in
        architecture.averages()
        architecture.configuration.hasQueryKeyValueBias = false
        architecture.configuration.hasLayerScale = true
      }
    ),
    (
      """
      xsmall_patch16_clip_224 medium_patch32_clip_224 medium_patch16_clip_224 betwixt_patch32_clip_224 \
      base_patch32_clip_224 base_patch32_clip_256 base_patch32_clip_384 base_patch32_clip_448 base_patch16_clip_224 \
      base_patch16_clip_384 base_patch16_plus_clip_240 large_patch14_clip_224 large_patch14_clip_336 \
      huge_patch14_clip_224 huge_patch14_clip_336 huge_patch14_clip_378 giant_patch14_clip_224 \
      gigantic_patch14_clip_224 gigantic_patch14_clip_378 base_patch32_clip_quickgelu_224 \
      base_patch16_clip_quickgelu_224 large_patch14_clip_quickgelu_224 large_patch14_clip_quickgelu_336 \
      huge_patch14_clip_quickgelu_224 huge_patch14_clip_quickgelu_378 gigantic_patch14_clip_quickgelu_224
      """,
      { architecture, name in
        if name.contains("plus") {
          architecture.configuration.setShape(width: 896, depth: 12, heads: 14, ratio: 4)
        }
        architecture.configuration.hasNormBeforeBlocks = true
        architecture.configuration.epsilon = 1e-5
        if name.contains("quickgelu") { architecture.configuration.activation = .quickGelu }
      }
    ),
    (
      """
      small_patch14_dinov2 base_patch14_dinov2 large_patch14_dinov2 small_patch14_reg4_dinov2 base_patch14_reg4_dinov2 \
      large_patch14_reg4_dinov2
      """,
      { architecture, name in
        architecture.configuration.inputSize = ImageSize(side: 518)
        architecture.configuration.hasLayerScale = true
        if name.contains("reg4") { architecture.registers(4, positions: .patches) }
      }
    ),
    (
      "giant_patch14_dinov2 giant_patch14_reg4_dinov2 giant_patch14_reg1_tipsv2",
      { architecture, name in
        architecture.configuration.inputSize = ImageSize(side: name.contains("tipsv2") ? 448 : 518)
        architecture.configuration.hasLayerScale = true
        architecture.configuration.hasGatedMLP = true
        architecture.configuration.activation = .silu
        architecture.ratio = 2.66667 * 2
        architecture.configuration.setShape(width: 1536, depth: 40, heads: 24, ratio: architecture.ratio)
        if name.contains("reg") { architecture.registers(name.contains("reg4") ? 4 : 1, positions: .patches) }
      }
    ),
    (
      "base_patch14_reg1_tipsv2 large_patch14_reg1_tipsv2 so400m_patch14_reg1_tipsv2",
      { architecture, _ in
        architecture.configuration.inputSize = ImageSize(side: 448)
        architecture.configuration.hasLayerScale = true
        architecture.registers(1, positions: .patches)
      }
    ),
    (
      """
      wee_patch16_reg1_gap_256 little_patch16_reg1_gap_256 little_patch16_reg4_gap_256 medium_patch16_reg1_gap_256 \
      medium_patch16_reg4_gap_256 mediumd_patch16_reg4_gap_256 mediumd_patch16_reg4_gap_384 \
      betwixt_patch16_reg1_gap_256 betwixt_patch16_reg4_gap_256 betwixt_patch16_reg4_gap_384 base_patch16_reg4_gap_256 \
      so150m2_patch16_reg1_gap_256 so150m2_patch16_reg1_gap_384 so150m2_patch16_reg1_gap_448 \
      so150m_patch16_reg4_gap_256 so150m_patch16_reg4_gap_384
      """,
      { architecture, name in
        architecture.averages()
        let so150m = name.contains("so150m")
        architecture.registers(name.contains("reg1") ? 1 : 4, positions: so150m ? .allTokens : .patches)
        architecture.configuration.hasLayerScale = !name.contains("base") && !name.contains("so150m_")
        architecture.configuration.hasQueryKeyValueBias = !name.contains("so150m2")
        architecture.configuration.finalNorm = name.contains("so150m_") ? .beforePooling : .afterPooling
      }
    ),
    (
      """
      intern300m_patch14_448 base_patch16_radio_v3 large_patch16_radio_v3 huge_patch16_radio_v3 giant_patch16_radio_v3 \
      huge_patch16_radio_v4 so400m_patch16_radio_v4
      """,
      { architecture, name in
        architecture.configuration.finalNorm = .absent
        guard name.contains("radio") else {
          architecture.configuration.setShape(width: 1024, depth: 24, heads: 16, ratio: 4)
          architecture.configuration.hasLayerScale = true
          return
        }
        if name.contains("giant") {
          architecture.ratio = 4
          architecture.configuration.setShape(width: 1536, depth: 40, heads: 24, ratio: 4)
        } else if name.contains("so400m") {
          architecture.ratio = 4304 / 1152
          architecture.configuration.setShape(width: 1152, depth: 27, heads: 16, ratio: architecture.ratio)
        }
        architecture.configuration.inputSize = ImageSize(side: 512)
        architecture.configuration.hasLayerScale = name.contains("base") || name.contains("large")
        architecture.registers(name.contains("v4") ? 9 : 7, positions: .patches)
      }
    ),
  ]

  /// Without class token, with the mean of the patches normalised before it is taken.
  private mutating func averages() {
    configuration.hasClassToken = false
    configuration.pooling = .average
    configuration.finalNorm = .beforePooling
  }

  /// Without class token, with attention pooling.
  private mutating func attends() {
    configuration.hasClassToken = false
    configuration.pooling = .attention
  }

  private mutating func registers(_ count: Int, positions: ViTConfiguration.Positions) {
    configuration.registerTokens = count
    configuration.positions = positions
  }
}
