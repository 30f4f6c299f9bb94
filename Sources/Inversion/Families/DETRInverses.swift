import Backbones
import NeuralNet
import Torch

/// DETR: encoder layers are undone by such layers, the decoder by attention of the feature map to the decoded queries, the
/// heads by an MLP, and the backbone's stages by transposed convolutions.
extension DETR: InvertibleBackbone {
  public func inverseDesign(_ profile: InverseProfile) -> InverseDesign {
    let configuration = profile == .paper ? configuration.paperLayers : configuration
    let stages = configuration.backbone.hiddenSizes.count
    let encoderStart = stages + 1
    let decoderStart = encoderStart + configuration.encoderLayers
    let decoderEnd = decoderStart + configuration.decoderLayers
    var names = (0..<stages).map { "backbone.layer\($0 + 1)" } + ["projection"]
    names += (0..<configuration.encoderLayers).map { "encoder.\($0)" }
    names += (0..<configuration.decoderLayers).map { "decoder.\($0)" }
    if configuration.classes != nil { names.append("boxes") }
    var defaults = ["projection"]
    for depth in [decoderStart, decoderEnd] where names[depth - 1] != defaults[defaults.count - 1] {
      defaults.append(names[depth - 1])
    }
    if configuration.classes != nil { defaults.append("boxes") }
    let cuts = names.enumerated().map { index, name in
      name == "boxes"
        ? InverseDesign.Cut(
          name, depth: index + 1, taps: ["logits", "boxes"],
          combine: { try DETR.prediction(logits: $0[0], boxes: $0[1]) })
        : InverseDesign.Cut(name, depth: index + 1)
    }
    return InverseDesign(cuts: cuts, defaults: defaults, learningRate: { _ in 1e-3 }) { steps in
      var layers: [any InverseLayer] = []
      if steps.contains(decoderEnd), let classes = configuration.classes {
        layers.append(PredictionInverse(classes: classes + 1, width: configuration.width))
      }
      let decoding = steps.clamped(to: decoderStart..<decoderEnd)
      if !decoding.isEmpty {
        let reachesEncoder = decoding.lowerBound == decoderStart
        let count = decoding.count
        layers.append(
          reachesEncoder
            ? DecoderInverse(configuration, layers: count) as any InverseLayer
            : QueryInverse(configuration, layers: count))
      }
      for _ in steps.clamped(to: encoderStart..<decoderStart) { layers.append(EncoderLayerInverse(configuration)) }
      for step in steps.clamped(to: 0..<encoderStart).reversed() {
        layers.append(DETR.convolution(step, configuration, profile))
      }
      return layers
    }
  }

  /// The heads' output as one activation `[B, Q, classes + 5]`: the likeliest class as one-hot, beside the box.
  private static func prediction(logits: Tensor, boxes: Tensor) throws -> Tensor {
    let shape = logits.shape
    let classes = try logits.argmax(-1).flattened()
    let oneHot = try Tensor.eye(shape[2], device: logits.device).indexed(0, by: classes).reshaped(shape)
    return try Tensor.concatenate([oneHot, boxes], axis: 2)
  }

  /// What undoes a step of DETR's convolutional part: the projection, a stage, or the first stage with the stem.
  private static func convolution(
    _ step: Int, _ configuration: DETRConfiguration, _ profile: InverseProfile
  ) -> any InverseLayer {
    let widths = configuration.backbone.hiddenSizes
    if step == 0 {
      return StemPixels(
        width: widths[0], stageStride: configuration.backbone.geometry[0].stride, tap: "backbone.layer1")
    }
    let target = "backbone.layer\(step)"
    if step == widths.count {
      return ConvolutionInverse(
        widths: [configuration.width, widths[step - 1]], kernel: 1, stride: 1, from: "projection", to: target)
    }
    let (from, to) = (widths[step], widths[step - 1])
    // The paper's code narrows in two steps of stride 1 before the first that enlarges: 2048, 1792, 1536, 1024.
    let isPaperEntry = profile == .paper && step == widths.count - 1
    return ConvolutionInverse(
      widths: isPaperEntry ? [from, from * 7 / 8, from * 6 / 8, to] : [from, to], kernel: 3,
      stride: configuration.backbone.geometry[step].stride, from: "backbone.layer\(step + 1)", to: target)
  }
}

extension DETRConfiguration {
  /// What the reference code fixes in InverseTransformerEncoder and InverseTransformerDecoder, by their default arguments:
  /// layers of the original DETR, with ReLU. Heads and inner widths are the model's.
  fileprivate var paperLayers: DETRConfiguration {
    var layers = self
    layers.activation = .relu
    return layers
  }
}

extension DETR: ReferenceInvertible {
  var referenceClasses: Set<ReferenceClass> {
    [
      .enhancedBatchNormalizedConvolutionalDecoder, .batchNormalizedConvolutionalDecoder, .inverseTransformerEncoder,
      .inverseTransformerDecoder, .inverseDetector, .linearDecoder, .linearDecoderEnhanced, .simpleConvolutionalDecoder,
    ]
  }

  func referenceCut(of state: ReferenceState, _ design: InverseDesign) throws -> String {
    switch state.kind {
    case .inverseDetector: "boxes"
    case .inverseTransformerDecoder: "decoder.\(configuration.decoderLayers - 1)"
    default: "encoder.\(configuration.encoderLayers - 1)"
    }
  }

  /// The reference knows ResNets that halve the map in stages 2, 3 and 4, and ReLU.
  func checkReference(keepsActivation: Bool) throws {
    guard configuration.backbone.geometry.map(\.stride) == [1, 2, 2, 2] else {
      throw InversionError(
        .badInput, "the reference's inverses are of a DETR whose backbone strides by 32; this model's does not")
    }
    guard !keepsActivation || configuration.activation == .relu else {
      throw InversionError(
        .badInput,
        "the reference's layers have ReLU, this model's have \(configuration.activation.rawValue), which they keep beside "
          + "a BatchNormalizedConvolutionalDecoder; give an EnhancedBatchNormalizedConvolutionalDecoder")
    }
  }
}
