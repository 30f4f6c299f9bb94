/// Models that a name leads one to expect, and what they have that is not computed here: why they are refused.
enum UnbuiltArchitectures {
  /// Parts of timm's names, the first that fits counts. Source: the registered functions of timm 1.0.31.
  private static let timm: [(parts: [String], what: String)] = [
    (["vitamin"], "it has convolutional stages before its blocks"),
    (
      ["_r26_", "_r50_", "_r_s16_", "_resnet26d", "_resnet50d", "vit_base_mci"],
      "it has a convolutional network before its blocks"
    ),
    (["relpos"], "its positions are biases between patches"),
    (["_rope_", "_sapiens2", "vit_pe_"], "its rotary positions are of a kind that is not known"),
    (["eva02_enormous"], "its norms come after attention and MLP"),
    (["eva02"], "it has norms inside its MLPs and attentions"),
    (["_dwee", "_dlittle", "_dpwee"], "its attention is differential"),
    (["_xp_", "_pwee"], "its attention and its MLP stand side by side"),
    (["18x2"], "two of its attentions stand side by side"),
    (["_rpn_"], "its norms come after attention and MLP"),
    (["test_vit3"], "its pooling by attention takes registers in"),
    (["test_vit4"], "its norms are by the mean square"),
    (["swinv2_cr"], "its attention is by cosine, and a network computes its positions"),
    (["swinv2"], "its attention is by cosine, and a network computes its positions"),
    (["resnetv2"], "its norms come before its convolutions"),
    (["resnet50x", "resnet50_clip", "resnet101_clip"], "it has CLIP's stem and blurs where it strides"),
    (["resnetrs"], "it has squeeze and excitation"),
    (["resnetblur", "resnetaa"], "it blurs where it strides"),
    (["resnet50_gn"], "its norms are of groups"),
    (["resnet32ts", "resnet33ts", "resnet51q", "resnet61q", "resnet50_mlp"], "its blocks are not those of a ResNet"),
    (
      [
        "10t_", "14t_", "26t_", "50t_", "18d_", "26d_", "34d_", "50d_", "101d_", "152d_", "200d_", "50c_", "101c_",
        "152c_",
      ]
      .map { "resnet" + $0 } + ["resnet50s_", "resnet101s_", "resnet152s_", "test_resnet"],
      "its stem is of three convolutions"
    ),
  ]

  /// Values of `model_type` of transformers.
  private static let transformers: [String: String] = [
    "beit": "its positions are biases between patches", "data2vec-vision": "its positions are biases between patches",
    "swinv2": "its attention is by cosine, and a network computes its positions",
    "dinov3_vit": "its image processor resizes without rounding to 8 bits; timm's vit_…_dinov3 is read",
    "dinov3_convnext":
      "its image processor resizes without rounding to 8 bits; timm's convnext_….dinov3_lvd1689m is read",
    "siglip2": "its inputs are lists of patches of pictures of any shape",
    "siglip2_vision_model": "its inputs are lists of patches of pictures of any shape",
    "deformable_detr": "its attention samples at learned places", "rt_detr": "its attention samples at learned places",
    "conditional_detr": "its queries are conditional",
  ]

  /// `: its positions are rotary` for a name of timm, with or without the tag of its weights; empty where nothing is known of it.
  static func reason(architecture: String) -> String {
    let name = "\(architecture.prefix { $0 != "." })_"
    let found = timm.first { $0.parts.contains { name.contains($0) } }
    return found.map { ": \($0.what)" } ?? ""
  }

  /// The same for a `model_type`.
  static func reason(modelType: String) -> String { transformers[modelType].map { ": \($0)" } ?? "" }
}
