import Backbones
import Formats
import NeuralNet
import Torch

/// One stage of DETR's convolutional backbone, undone: convolutions with batch norm and ReLU, the last of which
/// enlarges by the stage's stride. It gives the map before the stage.
final class ConvolutionInverse: InverseLayer {
  private let steps: [Enlargement]
  private let tap: String
  private let target: String

  /// - Parameters:
  ///   - widths: the channels, from those of `tap` to those of `target`.
  ///   - kernel: of each step; the last has the stride.
  init(widths: [Int], kernel: Int, stride: Int, from tap: String, to target: String) {
    steps = (0..<widths.count - 1).map { index in
      let isLast = index == widths.count - 2
      return Enlargement(
        widths[index], widths[index + 1], kernel: [kernel, kernel], stride: isLast ? [stride, stride] : [1, 1],
        padding: [kernel / 2, kernel / 2])
    }
    self.tap = tap
    self.target = target
  }

  var contents: [ModuleEntry] { ModuleEntry.list("steps", steps) }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    var map = try input.map(context.grid(of: tap))
    for step in steps.dropLast() { map = try step(map, context: context) }
    return try steps[steps.count - 1](map, size: context.grid(of: target), context: context).tokens()
  }
}

/// The stem of a ResNet, and the first stage of DETR's backbone with it, undone: two steps that double the map, then one to the colours.
final class StemPixels: InverseLayer {
  private let steps: [Enlargement]
  private let colors: Enlargement
  private let tap: String

  /// - Parameters:
  ///   - width: the channels at `tap`.
  ///   - stageStride: of the stage between the stem and `tap`; 1 where there is none, or where it keeps the resolution.
  init(width: Int, stageStride: Int, tap: String) {
    let three = [3, 3]
    let widths = [width, max(16, width / 2), max(16, width / 4)]
    var steps = (0..<2).map { index in
      Enlargement(widths[index], widths[index + 1], kernel: three, stride: [2, 2], padding: [1, 1])
    }
    if stageStride > 1 {
      steps.insert(
        Enlargement(width, width, kernel: three, stride: [stageStride, stageStride], padding: [1, 1]), at: 0)
    }
    self.steps = steps
    self.tap = tap
    colors = Enlargement(
      widths[2], 3, kernel: three, stride: [1, 1], padding: [1, 1], hasNorm: false, activation: .sigmoid)
  }

  var contents: [ModuleEntry] { ModuleEntry.list("steps", steps) + [.child("colors", colors)] }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    var sizes = [context.size]
    while sizes.count < steps.count { sizes.append(sizes[sizes.count - 1].map { ($0 + 1) / 2 }) }
    var map = try input.map(context.grid(of: tap))
    for (step, size) in zip(steps, sizes.reversed()) { map = try step(map, size: size, context: context) }
    return try context.scale.normalize(colors(map, context: context))
  }
}

/// A layer of DETR's encoder, undone by such a layer, with the same sine positions and padding mask.
final class EncoderLayerInverse: InverseLayer {
  private let layer: DETREncoderLayer
  private let width: Int

  init(_ configuration: DETRConfiguration) {
    layer = DETREncoderLayer(
      width: configuration.width, heads: configuration.encoderHeads, innerWidth: configuration.encoderInnerWidth,
      activation: configuration.activation)
    width = configuration.width
  }

  var contents: [ModuleEntry] { layer.contents }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let (positions, mask) = try context.sinePositions(of: "projection", width: width, like: input)
    return try layer(input, positions: positions, mask: mask)
  }
}

/// The decoder, undone by as many decoder layers: cross-attention from each position of the feature map (zeros with the
/// sine positions) to the decoded queries, whose keys carry a learned position each.
final class DecoderInverse: InverseLayer {
  private let layers: [DETRDecoderLayer]
  private let queryPositions: Parameter
  private let width: Int

  init(_ configuration: DETRConfiguration, layers count: Int) {
    layers = (0..<count).map { _ in
      DETRDecoderLayer(
        width: configuration.width, heads: configuration.decoderHeads, innerWidth: configuration.decoderInnerWidth,
        activation: configuration.activation)
    }
    queryPositions = Parameter([configuration.queries, configuration.width], .normal(1))
    width = configuration.width
  }

  var contents: [ModuleEntry] {
    [.parameter("query_positions", queryPositions)] + ModuleEntry.list("layers", layers)
  }

  /// `[B, Q, C]` to `[B, T, C]`.
  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let positions = try context.sinePositions(of: "projection", width: width, like: input).positions
    let keys = try input + queryPositions.value.unsqueezed(0)
    let zeros = try Tensor.zeros(
      [input.extent(0), positions.extent(1), width], dtype: input.dtype, device: input.device)
    return try layers.reduce(zeros) { tokens, layer in
      try layer(tokens, queryPositions: positions, memory: input, placedMemory: keys, mask: nil)
    }
  }
}

/// Layers within the decoder, undone: queries among themselves, with a learned position each.
final class QueryInverse: InverseLayer {
  private let layers: [DETREncoderLayer]
  private let queryPositions: Parameter

  init(_ configuration: DETRConfiguration, layers count: Int) {
    layers = (0..<count).map { _ in
      DETREncoderLayer(
        width: configuration.width, heads: configuration.decoderHeads, innerWidth: configuration.decoderInnerWidth,
        activation: configuration.activation)
    }
    queryPositions = Parameter([configuration.queries, configuration.width], .normal(1))
  }

  var contents: [ModuleEntry] {
    [.parameter("query_positions", queryPositions)] + ModuleEntry.list("layers", layers)
  }

  /// `[B, Q, C]` to `[B, Q, C]`.
  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let positions = try queryPositions.value.unsqueezed(0)
    return try layers.reduce(input) { try $1($0, positions: positions, mask: nil) }
  }
}

/// The heads, undone: from the class, as one-hot, and the box to what the decoder gave.
final class PredictionInverse: InverseLayer {
  private let first: Linear
  private let second: Linear
  private let third: Linear

  /// - Parameter classes: with "no object".
  init(classes: Int, width: Int) {
    first = Linear(classes + 4, 2 * width, bias: true)
    second = Linear(2 * width, width, bias: true)
    third = Linear(width, width, bias: true)
  }

  var contents: [ModuleEntry] { [.child("fc1", first), .child("fc2", second), .child("fc3", third)] }

  /// `[B, Q, classes + 4]` to `[B, Q, C]`.
  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    try third(second(first(input, then: .relu), then: .relu))
  }
}
