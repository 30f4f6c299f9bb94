import NeuralNet

/// The spellings of ResNet checkpoints, recognised by the names in the file. The canonical names are those of transformers.
struct ResNetWeights: Sendable {
  enum Spelling: String, CaseIterable {
    /// timm's and torchvision's: `layer1.0.conv1`.
    case timm
    /// `resnet.encoder.stages.0.layers.0.layer.0.convolution`.
    case transformers
  }

  private let names: CheckpointNames
  private let spelling: Spelling
  /// `resnet.` where transformers' names begin so.
  private let base: String

  init(_ checkpoint: Checkpoint) {
    let names = CheckpointNames(checkpoint)
    self.names = names
    spelling = names.best(
      [
        (.timm, { $0.hasPrefix("layer") || $0.hasPrefix("conv1.") || $0.hasPrefix("bn1.") }),
        (.transformers, { $0.hasPrefix("resnet.") || $0.hasPrefix("encoder.") || $0.hasPrefix("embedder.") }),
      ], otherwise: .timm)
    base = names.containsPrefix("resnet.encoder.") ? "resnet." : ""
  }

  /// The rows of the stored classifier, where there is one.
  var classes: Int? { names.shape(of: recipe("classifier.weight").sources[0])?.first }

  var dialect: CheckpointDialect {
    CheckpointDialect(
      name: spelling.rawValue, ignores: { $0.hasSuffix(".num_batches_tracked") },
      recipe: { names.wrapped(recipe($0)) })
  }

  private func recipe(_ name: String) -> WeightRecipe {
    let isHead = name.hasPrefix("classifier.")
    let leaf = name.dropFirst("classifier.".count)
    switch spelling {
    case .timm: return .stored(isHead ? "fc.\(leaf)" : ResNet.timmName(name))
    case .transformers: return .stored(isHead ? "classifier.1.\(leaf)" : base + name)
    }
  }
}

extension ResNet {
  /// timm's and torchvision's name of a tensor, from transformers' name.
  static func timmName(_ name: String) -> String {
    let parts = name.split(separator: ".").map(String.init)
    let leaf = parts[parts.count - 1]
    let isConvolution = parts[parts.count - 2] == "convolution"
    let unit: String
    if parts[0] == "embedder" {
      unit = isConvolution ? "conv1" : "bn1"
    } else {
      // encoder.stages.S.layers.L.layer.J.… or encoder.stages.S.layers.L.shortcut.…
      let layer = "layer\((Int(parts[2]) ?? 0) + 1).\(parts[4])."
      if parts[5] == "shortcut" {
        unit = layer + (isConvolution ? "downsample.0" : "downsample.1")
      } else {
        unit = layer + (isConvolution ? "conv" : "bn") + "\((Int(parts[6]) ?? 0) + 1)"
      }
    }
    return unit + "." + leaf
  }
}
