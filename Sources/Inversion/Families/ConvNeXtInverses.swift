import Backbones
import NeuralNet
import Torch

/// A block of a ConvNeXt, undone by a block of the same shape.
final class ConvNeXtBlockInverse: InverseLayer {
  private let block: ConvNeXtBlock
  private let tap: String

  init(_ configuration: ConvNeXtConfiguration, stage: Int) {
    block = ConvNeXtBlock(configuration, stage: stage)
    tap = "stage.\(stage)"
  }

  var contents: [ModuleEntry] { block.contents }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let grid = context.grid(of: tap)
    return try block(input.reshaped(input.extent(0), grid.height, grid.width, input.extent(2))).reshaped(input.shape)
  }
}

/// One position becomes those that a stage's downsampling made it of: a layer norm and a transposed convolution.
final class UpsamplingInverse: InverseLayer {
  private let norm: LayerNorm
  private let convolution: TransposedConvolution
  private let tap: String
  private let target: String

  init(_ inputs: Int, _ outputs: Int, stride: Int, epsilon: Double, from tap: String, to target: String) {
    norm = LayerNorm(inputs, epsilon: epsilon)
    convolution = TransposedConvolution(inputs, outputs, kernel: [stride, stride], stride: [stride, stride])
    self.tap = tap
    self.target = target
  }

  var contents: [ModuleEntry] { [.child("norm", norm), .child("convolution", convolution)] }

  /// `[B, h · w, C]` to `[B, H · W, C']` on the grid of `target`.
  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    try convolution(norm(input).map(context.grid(of: tap)), size: context.grid(of: target).shape).tokens()
  }
}

/// ConvNeXt: each block is undone by a block, downsampling by a transposed convolution, the stem as Swin's patches or as a ResNet's stem.
extension ConvNeXt: InvertibleBackbone {
  public func inverseDesign(_ profile: InverseProfile) -> InverseDesign {
    let configuration = configuration
    var shape = configuration
    // Layer scale tames deep training and adds nothing to what a block can express.
    shape.hasLayerScale = false
    var blocks: [(stage: Int, block: Int)] = []
    var cuts = [InverseDesign.Cut("embed", depth: 1)]
    for (stage, depth) in configuration.depths.enumerated() {
      for block in 0..<depth {
        blocks.append((stage, block))
        cuts.append(InverseDesign.Cut("stage.\(stage).block.\(block)", depth: blocks.count + 1))
      }
      cuts.append(InverseDesign.Cut("stage.\(stage)", depth: blocks.count + 1))
    }
    return InverseDesign(
      cuts: cuts, defaults: ["embed"] + configuration.depths.indices.map { "stage.\($0)" },
      learningRate: { $0 == "embed" ? 1e-3 : 1e-4 }
    ) { [blocks] steps in
      steps.reversed().flatMap { step -> [any InverseLayer] in
        guard step > 0 else { return [configuration.stemInverse] }
        let (stage, block) = blocks[step - 1]
        let inverse = ConvNeXtBlockInverse(shape, stage: stage)
        // The forward step of a stage's first block begins with the downsampling.
        guard block == 0, let stride = configuration.downsamplingStride(ofStage: stage) else { return [inverse] }
        let widths = configuration.widths
        return [
          inverse,
          UpsamplingInverse(
            widths[stage], widths[max(0, stage - 1)], stride: stride, epsilon: configuration.epsilon,
            from: "stage.\(stage)", to: stage == 0 ? "embed" : "stage.\(stage - 1)"),
        ]
      }
    }
  }
}

extension ConvNeXtConfiguration {
  fileprivate var stemInverse: any InverseLayer {
    stem == .patches
      ? PatchPixels(width: widths[0], patch: patchSize, normalizesLast: false, tap: "embed")
      : StemPixels(width: widths[0], stageStride: 1, tap: "embed")
  }
}
