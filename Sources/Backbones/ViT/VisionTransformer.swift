import Formats
import NeuralNet
import Torch

/// A vision transformer of one resolution: ViT, and with other choices DeiT, DeiT III, DINOv2, MAE and the image encoders of CLIP
/// and SigLIP.
///
/// Its tree of modules is that of timm's `VisionTransformer`.
public final class VisionTransformer: Backbone {
  /// What passes from step to step.
  public struct State {
    let pixels: Tensor
    /// `[B, prefix + patches, C]`; empty before the embedding.
    var tokens: Tensor
    /// Of the image's grid, where positions are rotary.
    let rotation: Rotation?
    /// `[B, 1, classes]`.
    var logits: Tensor?
  }

  public let family: Family
  public let configuration: ViTConfiguration
  private let classToken: Parameter?
  private let distillationToken: Parameter?
  private let registers: Parameter?
  private let positions: Parameter?
  private let patches: PatchEmbedding
  private let normBeforeBlocks: LayerNorm?
  private let blocks: [ViTBlock]
  private let norm: LayerNorm?
  private let attentionPooling: AttentionPooling?
  private let normAfterPooling: LayerNorm?
  private let head: Linear?
  private let distillationHead: Linear?

  package init(_ configuration: ViTConfiguration, family: Family) {
    self.family = family
    self.configuration = configuration
    let width = configuration.embeddingDimension
    let epsilon = configuration.epsilon
    classToken = configuration.hasClassToken ? Parameter([1, 1, width], .normal(0.02)) : nil
    distillationToken = configuration.hasDistillationToken ? Parameter([1, 1, width], .normal(0.02)) : nil
    let registerCount = configuration.registerTokens
    registers = registerCount > 0 ? Parameter([1, registerCount, width], .normal(0.02)) : nil
    let rows = configuration.positionCount(of: configuration.storedGrid ?? configuration.grid)
    positions = rows > 0 ? Parameter([1, rows, width], .normal(0.02)) : nil
    patches = PatchEmbedding(
      channels: width, patch: configuration.patchSize, bias: configuration.hasPatchBias, normEpsilon: nil)
    normBeforeBlocks = configuration.hasNormBeforeBlocks ? LayerNorm(width, epsilon: epsilon) : nil
    blocks = (0..<configuration.depth).map { _ in ViTBlock(configuration) }
    norm = configuration.finalNorm == .beforePooling ? LayerNorm(width, epsilon: epsilon) : nil
    normAfterPooling = configuration.finalNorm == .afterPooling ? LayerNorm(width, epsilon: epsilon) : nil
    let hasHead = configuration.classes > 0
    attentionPooling = hasHead && configuration.pooling == .attention ? AttentionPooling(configuration) : nil
    let pooledWidth = configuration.pooling == .classTokenAndAverage ? 2 * width : width
    head = hasHead ? Linear(pooledWidth, configuration.classes, bias: true) : nil
    distillationHead = configuration.hasDistillationHead ? Linear(width, configuration.classes, bias: true) : nil
  }

  public var contents: [ModuleEntry] {
    ModuleEntry.optional("cls_token", classToken) + ModuleEntry.optional("dist_token", distillationToken)
      + ModuleEntry.optional("reg_token", registers)
      + ModuleEntry.optional("pos_embed", positions) + [.child("patch_embed", patches)]
      + ModuleEntry.optional("norm_pre", normBeforeBlocks) + ModuleEntry.list("blocks", blocks)
      + ModuleEntry.optional("norm", norm) + ModuleEntry.optional("attn_pool", attentionPooling)
      + ModuleEntry.optional("fc_norm", normAfterPooling)
      + ModuleEntry.optional("head", head) + ModuleEntry.optional("head_dist", distillationHead)
  }

  // MARK: Forward

  public var steps: [ForwardStep<State>] {
    var steps = [
      ForwardStep<State>(readings: [("embed", \.tokens)]) { [self] state in state.tokens = try embed(state.pixels) }
    ]
    for (name, block) in zip(blockNames, blocks) {
      steps.append(
        ForwardStep(block: name, readings: [(name, \.tokens)]) { state, observer in
          state.tokens = try block(state.tokens, turnedBy: state.rotation, observer: observer)
        })
    }
    steps.append(
      ForwardStep(readings: [("norm", \.tokens)]) { [norm] state in
        state.tokens = try norm?(state.tokens) ?? state.tokens
      })
    if head != nil {
      steps.append(
        ForwardStep(readings: [("logits", { state in state.logits ?? state.tokens })]) { [self] state in
          state.logits = try classify(state.tokens)
        })
    }
    return steps
  }

  public func begin(_ images: ImageBatch) throws -> State {
    let grid = try grid(height: images.pixels.extent(2), width: images.pixels.extent(3))
    let rotation = try configuration.rotation(grid: grid, device: images.pixels.device)
    return State(pixels: images.pixels, tokens: images.pixels, rotation: rotation)
  }

  /// Patches with positions behind the prefix tokens, `[B, prefix + patches, C]`.
  private func embed(_ pixels: Tensor) throws -> Tensor {
    let grid = try grid(height: pixels.extent(2), width: pixels.extent(3))
    var tokens = try patches(pixels)
    let prefix = try [classToken, distillationToken, registers].compactMap { token in
      try token?.value.expanded([tokens.extent(0), -1, -1])
    }
    guard let positions = try positions(for: grid) else {
      tokens = try Tensor.concatenate(prefix + [tokens], axis: 1)
      return try normBeforeBlocks?(tokens) ?? tokens
    }
    switch configuration.positions {
    case .absent: break
    case .patches: tokens = try Tensor.concatenate(prefix + [tokens + positions], axis: 1)
    case .allTokens: tokens = try Tensor.concatenate(prefix + [tokens], axis: 1) + positions
    case .classTokenAndPatches:
      let leading = configuration.prefixTokens - configuration.registerTokens
      let placed = try Tensor.concatenate(prefix.prefix(leading) + [tokens], axis: 1) + positions
      tokens = try Tensor.concatenate(
        [placed.slice(1, 0..<leading)] + prefix.dropFirst(leading) + [placed.slice(1, leading..<placed.extent(1))],
        axis: 1)
    }
    return try normBeforeBlocks?(tokens) ?? tokens
  }

  /// `[B, prefix + patches, C]` to `[B, 1, classes]`.
  private func classify(_ tokens: Tensor) throws -> Tensor {
    guard let head else { preconditionFailure("the step exists only where there is a classifier") }
    if let distillationHead {
      return try (head(tokens.slice(1, 0..<1)) + distillationHead(tokens.slice(1, 1..<2))) / 2
    }
    let patches = try tokens.slice(1, configuration.prefixTokens..<tokens.extent(1))
    let pooled =
      switch configuration.pooling {
      case .classToken: try tokens.slice(1, 0..<1)
      case .average: try patches.mean([1], keepingAxes: true)
      case .classTokenAndAverage:
        try Tensor.concatenate([tokens.slice(1, 0..<1), patches.mean([1], keepingAxes: true)], axis: 2)
      case .attention: try attentionPooling?(patches) ?? patches
      }
    return try head(normAfterPooling?(pooled) ?? pooled)
  }

  // MARK: Sizes

  public var nativeSize: ImageSize? { configuration.inputSize }

  public func taps(height: Int, width: Int) throws -> [Tap] {
    let grid = try grid(height: height, width: width)
    let prefix = configuration.prefixTokens
    var list = TapList()
    for name in ["embed"] + blockNames + ["norm"] {
      list.append(
        name, tokens: prefix + grid.area, channels: configuration.embeddingDimension, grid: grid,
        prefixTokens: prefix, role: name == "norm" ? .norm : .trunk)
    }
    if head != nil { list.appendHead("logits", tokens: 1, channels: configuration.classes) }
    return list.taps
  }

  public func insideTaps(height: Int, width: Int) throws -> [Tap] {
    let names = Set(blockNames)
    return try taps(height: height, width: width).filter { names.contains($0.name) }.flatMap { block in
      BlockTaps(
        block: block, heads: configuration.heads, headDimension: configuration.headDimension,
        hidden: configuration.mlpDimension
      ).taps
    }
  }

  private var blockNames: [String] { blocks.indices.map { "block.\($0)" } }

  public var kind: BackboneKind { head == nil ? .encoder : .classifier(logits: "logits") }

  public var components: [ModelComponent] {
    [ModelComponent(["embed"]), ModelComponent(blockNames), ModelComponent(["norm"])]
      + (head == nil ? [] : [ModelComponent(["logits"])])
  }

  /// Its position embeddings are resampled for another grid.
  public var interpolatesPositions: Bool { positions != nil }

  /// The grid of patches of an input.
  private func grid(height: Int, width: Int) throws -> ImageSize {
    let (input, patch, native) = (
      ImageSize(height: height, width: width), configuration.patchSize, configuration.inputSize
    )
    let isWhole = input.combined(with: patch, %) == ImageSize(side: 0)
    guard input == native || (isWhole && height > 0 && width > 0) else {
      throw BackboneError(
        "the input is \(input) (width x height), but patches are \(patch): give multiples of them, or the native size "
          + "\(native)")
    }
    return input.combined(with: patch, /)
  }

  /// The position embeddings for a grid: as they are, or resampled bicubically as the checkpoint's library does it; nil where there are
  /// none.
  private func positions(for grid: ImageSize) throws -> Tensor? {
    let stored = configuration.storedGrid ?? configuration.grid
    guard let all = try positions?.value else { return nil }
    guard grid != stored else { return all }
    let prefixRows = all.extent(1) - stored.area
    let map = try all.slice(1, prefixRows..<all.extent(1)).reshaped(1, stored.height, stored.width, all.extent(2))
      .permuted(0, 3, 1, 2)
    let resized = try map.bicubicResized(
      height: grid.height, width: grid.width, antialiased: configuration.antialiasesPositions)
    let rows = try resized.permuted(0, 2, 3, 1).reshaped(1, grid.area, all.extent(2))
    return prefixRows == 0 ? rows : try Tensor.concatenate([all.slice(1, 0..<prefixRows), rows], axis: 1)
  }

  public func prepare(batchSize: Int, height: Int, width: Int) throws {
    let grid = try grid(height: height, width: width)
    let patchRows = batchSize * grid.area
    try patches.pack(rows: patchRows)
    for block in blocks { try block.pack(rows: patchRows + batchSize * configuration.prefixTokens) }
  }
}
