import NeuralNet

/// How one DETR checkpoint names its tensors, as the names themselves show.
///
/// The libraries renamed parts independently of each other, so a spelling is a choice for each part.
struct DETRSpelling: Equatable, Sendable {
  /// Before the names of the encoder, the decoder, the projection: `model.`, or nothing for a bare `DetrModel`,
  /// `detr.model.` for `DetrForSegmentation`, or what a training script wrapped around all names.
  var prefix = ""
  /// Before the names of the heads.
  var headPrefix = ""
  /// The original repository's names of the transformer.
  var isOriginal = false
  /// Before the names of the ResNet, after `prefix`.
  var backbonePrefix = "backbone.model."
  /// torchvision's and timm's names of the ResNet's parts: `conv1`, `layer1.0.bn2`, … instead of transformers'.
  var hasTimmBackbone = false
  /// `o_proj` since transformers 5, `out_proj` before.
  var attentionOutput = "o_proj"
  /// `mlp.fc1` since transformers 5, `fc1` before.
  var mlpPrefix = "mlp."
  /// Learned positions lay below the backbone before transformers 5.
  var positionPrefix = "position_embedding."

  private static let backbonePrefixes = [
    "backbone.conv_encoder.model._backbone.", "backbone.conv_encoder.model.", "backbone.model._backbone.",
    "backbone.model.", "backbone.0.body.",
  ]

  init(names: [String]) {
    // Every choice is by most names, so that a stray tensor decides nothing.
    func count(_ test: (String) -> Bool) -> Int { names.count(where: test) }
    func begins(_ name: String, _ starts: [String]) -> Bool { starts.contains(where: name.hasPrefix) }
    let befores = Dictionary(grouping: names.compactMap(Self.beforeBackbone)) { $0 }.mapValues(\.count)
    prefix = befores.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "model."
    let whole = prefix
    isOriginal =
      count { begins($0, [whole + "backbone.0.", whole + "transformer."]) }
      > count { begins($0, [whole + "encoder.", whole + "decoder.", whole + "backbone.conv_encoder."]) }
    headPrefix = !isOriginal && prefix.hasSuffix("model.") ? String(prefix.dropLast("model.".count)) : prefix
    let inBackbone = count { $0.hasPrefix(whole + "backbone.") }
    backbonePrefix =
      Self.backbonePrefixes.first { backbone in 2 * count { $0.hasPrefix(whole + backbone) } > inBackbone }
      ?? (isOriginal ? "backbone.0.body." : "backbone.model.")
    let resNet = prefix + backbonePrefix
    hasTimmBackbone =
      isOriginal
      || count { begins($0, [resNet + "conv1.", resNet + "layer"]) }
        > count { begins($0, [resNet + "embedder.", resNet + "encoder."]) }
    if count({ $0.hasSuffix(".out_proj.weight") }) > count({ $0.hasSuffix(".o_proj.weight") }) {
      attentionOutput = "out_proj"
    }
    let inPart = count { $0.hasSuffix(".mlp.fc1.weight") }
    if count({ $0.hasSuffix(".fc1.weight") }) > 2 * inPart { mlpPrefix = "" }
    if count({ $0.hasPrefix(whole + "backbone.position_embedding.") })
      > count({ $0.hasPrefix(whole + "position_embedding.") })
    {
      positionPrefix = "backbone.position_embedding."
    }
  }

  /// What stands before the first part `backbone` of a name, or nil where there is no such part.
  private static func beforeBackbone(_ name: String) -> String? {
    let parts = name.split(separator: ".")
    guard let index = parts.firstIndex(of: "backbone"), index < parts.count - 1 else { return nil }
    return parts[..<index].map { $0 + "." }.joined()
  }

  /// For messages; one of ``descriptions``.
  var description: String { isOriginal ? Self.descriptions[0] : Self.descriptions[hasTimmBackbone ? 1 : 2] }

  /// What a spelling may be called.
  static let descriptions = [
    "original DETR", "transformers, timm backbone", "transformers, transformers backbone",
  ]

  /// The file's name of a tensor of the ResNet, from transformers' name.
  func backboneName(_ name: String) -> String {
    prefix + backbonePrefix + (hasTimmBackbone ? ResNet.timmName(name) : name)
  }
}
