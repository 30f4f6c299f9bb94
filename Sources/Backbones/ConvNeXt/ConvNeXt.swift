import Formats
import NeuralNet
import Torch

/// A ConvNeXt with its classifier.
///
/// Source: Liu et al., "A ConvNet for the 2020s", as timm's `convnext.py` and transformers' `modeling_convnext.py` compute it. Its tree
/// of modules is that of timm. It takes images of any size that leaves a position in every stage.
public final class ConvNeXt: Backbone {
  /// What passes from step to step.
  public struct State {
    /// `[B, h, w, C]`; the image `[B, 3, H, W]` before the stem.
    var map: Tensor
    /// The normalised mean over the map, `[B, 1, C]`, where the norm comes after pooling.
    var pooled: Tensor?
    /// `[B, 1, classes]`.
    var logits: Tensor?

    var tokens: Tensor {
      get throws { try map.tokensOfMap() }
    }
  }

  private struct Stage {
    let downsampling: ConvNeXtDownsampling?
    let blocks: [ConvNeXtBlock]
  }

  public let family: Family
  public let configuration: ConvNeXtConfiguration
  private let stem: ConvNeXtStem
  private let stages: [Stage]
  private let norm: ChannelNorm?
  private let hidden: Linear?
  private let head: Linear?

  init(_ configuration: ConvNeXtConfiguration, family: Family) {
    self.family = family
    self.configuration = configuration
    stem = ConvNeXtStem(configuration)
    let widths = configuration.widths
    stages = configuration.geometry.enumerated().map { index, geometry in
      Stage(
        downsampling: geometry.hasDownsampling
          ? ConvNeXtDownsampling(
            widths[max(0, index - 1)], widths[index], configuration: configuration, geometry: geometry) : nil,
        blocks: (0..<configuration.depths[index]).map { _ in ConvNeXtBlock(configuration, stage: index) })
    }
    let width = widths[widths.count - 1]
    norm =
      configuration.finalNorm == .absent
      ? nil : ChannelNorm(width, configuration.norm, epsilon: configuration.finalEpsilon)
    let classes = configuration.classes
    hidden = classes > 0 ? configuration.classifierWidth.map { Linear(width, $0, bias: true) } : nil
    head = classes > 0 ? Linear(configuration.classifierWidth ?? width, classes, bias: true) : nil
  }

  public var contents: [ModuleEntry] {
    [.child("stem", stem)]
      + stages.enumerated().flatMap { index, stage in
        ModuleEntry.optional("stages.\(index).downsample", stage.downsampling)
          + ModuleEntry.list("stages.\(index).blocks", stage.blocks)
      }
      + ModuleEntry.optional(configuration.finalNorm == .beforePooling ? "norm_pre" : "head.norm", norm)
      + ModuleEntry.optional("head.pre_logits.fc", hidden) + ModuleEntry.optional("head.fc", head)
  }

  // MARK: Forward

  public var steps: [ForwardStep<State>] {
    var steps = [
      ForwardStep<State>(readings: [("embed", { try $0.tokens })]) { [stem] state in state.map = try stem(state.map) }
    ]
    for (index, stage) in stages.enumerated() {
      for (position, block) in stage.blocks.enumerated() {
        var names = [blockName(position, ofStage: index)]
        if position == stage.blocks.count - 1 { names.append("stage.\(index)") }
        let downsampling = position == 0 ? stage.downsampling : nil
        steps.append(
          ForwardStep(readings: names.map { ($0, { try $0.tokens }) }) { state in
            state.map = try block(downsampling?(state.map) ?? state.map)
          })
      }
    }
    if let norm {
      steps.append(
        ForwardStep(readings: [("norm", { try $0.pooled ?? $0.tokens })]) { [configuration] state in
          if configuration.finalNorm == .beforePooling {
            state.map = try norm(state.map)
          } else {
            state.pooled = try norm(state.tokens.mean([1], keepingAxes: true))
          }
        })
    }
    if let head {
      steps.append(
        ForwardStep(readings: [("logits", { try $0.logits ?? $0.tokens })]) { [hidden] state in
          let pooled = try state.pooled ?? state.tokens.mean([1], keepingAxes: true)
          state.logits = try head(hidden?(pooled, then: .gelu) ?? pooled)
        })
    }
    return steps
  }

  public func begin(_ images: ImageBatch) throws -> State {
    _ = try grids(height: images.pixels.extent(2), width: images.pixels.extent(3))
    return State(map: images.pixels)
  }

  // MARK: Sizes

  public var nativeSize: ImageSize? { nil }

  public var interpolatesPositions: Bool { false }

  /// The size of the map after the stem and after each stage.
  private func grids(height: Int, width: Int) throws -> (stem: ImageSize, stages: [ImageSize]) {
    let input = ImageSize(height: height, width: width)
    let (first, grids) = (configuration.stemGrid(of: input), configuration.grids(of: input))
    guard height > 0, width > 0, grids.allSatisfy({ $0.height > 0 && $0.width > 0 }) else {
      throw BackboneError(
        "the input is \(input) (width x height), of which the stages of this ConvNeXt leave no position; give a larger one "
          + "with --size")
    }
    return (first, grids)
  }

  public func taps(height: Int, width: Int) throws -> [Tap] {
    let grids = try grids(height: height, width: width)
    var list = TapList()
    func append(_ name: String, stage: Int, grid: ImageSize, role: TapRole = .trunk) {
      list.append(name, tokens: grid.area, channels: configuration.widths[stage], grid: grid, role: role)
    }
    append("embed", stage: 0, grid: grids.stem)
    for (stage, grid) in grids.stages.enumerated() {
      for name in blockNames(ofStage: stage) { append(name, stage: stage, grid: grid) }
      list.appendAlias("stage.\(stage)")
    }
    let last = stages.count - 1
    switch configuration.finalNorm {
    case .beforePooling: append("norm", stage: last, grid: grids.stages[last], role: .norm)
    case .afterPooling: list.append("norm", tokens: 1, channels: configuration.widths[last], role: .norm)
    case .absent: break
    }
    if head != nil { list.appendHead("logits", tokens: 1, channels: configuration.classes) }
    return list.taps
  }

  private func blockName(_ block: Int, ofStage stage: Int) -> String { "stage.\(stage).block.\(block)" }

  private func blockNames(ofStage stage: Int) -> [String] {
    stages[stage].blocks.indices.map { blockName($0, ofStage: stage) }
  }

  public var kind: BackboneKind { head == nil ? .encoder : .classifier(logits: "logits") }

  public var components: [ModelComponent] {
    [ModelComponent(["embed"])] + stages.indices.map { ModelComponent(blockNames(ofStage: $0) + ["stage.\($0)"]) }
      + (norm == nil ? [] : [ModelComponent(["norm"])]) + (head == nil ? [] : [ModelComponent(["logits"])])
  }

  public func prepare(batchSize: Int, height: Int, width: Int) throws {
    for (stage, grid) in zip(stages, try grids(height: height, width: width).stages) {
      for block in stage.blocks { try block.pack(rows: batchSize * grid.area) }
    }
  }
}
