import Formats
import NeuralNet
import Torch

/// The dimensions of a ResNet and its classes.
public struct ResNetModelConfiguration: BackboneConfiguration {
  public var body: ResNetConfiguration
  /// 0 where there is no classifier.
  public var classes: Int

  public init(body: ResNetConfiguration, classes: Int) {
    self.body = body
    self.classes = classes
  }

  public var layers: Int { body.depths.reduce(0, +) }

  public func network(family: Family) -> any Backbone { ResNetModel(self, family: family) }

  /// - Throws: ``BackboneError`` for dimensions that make no network.
  public func checked(place: String) throws -> ResNetModelConfiguration {
    let sizes = [body.embeddingSize] + body.hiddenSizes + body.depths
    guard !body.depths.isEmpty, body.depths.count == body.hiddenSizes.count, sizes.allSatisfy((1...1 << 16).contains),
      body.depths.allSatisfy({ $0 <= LayerCount.most }), classes >= 0
    else {
      throw BackboneError(
        "\(place): a ResNet of widths \(body.hiddenSizes) and depths \(body.depths) after \(body.embeddingSize) channels; give "
          + "a positive number of both for each stage")
    }
    guard body.layerType == .basic || body.hiddenSizes.allSatisfy({ $0 % 4 == 0 }) else {
      throw BackboneError("\(place): bottlenecks have widths that 4 divides, these are \(body.hiddenSizes)")
    }
    return self
  }
}

/// A ResNet with its classifier: the mean over the last map, and a linear map.
///
/// Source: He et al., "Deep Residual Learning for Image Recognition", as timm's `resnet.py` and transformers'
/// `modeling_resnet.py` compute it. It takes images of any size.
public final class ResNetModel: Backbone {
  /// What passes from step to step.
  public struct State {
    /// `[B, C, H, W]`; the image before the stem.
    var map: Tensor
    /// `[B, 1, classes]`.
    var logits: Tensor?

    /// The map as tokens, `[B, H · W, C]`.
    var tokens: Tensor {
      get throws { try map.flattened(from: 2).transposed(1, 2) }
    }
  }

  public let family: Family
  public let configuration: ResNetModelConfiguration
  private let body: ResNet
  private let head: Linear?

  init(_ configuration: ResNetModelConfiguration, family: Family) {
    self.family = family
    self.configuration = configuration
    body = ResNet(configuration.body)
    let width = configuration.body.hiddenSizes.last ?? configuration.body.embeddingSize
    head = configuration.classes > 0 ? Linear(width, configuration.classes, bias: true) : nil
  }

  /// The names are those of transformers' `ResNetModel`, with `classifier` beside them.
  public var contents: [ModuleEntry] { body.contents + ModuleEntry.optional("classifier", head) }

  // MARK: Forward

  public var steps: [ForwardStep<State>] {
    var steps = [
      ForwardStep<State>(readings: [("embed", { try $0.tokens })]) { [body] state in
        state.map = try body.embed(state.map)
      }
    ]
    for (stage, layers) in body.stages.enumerated() {
      for (index, layer) in layers.enumerated() {
        var names = ["stage.\(stage).block.\(index)"]
        if index == layers.count - 1 { names.append("stage.\(stage)") }
        steps.append(
          ForwardStep(readings: names.map { ($0, { try $0.tokens }) }) { state in state.map = try layer(state.map) })
      }
    }
    if let head {
      steps.append(
        ForwardStep(readings: [("logits", { try $0.logits ?? $0.tokens })]) { state in
          state.logits = try head(state.tokens.mean([1], keepingAxes: true))
        })
    }
    return steps
  }

  public func begin(_ images: ImageBatch) throws -> State { State(map: images.pixels) }

  // MARK: Sizes

  public var nativeSize: ImageSize? { nil }

  public var interpolatesPositions: Bool { false }

  public func taps(height: Int, width: Int) throws -> [Tap] {
    guard height > 0, width > 0 else {
      throw BackboneError("the input is \(width)x\(height) (width x height); a ResNet takes at least one pixel")
    }
    var list = TapList()
    func append(_ name: String, channels: Int, grid: ImageSize) {
      list.append(name, tokens: grid.area, channels: channels, grid: grid)
    }
    append("embed", channels: configuration.body.embeddingSize, grid: body.stemGrid(height: height, width: width))
    for (stage, grid) in body.grids(height: height, width: width).enumerated() {
      for name in blockNames(ofStage: stage) {
        append(name, channels: configuration.body.hiddenSizes[stage], grid: grid)
      }
      list.appendAlias("stage.\(stage)")
    }
    if head != nil { list.appendHead("logits", tokens: 1, channels: configuration.classes) }
    return list.taps
  }

  private func blockNames(ofStage stage: Int) -> [String] {
    body.stages[stage].indices.map { "stage.\(stage).block.\($0)" }
  }

  public var kind: BackboneKind { head == nil ? .encoder : .classifier(logits: "logits") }

  public var components: [ModelComponent] {
    [ModelComponent(["embed"])]
      + body.stages.indices.map { ModelComponent(blockNames(ofStage: $0) + ["stage.\($0)"]) }
      + (head == nil ? [] : [ModelComponent(["logits"])])
  }

  public func prepare(batchSize: Int, height: Int, width: Int) throws {
    try body.prepare(batchSize: batchSize, height: height, width: width)
  }
}
