import Formats
import NeuralNet
import Torch

/// DETR: a ResNet, a transformer encoder over its last feature map, a decoder of learned queries, and heads for class and
/// box (Carion et al. 2020; transformers' `DetrForObjectDetection`).
public final class DETR: Backbone {
  /// What passes from step to step.
  public struct State {
    let imageSize: ImageSize
    let validSizes: [ImageSize]?
    /// [B, C, H, W], in memory [B, H, W, C]: the pixels, then each stage's output.
    var features: Tensor
    /// The size of the last feature map.
    var grid = ImageSize(side: 0)
    /// [1 or B, S, C]: where the tokens of the feature map lie.
    var positions: Tensor?
    /// [B, 1, 1, S] bool, true where an image is; nil where nothing is padded.
    var mask: Tensor?
    /// [B, S, C]: the projected feature map, then each encoder layer's output.
    var memory: Tensor?
    /// The memory with its positions, for the decoder's keys.
    var placedMemory: Tensor?
    /// [B, Q, C]: each decoder layer's output.
    var queries: Tensor?
    /// [B, Q, C]: what the heads see.
    var decoded: Tensor?
  }

  public let configuration: DETRConfiguration
  let backbone: ResNet
  let projection: Convolution
  let learnedPositions: DETRLearnedPositions?
  let queryPositions: Parameter
  let encoder: [DETREncoderLayer]
  let decoder: [DETRDecoderLayer]
  let decoderNorm: LayerNorm
  let classHead: Linear?
  let boxHead: DETRBoxPredictor?

  private var packedProjection: FoldedConvolution?
  /// The positions of the last unpadded feature map.
  private var keptPositions: (grid: ImageSize, device: Device, positions: Tensor)?

  public init(_ configuration: DETRConfiguration) {
    self.configuration = configuration
    let width = configuration.width
    backbone = ResNet(configuration.backbone)
    projection = Convolution(configuration.backbone.hiddenSizes.last ?? 0, width, kernel: [1, 1], bias: true)
    learnedPositions = configuration.positions == .learned ? DETRLearnedPositions(width: width) : nil
    queryPositions = Parameter([configuration.queries, width], .normal(1))
    encoder = (0..<configuration.encoderLayers).map { _ in
      DETREncoderLayer(
        width: width, heads: configuration.encoderHeads, innerWidth: configuration.encoderInnerWidth,
        activation: configuration.activation)
    }
    decoder = (0..<configuration.decoderLayers).map { _ in
      DETRDecoderLayer(
        width: width, heads: configuration.decoderHeads, innerWidth: configuration.decoderInnerWidth,
        activation: configuration.activation)
    }
    decoderNorm = LayerNorm(width, epsilon: detrLayerNormEpsilon)
    classHead = configuration.classes.map { Linear(width, $0 + 1, bias: true) }
    boxHead = configuration.classes.map { _ in DETRBoxPredictor(width: width) }
  }

  /// The names are those of transformers 5, less the prefix `model.`; the ResNet's are transformers'.
  public var contents: [ModuleEntry] {
    [.child("backbone", backbone), .child("input_projection", projection)]
      + ModuleEntry.optional("position_embedding", learnedPositions)
      + [.parameter("query_position_embeddings.weight", queryPositions)]
      + ModuleEntry.list("encoder.layers", encoder) + ModuleEntry.list("decoder.layers", decoder)
      + [.child("decoder.layernorm", decoderNorm)]
      + ModuleEntry.optional("class_labels_classifier", classHead) + ModuleEntry.optional("bbox_predictor", boxHead)
  }

  public var family: Family { .detr }

  /// DETR takes images of any size.
  public var nativeSize: ImageSize? { nil }

  public func parametersDidChange() {
    packedProjection = nil
    keptPositions = nil
  }

  // MARK: Forward

  public func begin(_ images: ImageBatch) throws -> State {
    let shape = images.pixels.shape
    if let sizes = images.validSizes, sizes.count != shape[0] {
      throw BackboneError("\(sizes.count) valid sizes are given for \(shape[0]) images")
    }
    return State(
      imageSize: ImageSize(height: shape[2], width: shape[3]), validSizes: images.validSizes,
      features: try images.pixels.channelsLast())
  }

  public var steps: [ForwardStep<State>] {
    let features = backbone.stages.indices.map { index in
      ForwardStep<State>(
        readings: [("backbone.layer\(index + 1)", { try Self.tokens($0.features) })],
        advance: { [self] state in
          if index == 0 { state.features = try backbone.embed(state.features) }
          state.features = try backbone.stage(index, state.features)
        })
    }
    let encoding = zip(encoderNames, encoder).map { name, layer in
      ForwardStep<State>(
        block: name, readings: [(name, { try Self.present($0.memory) })],
        advance: { state, observer in
          state.memory = try layer(
            Self.present(state.memory), positions: Self.present(state.positions), mask: state.mask, observer: observer)
        })
    }
    let decoding = decoderNames.enumerated().map { index, name in
      ForwardStep<State>(
        block: name, readings: [(name, { try Self.present($0.decoded) })],
        advance: { [self] state, observer in try decode(&state, layer: index, observer) })
    }
    return features + [ForwardStep(readings: [("projection", { try Self.present($0.memory) })], advance: project)]
      + encoding + decoding + heads
  }

  /// The channels-last map [B, C, H, W] as tokens [B, H·W, C]; a view.
  static func tokens(_ map: Tensor) throws -> Tensor {
    let shape = map.shape
    return try map.permuted(0, 2, 3, 1).reshaped(shape[0], shape[2] * shape[3], shape[1])
  }

  private func project(_ state: inout State) throws {
    let features = state.features
    state.grid = ImageSize(height: features.extent(2), width: features.extent(3))
    let packed = recordsGradients ? nil : packedProjection
    let projected = try packed?(features, then: .identity) ?? projection(features)
    state.memory = try Self.tokens(projected)
    let padding = DETRPadding(validSizes: state.validSizes, input: state.imageSize, grid: state.grid)
    let valid = try padding?.validMap(on: features.device)
    state.mask = try valid.map { try $0.to(.bool).reshaped($0.extent(0), 1, 1, state.grid.area) }
    state.positions = try positions(grid: state.grid, valid: valid, device: features.device)
  }

  private func positions(grid: ImageSize, valid: Tensor?, device: Device) throws -> Tensor {
    if let learnedPositions {
      try checkExtent(grid)
      return try learnedPositions(height: grid.height, width: grid.width)
    }
    if let valid { return try DETRPositions.sine(valid: valid, width: configuration.width) }
    if let kept = keptPositions, kept.grid == grid, kept.device == device { return kept.positions }
    let whole = try Tensor.ones([1] + grid.shape, device: device)
    let positions = try DETRPositions.sine(valid: whole, width: configuration.width)
    keptPositions = (grid, device, positions)
    return positions
  }

  private func decode(_ state: inout State, layer index: Int, _ observer: BlockObserver?) throws {
    let memory = try Self.present(state.memory)
    let queryPositions = try queryPositions.value.unsqueezed(0)
    if index == 0 {
      state.placedMemory = try memory + Self.present(state.positions)
      state.queries = try Tensor.zeros(
        [memory.extent(0), configuration.queries, configuration.width], device: memory.device)
    }
    let output = try decoder[index](
      Self.present(state.queries), queryPositions: queryPositions, memory: memory,
      placedMemory: Self.present(state.placedMemory), mask: state.mask, observer: observer)
    state.decoded = try decoderNorm(output)
    state.queries = configuration.normalizesBetweenDecoderLayers ? state.decoded : output
  }

  private var heads: [ForwardStep<State>] {
    guard let classHead, let boxHead else { return [] }
    let last = configuration.normalizesBetweenDecoderLayers ? decoderNorm : nil
    return [
      ForwardStep(
        readings: [
          ("logits", { try classHead(Self.present($0.decoded)) }),
          ("boxes", { try boxHead(Self.present($0.decoded)).sigmoid() }),
        ],
        // transformers normalises once more at the end, also what it has normalised between the layers.
        advance: { state in if let last { state.decoded = try last(Self.present(state.decoded)) } })
    ]
  }

  private static func present(_ tensor: Tensor?) throws -> Tensor {
    guard let tensor else { preconditionFailure("the steps of DETR run in order") }
    return tensor
  }

  /// Sine positions are computed for each size; learned ones are cut out of a grid that fits every size.
  public var interpolatesPositions: Bool { false }

  public func prepare(batchSize: Int, height: Int, width: Int) throws {
    guard OneDNN.isAvailable, try queryPositions.value.device == .cpu else { return }
    let grid = backbone.lastGrid(height: height, width: width)
    let rows = batchSize * grid.area
    let queryRows = batchSize * configuration.queries
    try withoutGradients {
      try backbone.prepare(batchSize: batchSize, height: height, width: width)
      packedProjection = try FoldedConvolution(
        projection, inputShape: [batchSize, configuration.backbone.hiddenSizes.last ?? 0] + grid.shape)
      for layer in encoder { try layer.prepare(rows: rows) }
      for layer in decoder { try layer.prepare(rows: queryRows, memoryRows: rows) }
      try classHead?.pack(rows: queryRows)
      try boxHead?.prepare(rows: queryRows)
    }
  }
}
