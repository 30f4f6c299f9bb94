import Formats
import NeuralNet
import Torch

/// One residual layer: activation(layers(x) + shortcut(x)).
public final class ResNetLayer: Module {
  /// In order; the last has no activation of its own.
  let units: [ConvolutionUnit]
  /// Where shape or resolution changes.
  let shortcut: ConvolutionUnit?
  let activation: Activation

  /// - Parameters:
  ///   - firstDilation: of the first 3×3 convolution; `dilation`: of the others.
  init(
    _ inputs: Int, _ outputs: Int, configuration: ResNetConfiguration, stride: Int, firstDilation: Int, dilation: Int
  ) {
    activation = configuration.activation
    shortcut =
      inputs != outputs || stride != 1
      ? ConvolutionUnit(inputs, outputs, kernel: 1, stride: stride, activation: .identity) : nil
    switch configuration.layerType {
    case .basic:
      units = [
        ConvolutionUnit(inputs, outputs, kernel: 3, stride: stride, dilation: firstDilation, activation: .relu),
        ConvolutionUnit(outputs, outputs, kernel: 3, dilation: dilation, activation: .identity),
      ]
    case .bottleneck:
      let inner = outputs / 4
      let stridesFirst = configuration.stridesInFirstConvolution
      units = [
        ConvolutionUnit(inputs, inner, kernel: 1, stride: stridesFirst ? stride : 1, activation: .relu),
        ConvolutionUnit(
          inner, inner, kernel: 3, stride: stridesFirst ? 1 : stride, dilation: firstDilation, activation: .relu),
        ConvolutionUnit(inner, outputs, kernel: 1, activation: .identity),
      ]
    }
  }

  public var contents: [ModuleEntry] {
    ModuleEntry.list("layer", units) + ModuleEntry.optional("shortcut", shortcut)
  }

  /// [B, in, H, W] to [B, out, H / stride, W / stride], rounded up.
  ///
  /// - Parameter consuming: whether nobody needs the input any more, so that a prepared layer may write over it.
  public func callAsFunction(_ input: Tensor, consuming: Bool = false) throws -> Tensor {
    var output = input
    for unit in units.dropLast() { output = try unit(output) }
    let residual = try shortcut?(input) ?? input
    return try units[units.count - 1](
      output, adding: residual, overwriting: shortcut != nil || consuming, then: activation)
  }

  func prepare(inputShape: [Int]) throws -> [Int] {
    try shortcut?.prepare(inputShape: inputShape)
    return try units.reduce(inputShape) { try $1.prepare(inputShape: $0) }
  }
}

/// A ResNet without its classifier, as transformers' `ResNetBackbone` and timm's `features_only` models.
public final class ResNet: Module {
  public let configuration: ResNetConfiguration
  let stem: ConvolutionUnit
  let stages: [[ResNetLayer]]

  public init(_ configuration: ResNetConfiguration) {
    self.configuration = configuration
    stem = ConvolutionUnit(3, configuration.embeddingSize, kernel: 7, stride: 2, activation: configuration.activation)
    let widths = [configuration.embeddingSize] + configuration.hiddenSizes
    stages = zip(configuration.depths, configuration.geometry).enumerated().map { stage, shape in
      let (depth, geometry) = shape
      return (0..<depth).map { layer in
        ResNetLayer(
          layer == 0 ? widths[stage] : widths[stage + 1], widths[stage + 1], configuration: configuration,
          stride: layer == 0 ? geometry.stride : 1,
          firstDilation: layer == 0 ? geometry.firstDilation : geometry.dilation, dilation: geometry.dilation)
      }
    }
  }

  /// The names are those of transformers' `ResNetBackbone`.
  public var contents: [ModuleEntry] {
    [.child("embedder.embedder", stem)]
      + stages.enumerated().flatMap { stage, layers in
        ModuleEntry.list("encoder.stages.\(stage).layers", layers)
      }
  }

  /// Convolution and max-pooling: [B, 3, H, W] to [B, embedding, H / 4, W / 4], rounded up twice.
  func embed(_ pixels: Tensor) throws -> Tensor {
    try stem(pixels).maxPooled(kernel: [3, 3], stride: [2, 2], padding: [1, 1])
  }

  /// One stage. Its input is kept: it may be a tap.
  func stage(_ index: Int, _ input: Tensor) throws -> Tensor {
    try stages[index].enumerated().reduce(input) { try $1.element($0, consuming: $1.offset > 0) }
  }

  /// The size of the map after the stem.
  func stemGrid(height: Int, width: Int) -> ImageSize {
    ImageSize(height: height, width: width).map { halved(halved($0, 2), 2) }
  }

  /// The size of the last stage's map.
  func lastGrid(height: Int, width: Int) -> ImageSize {
    grids(height: height, width: width).last ?? stemGrid(height: height, width: width)
  }

  /// The size of the map after each stage.
  func grids(height: Int, width: Int) -> [ImageSize] {
    var grid = stemGrid(height: height, width: width)
    return configuration.geometry.map { geometry in
      grid = grid.map { halved($0, geometry.stride) }
      return grid
    }
  }

  /// Folds and packs every convolution for inputs of this shape.
  func prepare(batchSize: Int, height: Int, width: Int) throws {
    let stemShape = try stem.prepare(inputShape: [batchSize, 3, height, width])
    let pooled = stemShape.prefix(2) + stemShape.dropFirst(2).map { halved($0, 2) }
    _ = try stages.joined().reduce(Array(pooled)) { try $1.prepare(inputShape: $0) }
  }
}
