import Backbones
import NeuralNet
import Torch

/// A block of a vision transformer, undone by a block of the same shape, with the same rotary positions where it has them.
final class BlockInverse: InverseLayer {
  private let block: ViTBlock
  private let configuration: ViTConfiguration

  init(_ configuration: ViTConfiguration) {
    block = ViTBlock(configuration)
    self.configuration = configuration
  }

  var contents: [ModuleEntry] { block.contents }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    try block(input, turnedBy: configuration.rotation(grid: context.grid(of: "embed"), device: input.device))
  }
}

/// ViT and DeiT: each block is undone by a block, the embedding by transposed convolutions.
extension VisionTransformer: InvertibleBackbone {
  public func inverseDesign(_ profile: InverseProfile) -> InverseDesign {
    let configuration = configuration
    var block = configuration
    // Layer scale tames deep training and adds nothing to what a block can express.
    block.hasLayerScale = false
    if profile == .paper { block = configuration.paperBlocks }
    let names = ["embed"] + (0..<configuration.depth).map { "block.\($0)" }
    return InverseDesign(
      cuts: names.enumerated().map { InverseDesign.Cut($0.element, depth: $0.offset + 1) },
      defaults: ["embed", names[names.count - 1]], learningRate: { $0 == "embed" ? 1e-3 : 1e-4 }
    ) { steps in
      steps.reversed().map { step -> any InverseLayer in
        guard step == 0 else { return BlockInverse(block) }
        return PatchPixels(
          width: configuration.embeddingDimension, patch: configuration.patchSize, normalizesLast: false, tap: "embed")
      }
    }
  }

  /// Nil where a norm follows the embedding, as in CLIP: what it took away cannot be told from the token.
  public var linearEmbedding: LinearEmbedding? {
    guard !configuration.hasNormBeforeBlocks else { return nil }
    guard
      let weight = namedParameters().first(where: { $0.name == "patch_embed.proj.weight" })?.parameter
    else { preconditionFailure("every ViT has a patch embedding") }
    return LinearEmbedding(tap: "embed", patch: configuration.patchSize, weight: weight)
  }
}

extension ViTConfiguration {
  /// What the reference code fixes in the layers of InverseViTEncoder, by its default arguments, whatever the frozen model
  /// has: timm's block with the norms of `nn.LayerNorm`'s own epsilon and no bias in query, key and value. Heads and the
  /// width of the MLP are the model's.
  fileprivate var paperBlocks: ViTConfiguration {
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

extension VisionTransformer: ReferenceInvertible {
  var referenceClasses: Set<ReferenceClass> {
    [.enhancedVitBackbone, .inverseViTEncoder, .inverseViTBackbone, .enhancedInverseVitBackbonePos]
  }

  func referenceCut(of state: ReferenceState, _ design: InverseDesign) throws -> String {
    guard state.depth == configuration.depth else {
      throw state.refusal("\(state.depth) blocks of the \(configuration.depth) that the model has")
    }
    return design.defaults[1]
  }
}
