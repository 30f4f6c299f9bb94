import Backbones

/// Which architecture inverses have where Palimpsest's default and the paper's code differ.
public enum InverseProfile: String, Codable, Sendable, CaseIterable {
  case standard = "default"
  case paper
}

/// How a family's steps are undone: the list of steps, the taps between them, and inverse layers for any run of steps.
struct InverseDesign {
  /// Taps where a chain may be cut, with the number of steps that come before each. Several may stand at one place.
  let cuts: [(tap: String, depth: Int)]
  /// The cuts of the default modules, shallow to deep.
  let defaults: [String]
  /// Inverse layers, in the order they are applied, for the steps in a range.
  let layers: (Range<Int>) -> [any InverseLayer]
  /// The learning rate of the default modules, by the paper's code.
  let learningRate: (_ cut: String) -> Double

  /// - Throws: ``InversionError`` for a model without a design.
  init(_ backbone: any Backbone, profile: InverseProfile) throws {
    switch backbone {
    case let model as VisionTransformer: self = .visionTransformer(model.configuration, profile)
    case let model as SwinTransformer: self = .swin(model.configuration, profile)
    case let model as DETR:
      self = .detr(profile == .paper ? model.configuration.paperLayers : model.configuration, profile)
    default: throw InversionError(.badInput, "no inverse architecture is known for \(backbone.family.rawValue) models")
    }
  }

  /// The learning rates by cut.
  var rates: [String: Double] {
    Dictionary(cuts.map { ($0.tap, learningRate($0.tap)) }, uniquingKeysWith: { first, _ in first })
  }

  /// One module for each cut, shallow to deep.
  ///
  /// - Parameters:
  ///   - names: the cuts; the default ones where nil.
  ///   - layers: what undoes the steps in a range.
  /// - Throws: ``InversionError`` where a name is no cut of this model, or the order is not that of depth.
  func modules(_ names: [String]?, layers: (Range<Int>) -> [any InverseLayer]) throws -> [InverseModule] {
    var modules: [InverseModule] = []
    var depth = 0
    for name in names ?? defaults {
      guard let cut = cuts.first(where: { $0.tap == name }) else {
        throw InversionError(
          .badInput,
          "--modules: a chain cannot be cut at '\(name)'; this model can be cut at "
            + cuts.map(\.tap).joined(separator: ", "))
      }
      guard cut.depth > depth else {
        throw InversionError(
          .badInput,
          "--modules: '\(name)' is not deeper than '\(modules.last?.name ?? "the image")' before it; "
            + "name taps from shallow to deep, each place once")
      }
      modules.append(InverseModule(name: name, target: modules.last?.name, layers: layers(depth..<cut.depth)))
      depth = cut.depth
    }
    guard !modules.isEmpty else { throw InversionError(.badInput, "--modules is empty; name at least one tap") }
    return modules
  }

  private init(
    cuts: [(tap: String, depth: Int)], defaults: [String], learningRate: @escaping (String) -> Double,
    layers: @escaping (Range<Int>) -> [any InverseLayer]
  ) {
    self.cuts = cuts
    self.defaults = defaults
    self.learningRate = learningRate
    self.layers = layers
  }

  // MARK: Families

  private static func visionTransformer(_ configuration: ViTConfiguration, _ profile: InverseProfile) -> InverseDesign {
    var block = configuration
    // Layer scale tames deep training and adds nothing to what a block can express.
    block.hasLayerScale = false
    if profile == .paper { block = configuration.paperBlocks }
    let names = ["embed"] + (0..<configuration.depth).map { "block.\($0)" }
    return InverseDesign(
      cuts: names.enumerated().map { ($0.element, $0.offset + 1) }, defaults: ["embed", names[names.count - 1]],
      learningRate: { $0 == "embed" ? 1e-3 : 1e-4 }
    ) { steps in
      steps.reversed().map { step -> any InverseLayer in
        guard step == 0 else { return BlockInverse(block) }
        return PatchPixels(
          width: configuration.embeddingDimension, patch: [configuration.patchHeight, configuration.patchWidth],
          normalizesLast: false, tap: "embed")
      }
    }
  }

  private static func swin(_ configuration: SwinConfiguration, _ profile: InverseProfile) -> InverseDesign {
    let stages = configuration.stages
    var places: [(stage: Int, block: Int)] = []
    var cuts = [(tap: "embed", depth: 1)]
    for (index, stage) in stages.enumerated() {
      for block in 0..<stage.depth {
        places.append((index, block))
        cuts.append(("stage.\(index).block.\(block)", places.count + 1))
      }
      cuts.append(("stage.\(index)", places.count + 1))
    }
    let layouts = WindowLayouts(configuration)
    let blocks = profile == .paper ? configuration.paperBlocks : configuration
    return InverseDesign(
      cuts: cuts, defaults: ["embed"] + stages.indices.map { "stage.\($0)" }, learningRate: { _ in 1e-4 }
    ) { [places] steps in
      steps.reversed().flatMap { step -> [any InverseLayer] in
        guard step > 0 else {
          return [
            PatchPixels(
              width: stages[0].width, patch: [configuration.patchHeight, configuration.patchWidth],
              normalizesLast: true, tap: "embed")
          ]
        }
        let (stage, block) = places[step - 1]
        // The reference code shifts every other block of the inverse, the first one too, however many there are.
        let position = profile == .paper ? stages[stage].depth - block : block
        let inverse = SwinBlockInverse(blocks, stage: stage, position: position, layouts: layouts)
        guard block == 0, stage > 0 else { return [inverse] }
        // The forward step merges before its block.
        return [
          inverse,
          PatchSplitting(
            stages[stage].width, stages[stage - 1].width, stage: stage, epsilon: blocks.stemEpsilon),
        ]
      }
    }
  }

  private static func detr(_ configuration: DETRConfiguration, _ profile: InverseProfile) -> InverseDesign {
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
    return InverseDesign(
      cuts: names.enumerated().map { ($0.element, $0.offset + 1) }, defaults: defaults, learningRate: { _ in 1e-3 }
    ) { steps in
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
        layers.append(convolution(step, configuration, profile))
      }
      return layers
    }
  }

  /// What undoes a step of DETR's convolutional part: the projection, a stage, or the first stage with the stem.
  private static func convolution(
    _ step: Int, _ configuration: DETRConfiguration, _ profile: InverseProfile
  ) -> any InverseLayer {
    let widths = configuration.backbone.hiddenSizes
    if step == 0 {
      return StemPixels(width: widths[0], stageStride: configuration.backbone.geometry[0].stride)
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
