import Backbones
import Formats
import NeuralNet
import TestSupport
import Testing
import Torch

/// What must hold for any DETR, of random weights.
@Suite(.serialized)
struct DETRNetworkTests {
  /// A small network whose statistics are not trivial.
  static func network(_ backbone: ResNetConfiguration, seed: UInt64 = 5) throws -> DETR {
    var configuration = DETRConfiguration(backbone: backbone, classes: 3)
    configuration.width = 16
    configuration.encoderHeads = 2
    configuration.decoderHeads = 4
    configuration.encoderLayers = 2
    configuration.decoderLayers = 2
    configuration.encoderInnerWidth = 24
    configuration.decoderInnerWidth = 20
    configuration.queries = 5
    let network = DETR(configuration)
    let generator = try Generator(seed: seed)
    for (name, parameter) in network.namedParameters() {
      let drawn = try Tensor.randomNormal(parameter.shape, generator: generator)
      let fan = Double(max(1, parameter.shape.dropFirst().reduce(1, *)))
      if name.hasSuffix("running_var") || name.hasSuffix("norm.weight") || name.hasSuffix("normalization.weight") {
        try parameter.set(drawn * 0.2 + 1)
      } else {
        try parameter.set(parameter.shape.count == 1 ? drawn * 0.1 : drawn / fan.squareRoot())
      }
    }
    network.announceChange()
    return network
  }

  static let bottlenecks = ResNetConfiguration(
    layerType: .bottleneck, embeddingSize: 6, hiddenSizes: [8, 12, 16, 20], depths: [1, 2, 1, 2])

  /// Without shortcut convolutions after stage 1: the input of stages 3 and 4 is added as it is.
  static var dilatedOfOneWidth: ResNetConfiguration {
    var configuration = ResNetConfiguration(
      layerType: .basic, embeddingSize: 8, hiddenSizes: [8, 8, 8, 8], depths: [2, 1, 2, 2])
    configuration.outputStride = 8
    return configuration
  }

  static func pixels(_ count: Int, _ height: Int, _ width: Int) throws -> Tensor {
    try Tensor.randomNormal([count, height, width, 3], generator: Generator(seed: 9)).permuted(0, 3, 1, 2)
  }

  static func features(_ network: DETR, _ images: ImageBatch) throws -> [String: Tensor] {
    let shape = images.pixels.shape
    return try network.features(
      of: images, taps: Set(network.taps(height: shape[2], width: shape[3]).map(\.name)))
  }

  static func expectEqual(
    _ a: [String: Tensor], _ b: [String: Tensor], within tolerance: Double, _ comment: Comment
  ) throws {
    #expect(Set(a.keys) == Set(b.keys) && !a.isEmpty)
    for name in a.keys.sorted() {
      let (left, right) = (try #require(a[name]), try #require(b[name]))
      #expect(left.shape == right.shape, "\(comment): \(name)")
      #expect(try relativeError(left, right) <= tolerance, "\(comment): \(name)")
    }
  }

  @Test(arguments: [bottlenecks, dilatedOfOneWidth], [[64, 96], [45, 71], [1, 5]])
  func preparedEqualsPlain(backbone: ResNetConfiguration, size: [Int]) throws {
    let network = try Self.network(backbone)
    let images = ImageBatch(pixels: try Self.pixels(3, size[0], size[1]))
    let plain = try Self.features(network, images)
    try network.prepare(batchSize: 3, height: size[0], width: size[1])
    try Self.expectEqual(Self.features(network, images), plain, within: 2e-6, "the batch prepared for")

    // The last batch of a folder is smaller; another size works too.
    let smaller = ImageBatch(pixels: try images.pixels.slice(0, 2..<3))
    try Self.expectEqual(
      Self.features(network, smaller), plain.mapValues { try $0.slice(0, 2..<3) }, within: 2e-6, "a smaller batch")
    let other = ImageBatch(pixels: try Self.pixels(1, 40, 56))
    let prepared = try Self.features(network, other)
    network.announceChange()
    try Self.expectEqual(prepared, Self.features(network, other), within: 2e-6, "another size")
  }

  /// Residual sums are written in place: never over what a tap shows.
  @Test(arguments: [bottlenecks, dilatedOfOneWidth])
  func tapsKeepTheirValuesWhileLaterStagesRun(backbone: ResNetConfiguration) throws {
    let network = try Self.network(backbone)
    try network.prepare(batchSize: 2, height: 64, width: 96)
    let taps = try Set(network.taps(height: 64, width: 96).map(\.name))
    let pixels = try Self.pixels(2, 64, 96)
    let before = try pixels.clone()
    var seen: [(value: Tensor, copy: Tensor)] = []
    try network.forward(ImageBatch(pixels: pixels), taps: taps) { seen.append(($1, try $1.clone())) }
    #expect(seen.count == taps.count)
    for (value, copy) in seen { #expect(try value.values(as: Float.self) == copy.values(as: Float.self)) }
    #expect(try pixels.values(as: Float.self) == before.values(as: Float.self))
  }

  @Test(arguments: [false, true])
  func tapsOfFeatureMapsNeedNoCopy(prepared: Bool) throws {
    let network = try Self.network(Self.bottlenecks)
    if prepared { try network.prepare(batchSize: 2, height: 64, width: 96) }
    for (name, value) in try Self.features(network, ImageBatch(pixels: Self.pixels(2, 64, 96))) {
      #expect(value.isContiguous, "\(name)")
    }
  }

  @Test(arguments: [false, true])
  func aBatchOfTwoEqualsTwoOfOne(prepared: Bool) throws {
    let network = try Self.network(Self.bottlenecks)
    if prepared { try network.prepare(batchSize: 2, height: 64, width: 96) }
    let pixels = try Self.pixels(2, 64, 96)
    let both = try Self.features(network, ImageBatch(pixels: pixels))
    for image in 0..<2 {
      let alone = try Self.features(network, ImageBatch(pixels: pixels.slice(0, image..<(image + 1))))
      try Self.expectEqual(
        alone, both.mapValues { try $0.slice(0, image..<(image + 1)) }, within: 2e-6, "image \(image)")
    }
  }

  @Test func twoRunsGiveTheSameBytes() throws {
    let network = try Self.network(Self.bottlenecks)
    try network.prepare(batchSize: 2, height: 64, width: 96)
    let images = ImageBatch(pixels: try Self.pixels(2, 64, 96))
    let (first, second) = (try Self.features(network, images), try Self.features(network, images))
    for (name, value) in first {
      #expect(try value.values(as: Float.self) == second[name]?.values(as: Float.self), "\(name)")
    }
  }

  @Test func everyLearnedParameterGetsAGradient() throws {
    let network = try Self.network(Self.bottlenecks)
    let parameters = network.namedParameters().filter(\.parameter.isLearned)
    for (_, parameter) in parameters { try parameter.value.setRequiresGradient(true) }
    var state = try network.begin(ImageBatch(pixels: Self.pixels(1, 64, 64)))
    var loss = try Tensor.zeros([])
    for step in network.steps {
      try step.advance(&state)
      for reading in step.readings { loss = try loss + reading.value(state).power(2).sum() }
    }
    try loss.backward()
    for (name, parameter) in parameters {
      let gradient = try #require(try parameter.value.gradient(), "\(name)")
      #expect(try gradient.isAllFinite(), "\(name)")
    }
  }

  @Test func newWeightsAreUsedAfterPreparing() throws {
    let network = try Self.network(Self.bottlenecks)
    try network.prepare(batchSize: 1, height: 64, width: 64)
    let images = ImageBatch(pixels: try Self.pixels(1, 64, 64))
    _ = try Self.features(network, images)
    try network.drawParameters(Generator(seed: 77))
    let plain = DETR(network.configuration)
    try plain.drawParameters(Generator(seed: 77))
    try Self.expectEqual(Self.features(network, images), Self.features(plain, images), within: 0, "drawn again")
  }

  @Test func foldingABatchNormKeepsTheConvolution() throws {
    let generator = try Generator(seed: 3)
    let unit = ConvolutionUnit(5, 7, kernel: 3, stride: 2, dilation: 2, activation: .identity)
    for (name, parameter) in unit.namedParameters() {
      let drawn = try Tensor.randomUniform(parameter.shape, generator: generator)
      // Variances down to 1e-4, where the epsilon of 1e-5 counts.
      try parameter.set(name.hasSuffix("running_var") ? drawn.power(4) + 1e-4 : drawn - 0.5)
    }
    let input = try Tensor.randomNormal([2, 5, 11, 14], generator: generator)
    let (weight, bias) = try unit.foldedWeights()
    let folded = try input.convolved(
      weight: weight, bias: bias, stride: [2, 2], padding: [2, 2], dilation: [2, 2])
    #expect(try relativeError(folded, unit(input)) < 1e-6)
    let scale = try unit.normalization.weight.value.values(as: Double.self)[0]
    let variance = try unit.normalization.runningVariance.value.values(as: Double.self)[0]
    let ratio = try weight.values(as: Double.self)[0] / unit.weight.value.values(as: Double.self)[0]
    #expect(abs(ratio / (scale / (variance + 1e-5).squareRoot()) - 1) < 1e-6)
  }

  @Test func strideOfDilatedStagesIsOne() throws {
    let plain = try #require(ResNetConfiguration.named["resnet50"])
    var dilated = plain
    dilated.outputStride = 16
    let sizes: [(ResNetConfiguration, [[Int]])] = [
      (plain, [[120, 160], [60, 80], [30, 40], [15, 20]]), (dilated, [[120, 160], [60, 80], [30, 40], [30, 40]]),
    ]
    for (backbone, grids) in sizes {
      let taps = try DETR(DETRConfiguration(backbone: backbone, classes: 91)).taps(height: 480, width: 640)
      #expect(taps.prefix(4).map { $0.grid?.shape } == grids)
      #expect(taps.prefix(4).map(\.channels) == [256, 512, 1024, 2048])
      let last = grids[3][0] * grids[3][1]
      #expect(
        taps[4]
          == Tap(
            name: "projection", tokens: last, channels: 256, grid: ImageSize(height: grids[3][0], width: grids[3][1]),
            parent: "backbone.layer4", depth: 4))
      #expect(taps.count == 4 + 1 + 6 + 6 + 2 && taps.suffix(2).map(\.channels) == [92, 4])
    }
  }
}
