import Formats
import NeuralNet
import Torch

/// A Swin transformer. Its tree of modules is that of timm's `SwinTransformer`.
///
/// Source: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", as timm's
/// `swin_transformer.py` and transformers' `modeling_swin.py` compute it.
public final class SwinTransformer: Backbone {
  /// What passes from step to step.
  public struct State {
    let pixels: Tensor
    /// The grid of patches.
    let patches: ImageSize
    /// `[B, T, C]` on the grid of the stage.
    var tokens: Tensor
    /// `[B, 1, classes]`.
    var logits: Tensor?
  }

  /// A stage: blocks at one resolution, with the merging before them.
  private final class SwinStage: Module {
    let merging: PatchMerging?
    let blocks: [SwinBlock]

    init(_ configuration: SwinConfiguration, stage index: Int) {
      let stages = configuration.stages
      merging =
        index == 0
        ? nil : PatchMerging(stages[index - 1].width, stages[index].width, epsilon: configuration.stemEpsilon)
      blocks = (0..<stages[index].depth).map { _ in SwinBlock(configuration, stage: index) }
    }

    var contents: [ModuleEntry] {
      ModuleEntry.optional("downsample", merging) + ModuleEntry.list("blocks", blocks)
    }
  }

  public let family = Family.swin
  public let configuration: SwinConfiguration
  private let embedding: PatchEmbedding
  private let positions: Parameter?
  private let stages: [SwinStage]
  private let norm: LayerNorm
  private let head: Linear?
  /// The layouts of every stage, plain and shifted, for the grid of patches that came last.
  private var layouts: (patches: ImageSize, device: Device, stages: [[WindowLayout]])?

  package init(_ configuration: SwinConfiguration) {
    self.configuration = configuration
    let width = configuration.stages[0].width
    embedding = PatchEmbedding(
      channels: width, patch: configuration.patchSize, bias: true, normEpsilon: configuration.stemEpsilon)
    positions =
      configuration.hasAbsolutePositions
      ? Parameter([1, SwinTransformer.storedGrid(configuration).area, width], .normal(0.02)) : nil
    stages = configuration.stages.indices.map { SwinStage(configuration, stage: $0) }
    let last = configuration.stages[configuration.stages.count - 1].width
    norm = LayerNorm(last, epsilon: configuration.epsilon)
    head = configuration.classes > 0 ? Linear(last, configuration.classes, bias: true) : nil
  }

  public var contents: [ModuleEntry] {
    [.child("patch_embed", embedding)] + ModuleEntry.optional("absolute_pos_embed", positions)
      + ModuleEntry.list("layers", stages) + [.child("norm", norm)] + ModuleEntry.optional("head.fc", head)
  }

  // MARK: Forward

  public var steps: [ForwardStep<State>] {
    var steps = [
      ForwardStep<State>(readings: [("embed", \.tokens)]) { [self] state in state.tokens = try embed(state) }
    ]
    for (index, stage) in stages.enumerated() {
      if let merging = stage.merging {
        steps.append(
          ForwardStep { state in
            let grid = SwinConfiguration.grid(ofStage: index - 1, patches: state.patches)
            state.tokens = try merging(state.tokens, grid: grid)
          })
      }
      for (position, block) in stage.blocks.enumerated() {
        let name = "stage.\(index).block.\(position)"
        var readings: [ForwardStep<State>.Reading] = [(name, \.tokens)]
        if position == stage.blocks.count - 1 { readings.append(("stage.\(index)", \.tokens)) }
        steps.append(
          ForwardStep(block: name, readings: readings) { [self] state, observer in
            let layout = try layouts(for: state.patches, device: state.tokens.device)[index][position % 2]
            state.tokens = try block(state.tokens, layout: layout, observer: observer)
          })
      }
    }
    steps.append(ForwardStep(readings: [("norm", \.tokens)]) { [norm] state in state.tokens = try norm(state.tokens) })
    if let head {
      steps.append(
        ForwardStep(readings: [("logits", { state in state.logits ?? state.tokens })]) { state in
          state.logits = try head(state.tokens.mean([1], keepingAxes: true))
        })
    }
    return steps
  }

  public func begin(_ images: ImageBatch) throws -> State {
    let patches = try patches(height: images.pixels.extent(2), width: images.pixels.extent(3))
    return State(pixels: images.pixels, patches: patches, tokens: images.pixels)
  }

  /// Patches, normalised, with positions where the model has them: `[B, T, C]`.
  private func embed(_ state: State) throws -> Tensor {
    let pixels = state.pixels
    let covered = state.patches.combined(with: configuration.patchSize, *)
    let (below, right) = (covered.height - pixels.extent(2), covered.width - pixels.extent(3))
    let tokens = try embedding(below > 0 || right > 0 ? pixels.padded([0, max(0, right), 0, max(0, below)]) : pixels)
    guard let positions else { return tokens }
    let stored = SwinTransformer.storedGrid(configuration)
    guard state.patches != stored else { return try tokens + positions.value }
    let map = try positions.value.reshaped(1, stored.height, stored.width, tokens.extent(2)).permuted(0, 3, 1, 2)
    let resized = try map.bicubicResized(height: state.patches.height, width: state.patches.width, antialiased: false)
    return try tokens + resized.permuted(0, 2, 3, 1).reshaped(1, tokens.extent(1), tokens.extent(2))
  }

  // MARK: Sizes

  public var nativeSize: ImageSize? { configuration.inputSize }

  /// The grid that stored position embeddings are of: the whole patches of the native input.
  private static func storedGrid(_ configuration: SwinConfiguration) -> ImageSize {
    configuration.inputSize.combined(with: configuration.patchSize, /)
  }

  public func taps(height: Int, width: Int) throws -> [Tap] {
    let patches = try patches(height: height, width: width)
    var list = TapList()
    func append(_ name: String, stage: Int, role: TapRole = .trunk) {
      let grid = SwinConfiguration.grid(ofStage: stage, patches: patches)
      list.append(name, tokens: grid.area, channels: configuration.stages[stage].width, grid: grid, role: role)
    }
    append("embed", stage: 0)
    for index in stages.indices {
      for name in blockNames(ofStage: index) { append(name, stage: index) }
      list.appendAlias("stage.\(index)")
    }
    append("norm", stage: stages.count - 1, role: .norm)
    if head != nil { list.appendHead("logits", tokens: 1, channels: configuration.classes) }
    return list.taps
  }

  public func insideTaps(height: Int, width: Int) throws -> [Tap] {
    let patches = try patches(height: height, width: width)
    let known = try taps(height: height, width: width)
    return configuration.stages.enumerated().flatMap { index, stage in
      let geometry = configuration.windows(ofStage: index, patches: patches)
      let names = Set(blockNames(ofStage: index))
      return known.filter { names.contains($0.name) }.flatMap { block in
        BlockTaps(
          block: block, heads: stage.heads, headDimension: stage.headDimension, hidden: stage.mlpDimension,
          windows: (geometry.count, geometry.area)
        ).taps
      }
    }
  }

  private func blockNames(ofStage index: Int) -> [String] {
    stages[index].blocks.indices.map { "stage.\(index).block.\($0)" }
  }

  public var kind: BackboneKind { head == nil ? .encoder : .classifier(logits: "logits") }

  public var components: [ModelComponent] {
    [ModelComponent(["embed"])] + stages.indices.map { ModelComponent(blockNames(ofStage: $0) + ["stage.\($0)"]) }
      + [ModelComponent(["norm"])] + (head == nil ? [] : [ModelComponent(["logits"])])
  }

  /// Only position embeddings of the patches are resampled; the biases within windows do not depend on the input's size.
  public var interpolatesPositions: Bool { positions != nil }

  /// The grid of patches of an input.
  ///
  /// - Throws: ``BackboneError`` where a stage would need windows that its bias table does not describe.
  private func patches(height: Int, width: Int) throws -> ImageSize {
    let (input, native) = (ImageSize(height: height, width: width), configuration.inputSize)
    let isWhole = input.combined(with: configuration.patchSize, %) == ImageSize(side: 0)
    let pads = configuration.rules == .transformers
    guard input == native || ((isWhole || pads) && height > 0 && width > 0) else {
      throw BackboneError(
        "the input is \(input) (width x height), but patches are \(configuration.patchSize): give multiples of them, or "
          + "the native size \(native)")
    }
    let patches = configuration.grid(of: input)
    for index in configuration.stages.indices {
      let window = configuration.windows(ofStage: index, patches: patches).window
      let table = configuration.tableWindow(ofStage: index)
      guard window == table else {
        throw BackboneError(
          "for inputs of \(input) (width x height), the windows of stage \(index) are \(window), but the checkpoint's "
            + "position biases are for \(table); give the native size \(native) or a larger one")
      }
    }
    return patches
  }

  /// For each stage the layout of blocks with even and with odd number.
  private func layouts(for patches: ImageSize, device: Device) throws -> [[WindowLayout]] {
    if let layouts, layouts.patches == patches, layouts.device == device { return layouts.stages }
    let stages = try configuration.stages.indices.map { index in
      let geometry = configuration.windows(ofStage: index, patches: patches)
      return try [false, true].map { try WindowLayout(geometry, shifted: $0, device: device) }
    }
    layouts = (patches, device, stages)
    return stages
  }

  public func prepare(batchSize: Int, height: Int, width: Int) throws {
    let patches = try patches(height: height, width: width)
    let layouts = try layouts(for: patches, device: norm.weight.value.device)
    try embedding.pack(rows: batchSize * patches.area)
    for (index, stage) in stages.enumerated() {
      let grid = SwinConfiguration.grid(ofStage: index, patches: patches)
      let rows = batchSize * grid.area
      try stage.merging?.pack(rows: rows)
      for (position, block) in stage.blocks.enumerated() {
        try block.pack(rows: rows, layout: layouts[index][position % 2])
      }
    }
  }
}
