import Backbones
import Formats
import NeuralNet
import Torch

/// The windows of a Swin transformer by stage, made once for an input size.
final class WindowLayouts {
  private let configuration: SwinConfiguration
  /// The layouts of the input size that came last.
  private var layouts: (patches: ImageSize, device: Device, stages: [[WindowLayout]])?

  init(_ configuration: SwinConfiguration) { self.configuration = configuration }

  /// The layout of a block with plain or shifted windows.
  func layout(stage: Int, shifted: Bool, context: InverseContext, device: Device) throws -> WindowLayout {
    let patches = configuration.grid(of: context.size)
    if let layouts, layouts.patches == patches, layouts.device == device {
      return layouts.stages[stage][shifted ? 1 : 0]
    }
    let stages = try configuration.stages.indices.map { index in
      let geometry = configuration.windows(ofStage: index, patches: patches)
      return try [false, true].map { try WindowLayout(geometry, shifted: $0, device: device) }
    }
    layouts = (patches, device, stages)
    return stages[stage][shifted ? 1 : 0]
  }
}

/// A block of a Swin transformer, undone by a block with the same windows and the same shift.
final class SwinBlockInverse: InverseLayer {
  private let block: SwinBlock
  private let stage: Int
  private let isShifted: Bool
  private let layouts: WindowLayouts

  init(_ configuration: SwinConfiguration, stage: Int, position: Int, layouts: WindowLayouts) {
    block = SwinBlock(configuration, stage: stage)
    self.stage = stage
    isShifted = position % 2 == 1
    self.layouts = layouts
  }

  var contents: [ModuleEntry] { block.contents }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    try block(
      input, layout: layouts.layout(stage: stage, shifted: isShifted, context: context, device: input.device))
  }
}

/// One token becomes four neighbours: what undoes Swin's merging.
final class PatchSplitting: InverseLayer {
  private let norm: LayerNorm
  private let expansion: Linear
  private let stage: Int

  /// - Parameter stage: the one whose merging is undone.
  init(_ inputs: Int, _ outputs: Int, stage: Int, epsilon: Double) {
    norm = LayerNorm(inputs, epsilon: epsilon)
    expansion = Linear(inputs, 4 * outputs, bias: false)
    self.stage = stage
  }

  var contents: [ModuleEntry] { [.child("norm", norm), .child("expansion", expansion)] }

  /// `[B, h · w, C]` to `[B, H · W, C']` on the grid of the stage before; what its merging had padded is dropped.
  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let (grid, target) = (context.grid(of: "stage.\(stage)"), context.grid(of: "stage.\(stage - 1)"))
    let expanded = try expansion(norm(input))
    let (batch, channels) = (expanded.extent(0), expanded.extent(2) / 4)
    // Neighbours in the merging's order (row, column) = (0, 0), (1, 0), (0, 1), (1, 1).
    var map = try expanded.reshaped(batch, grid.height, grid.width, 2, 2, channels).permuted(0, 1, 4, 2, 3, 5)
      .reshaped(batch, 2 * grid.height, 2 * grid.width, channels)
    if map.extent(1) != target.height { map = try map.slice(1, 0..<target.height) }
    if map.extent(2) != target.width { map = try map.slice(2, 0..<target.width) }
    return try map.reshaped(batch, target.area, channels)
  }
}

/// Swin: each block is undone by a block with the same windows, merging by splitting, the embedding by transposed
/// convolutions.
extension SwinTransformer: InvertibleBackbone {
  public func inverseDesign(_ profile: InverseProfile) -> InverseDesign {
    let configuration = configuration
    let stages = configuration.stages
    var blocks: [(stage: Int, block: Int)] = []
    var cuts = [InverseDesign.Cut("embed", depth: 1)]
    for (index, stage) in stages.enumerated() {
      for block in 0..<stage.depth {
        blocks.append((index, block))
        cuts.append(InverseDesign.Cut("stage.\(index).block.\(block)", depth: blocks.count + 1))
      }
      cuts.append(InverseDesign.Cut("stage.\(index)", depth: blocks.count + 1))
    }
    let layouts = WindowLayouts(configuration)
    let shape = profile == .paper ? configuration.paperBlocks : configuration
    return InverseDesign(
      cuts: cuts, defaults: ["embed"] + stages.indices.map { "stage.\($0)" }, learningRate: { _ in 1e-4 }
    ) { [blocks] steps in
      steps.reversed().flatMap { step -> [any InverseLayer] in
        guard step > 0 else {
          return [
            PatchPixels(
              width: stages[0].width, patch: configuration.patchSize, normalizesLast: true, tap: "embed")
          ]
        }
        let (stage, block) = blocks[step - 1]
        // The reference code shifts every other block of the inverse, the first one too, however many there are.
        let position = profile == .paper ? stages[stage].depth - block : block
        let inverse = SwinBlockInverse(shape, stage: stage, position: position, layouts: layouts)
        guard block == 0, stage > 0 else { return [inverse] }
        // The forward step merges before its block.
        return [
          inverse,
          PatchSplitting(
            stages[stage].width, stages[stage - 1].width, stage: stage, epsilon: shape.stemEpsilon),
        ]
      }
    }
  }
}

extension SwinConfiguration {
  /// What the reference code fixes in InverseSwinTransformerStage, by its default arguments, whatever the frozen model has:
  /// timm's block with a bias in query, key and value. Heads, the width of the MLP and windows are the model's.
  fileprivate var paperBlocks: SwinConfiguration {
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

extension SwinTransformer: ReferenceInvertible {
  var referenceClasses: Set<ReferenceClass> { [.swinBackbone, .inverseSwinTransformerStage] }

  func referenceCut(of state: ReferenceState, _ design: InverseDesign) throws -> String {
    let stages = configuration.stages
    let matching = stages.indices.filter { stages[$0].width == state.blockWidth }
    guard matching.count == 1 else {
      let widths = stages.map { "\($0.width)" }.joined(separator: ", ")
      let width = state.blockWidth.map { "of \($0) channels" } ?? "without a first norm"
      throw state.refusal("blocks \(width), but the stages have \(widths)")
    }
    return "stage.\(matching[0])"
  }
}
