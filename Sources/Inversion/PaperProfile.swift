import Backbones

// What the reference code fixes in the layers of its inverses, whatever the frozen model has. Source: inverse-tvm's
// InverseViTEncoder, InverseSwinTransformerStage, InverseTransformerEncoder and InverseTransformerDecoder with their
// default arguments.

extension ViTConfiguration {
  /// timm's block with the norms of `nn.LayerNorm`'s own epsilon and no bias in query, key and value; heads and the
  /// width of the MLP are the model's.
  var paperBlocks: ViTConfiguration {
    var block = self
    block.headDimension = embeddingDimension / heads
    block.activation = .gelu
    block.epsilon = 1e-5
    block.hasQueryKeyValueBias = false
    block.hasProjectionBias = true
    block.normalizesQueriesAndKeys = false
    block.hasLayerScale = false
    return block
  }
}

extension SwinConfiguration {
  /// timm's block with a bias in query, key and value; heads, the width of the MLP and windows are the model's.
  var paperBlocks: SwinConfiguration {
    var blocks = self
    blocks.hasQueryKeyValueBias = true
    blocks.activation = .gelu
    blocks.epsilon = 1e-5
    blocks.stemEpsilon = 1e-5
    for index in stages.indices {
      blocks.stages[index].headDimension = stages[index].width / stages[index].heads
    }
    return blocks
  }
}

extension DETRConfiguration {
  /// Layers of the original DETR, with ReLU; heads and inner widths are the model's.
  var paperLayers: DETRConfiguration {
    var layers = self
    layers.activation = .relu
    return layers
  }
}
