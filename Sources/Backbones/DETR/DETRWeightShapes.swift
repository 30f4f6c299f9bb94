import NeuralNet

/// What the shapes of a checkpoint's tensors say of a DETR.
struct DETRWeightShapes {
  let spelling: DETRSpelling
  private let checkpoint: Checkpoint

  init(_ checkpoint: Checkpoint) {
    spelling = DETRSpelling(names: checkpoint.names)
    self.checkpoint = checkpoint
  }

  private var classHead: String {
    spelling.headPrefix + (spelling.isOriginal ? "class_embed." : "class_labels_classifier.")
  }
  private var boxHead: String { spelling.headPrefix + (spelling.isOriginal ? "bbox_embed." : "bbox_predictor.") }
  private var queryName: String {
    spelling.prefix + (spelling.isOriginal ? "query_embed." : "query_position_embeddings.")
  }

  /// Whether any tensor of the class or box head is there.
  var hasHeads: Bool { checkpoint.names.contains { $0.hasPrefix(classHead) || $0.hasPrefix(boxHead) } }

  /// Classes without "no object", or nil where there is no class head.
  var classes: Int? {
    (checkpoint.shape(of: classHead + "weight") ?? checkpoint.shape(of: classHead + "bias"))?.first.map { $0 - 1 }
  }

  var queries: Int? { checkpoint.shape(of: queryName + "weight")?.first }

  /// Widths and depths of a ResNet with timm's names, or nil where the first tensors of its stages are not all there.
  func resNet(expansion: Int) -> (embeddingSize: Int, hiddenSizes: [Int], depths: [Int])? {
    let resNet = spelling.prefix + spelling.backbonePrefix
    guard spelling.hasTimmBackbone, let stem = checkpoint.shape(of: resNet + "conv1.weight")?.first else { return nil }
    var hiddenSizes: [Int] = []
    var depths: [Int] = []
    for stage in 1...4 {
      let prefix = "\(resNet)layer\(stage)."
      guard let inner = checkpoint.shape(of: prefix + "0.conv1.weight")?.first else { return nil }
      let layers = checkpoint.names.filter { $0.hasPrefix(prefix) }.compactMap {
        Int($0.dropFirst(prefix.count).prefix { $0 != "." })
      }
      hiddenSizes.append(inner * expansion)
      depths.append((layers.max() ?? 0) + 1)
    }
    return (stem, hiddenSizes, depths)
  }
}
