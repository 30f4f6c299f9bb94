import Formats

/// What can be read of DETR, and where.
extension DETR {
  /// - Throws: ``BackboneError`` where learned positions end before the feature map does.
  func checkExtent(_ grid: ImageSize) throws {
    let most = DETRPositions.learnedExtent
    guard configuration.positions == .learned, max(grid.height, grid.width) > most else { return }
    throw BackboneError(
      "the feature map would be \(grid) (width x height), but the model's learned positions end at \(most)x\(most); "
        + "choose a smaller --size")
  }

  public func taps(height: Int, width: Int) throws -> [Tap] {
    let grids = backbone.grids(height: height, width: width)
    let grid = backbone.lastGrid(height: height, width: width)
    try checkExtent(grid)
    let (channels, tokens) = (configuration.width, grid.area)
    var list = TapList()
    for ((name, grid), width) in zip(zip(stageNames, grids), configuration.backbone.hiddenSizes) {
      list.append(name, tokens: grid.area, channels: width, grid: grid)
    }
    for name in ["projection"] + encoderNames { list.append(name, tokens: tokens, channels: channels, grid: grid) }
    for name in decoderNames { list.append(name, tokens: configuration.queries, channels: channels) }
    if let classes = configuration.classes {
      list.appendHead("logits", tokens: configuration.queries, channels: classes + 1)
      list.appendHead("boxes", tokens: configuration.queries, channels: 4)
    }
    return list.taps
  }

  public func insideTaps(height: Int, width: Int) throws -> [Tap] {
    let known = try taps(height: height, width: width)
    let encoders = Set(encoderNames)
    let decoders = Set(decoderNames)
    let memory = known.last { encoders.contains($0.name) || $0.name == "projection" }
    return known.flatMap { tap -> [Tap] in
      let isDecoder = decoders.contains(tap.name)
      guard isDecoder || encoders.contains(tap.name) else { return [] }
      let heads = isDecoder ? configuration.decoderHeads : configuration.encoderHeads
      return BlockTaps(
        block: tap, heads: heads, headDimension: configuration.width / heads,
        hidden: isDecoder ? configuration.decoderInnerWidth : configuration.encoderInnerWidth,
        memory: isDecoder ? memory : nil
      ).taps
    }
  }

  private var stageNames: [String] { backbone.stages.indices.map { "backbone.layer\($0 + 1)" } }
  var encoderNames: [String] { encoder.indices.map { "encoder.\($0)" } }
  var decoderNames: [String] { decoder.indices.map { "decoder.\($0)" } }

  public var kind: BackboneKind { classHead == nil ? .encoder : .detector(scores: "logits", boxes: "boxes") }

  public var components: [ModelComponent] {
    let layers = [encoderNames, decoderNames].filter { !$0.isEmpty }
    let heads = classHead == nil ? [] : ["logits", "boxes"]
    return (stageNames + ["projection"]).map { ModelComponent([$0]) } + layers.map(ModelComponent.init)
      + heads.map { ModelComponent([$0]) }
  }
}
