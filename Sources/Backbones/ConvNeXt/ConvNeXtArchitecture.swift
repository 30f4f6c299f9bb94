import NeuralNet

/// What the names of timm's ConvNeXts fix. Source: the registered functions of timm 1.0.31's `convnext.py`.
package enum ConvNeXtArchitecture {
  /// The depths and the width of the first stage that a name's second word stands for; each stage is twice as wide as the one before.
  private static let sizes: [String: (depths: [Int], width: Int)] = [
    "zepto": ([2, 2, 4, 2], 32), "atto": ([2, 2, 6, 2], 40), "femto": ([2, 2, 6, 2], 48), "pico": ([2, 2, 6, 2], 64),
    "nano": ([2, 2, 8, 2], 80), "tiny": ([3, 3, 9, 3], 96), "small": ([3, 3, 27, 3], 96), "base": ([3, 3, 27, 3], 128),
    "large": ([3, 3, 27, 3], 192), "xlarge": ([3, 3, 27, 3], 256), "xxlarge": ([3, 4, 30, 3], 384),
    "huge": ([3, 3, 27, 3], 352),
  ]

  private typealias Adjustment = @Sendable (inout ConvNeXtConfiguration) -> Void

  /// Names, and in what they differ from a plain ConvNeXt.
  private static let groups: [(names: String, adjust: Adjustment)] = [
    (
      """
      convnext_atto convnext_femto convnext_pico convnext_nano convnext_tiny convnext_small convnext_base convnext_large \
      convnext_xlarge
      """, { _ in }
    ),
    ("convnext_atto_ols convnext_femto_ols convnext_pico_ols", { $0.stem = .tiered }),
    ("convnext_nano_ols", { $0.stem = .overlapping }),
    ("convnext_atto_rms", { $0.norm = .rootMeanSquare }),
    ("convnext_zepto_rms", { $0.norm = .deviation }),
    (
      "convnext_zepto_rms_ols",
      {
        $0.norm = .deviation
        $0.stem = .activated
      }
    ),
    ("convnext_tiny_hnf", { $0.finalNorm = .beforePooling }),
    ("convnext_large_mlp", { $0.classifierWidth = 1536 }),
    ("convnext_xxlarge", { $0.setEpsilon(1e-5) }),
    (
      """
      convnextv2_atto convnextv2_femto convnextv2_pico convnextv2_nano convnextv2_tiny convnextv2_small convnextv2_base \
      convnextv2_large convnextv2_huge
      """,
      {
        $0.hasResponseNorm = true
        $0.hasLayerScale = false
      }
    ),
  ]

  /// The models that timm tests itself with.
  private static let tests: [String: ConvNeXtConfiguration] = {
    var first = ConvNeXtConfiguration(widths: [24, 32, 48, 64], depths: [1, 2, 4, 2])
    first.setEpsilon(1e-5)
    first.activation = .geluTanh
    var second = first
    (second.widths, second.depths) = ([32, 64, 96, 128], [1, 1, 1, 1])
    var third = second
    third.kernels = [7, 5, 5, 3]
    third.activation = .silu
    return ["test_convnext": first, "test_convnext2": second, "test_convnext3": third]
  }()

  /// Every ConvNeXt by name.
  package static let all: [String: ConvNeXtConfiguration] = {
    var table = tests
    for (names, adjust) in groups {
      for name in names.split(separator: " ").map(String.init) {
        let size = name.split(separator: "_")[1]
        guard let (depths, width) = sizes[String(size)] else { preconditionFailure("\(name) has a size of the table") }
        var configuration = ConvNeXtConfiguration(widths: depths.indices.map { width << $0 }, depths: depths)
        adjust(&configuration)
        table[name] = configuration
      }
    }
    return table
  }()
}

extension ConvNeXtConfiguration {
  /// One epsilon for every norm.
  mutating func setEpsilon(_ value: Double) { (epsilon, finalEpsilon) = (value, value) }
}
