import Backbones
import NeuralNet
import Torch

/// A block of a vision transformer, undone by a block of the same shape.
final class BlockInverse: InverseLayer {
  private let block: ViTBlock

  init(_ configuration: ViTConfiguration) { block = ViTBlock(configuration) }

  var contents: [ModuleEntry] { block.contents }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor { try block(input) }
}

/// The windows of a Swin transformer by stage, made once for an input size.
final class WindowLayouts {
  private let configuration: SwinConfiguration
  private var known: (patches: [Int], device: Device, stages: [[WindowLayout]])?

  init(_ configuration: SwinConfiguration) { self.configuration = configuration }

  /// The layout of a block with plain or shifted windows.
  func layout(stage: Int, shifted: Bool, context: InverseContext, device: Device) throws -> WindowLayout {
    let patches = configuration.grid(height: context.height, width: context.width)
    if let known, known.patches == patches, known.device == device { return known.stages[stage][shifted ? 1 : 0] }
    let stages = try configuration.stages.indices.map { index in
      let geometry = configuration.windows(ofStage: index, patches: patches)
      return try [false, true].map { try WindowLayout(geometry, shifted: $0, device: device) }
    }
    known = (patches, device, stages)
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
    var map = try expanded.reshaped(batch, grid[0], grid[1], 2, 2, channels).permuted(0, 1, 4, 2, 3, 5)
      .reshaped(batch, 2 * grid[0], 2 * grid[1], channels)
    if map.extent(1) != target[0] { map = try map.slice(1, 0..<target[0]) }
    if map.extent(2) != target[1] { map = try map.slice(2, 0..<target[1]) }
    return try map.reshaped(batch, target[0] * target[1], channels)
  }
}
