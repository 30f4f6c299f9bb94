import Backbones

/// ResNet: each block is undone by a convolution with batch norm and ReLU that enlarges by the block's stride, the stem by
/// transposed convolutions, as in DETR's backbone.
extension ResNetModel: InvertibleBackbone {
  public func inverseDesign(_ profile: InverseProfile) -> InverseDesign {
    let body = configuration.body
    var names = ["embed"]
    var cuts = [InverseDesign.Cut("embed", depth: 1)]
    // The channels before and after each block, and its stride.
    var blocks: [(from: Int, to: Int, stride: Int)] = []
    var width = body.embeddingSize
    for (stage, depth) in body.depths.enumerated() {
      for block in 0..<depth {
        blocks.append((width, body.hiddenSizes[stage], block == 0 ? body.geometry[stage].stride : 1))
        width = body.hiddenSizes[stage]
        names.append("stage.\(stage).block.\(block)")
        cuts.append(InverseDesign.Cut(names[names.count - 1], depth: names.count))
      }
      cuts.append(InverseDesign.Cut("stage.\(stage)", depth: names.count))
    }
    return InverseDesign(
      cuts: cuts, defaults: ["embed"] + body.depths.indices.map { "stage.\($0)" }, learningRate: { _ in 1e-3 }
    ) { [names, blocks] steps in
      steps.reversed().map { step -> any InverseLayer in
        guard step > 0 else { return StemPixels(width: body.embeddingSize, stageStride: 1, tap: "embed") }
        let block = blocks[step - 1]
        return ConvolutionInverse(
          widths: [block.to, block.from], kernel: 3, stride: block.stride, from: names[step], to: names[step - 1])
      }
    }
  }
}
