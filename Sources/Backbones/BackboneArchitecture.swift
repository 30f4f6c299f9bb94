/// Everything that decides how a backbone is built, weights left out: enough for what needs its sizes and taps alone,
/// such as inverse networks that lead back activations from a store.
public struct BackboneArchitecture: Codable, Equatable, Sendable {
  public let family: String
  /// One of the three, as the family has it. The checkpoint's own facts are settled in it, such as the grid of stored
  /// position embeddings or the number of queries.
  public let transformer: ViTConfiguration?
  public let swin: SwinConfiguration?
  public let detr: DETRConfiguration?

  private init(
    family: Family, transformer: ViTConfiguration? = nil, swin: SwinConfiguration? = nil, detr: DETRConfiguration? = nil
  ) {
    self.family = family.rawValue
    self.transformer = transformer
    self.swin = swin
    self.detr = detr
  }

  /// What a backbone was built from; nil where it is of none of the families.
  public init?(of backbone: any Backbone) {
    switch backbone {
    case let model as VisionTransformer: self.init(family: model.family, transformer: model.configuration)
    case let model as SwinTransformer: self.init(family: .swin, swin: model.configuration)
    case let model as DETR: self.init(family: .detr, detr: model.configuration)
    default: return nil
    }
  }
}

extension ModelRegistry {
  /// Builds a backbone without weights: it tells its taps and their sizes, but cannot run.
  ///
  /// - Parameter place: where the architecture is recorded, for messages.
  /// - Throws: ``BackboneError`` where it describes no network.
  public static func backbone(_ architecture: BackboneArchitecture, place: String) throws -> any Backbone {
    if let configuration = architecture.transformer, let family = Family(rawValue: architecture.family) {
      return VisionTransformer(try configuration.checked(place: place), family: family)
    }
    if let configuration = architecture.swin {
      guard configuration.stages.allSatisfy({ $0.window.count == 2 }) else {
        throw BackboneError("\(place): a window of Swin has no height and width; fetch the file again")
      }
      return SwinTransformer(try configuration.checked(place: place))
    }
    if let configuration = architecture.detr { return DETR(try configuration.checked(place: place)) }
    throw BackboneError(
      "\(place): the architecture '\(architecture.family)' has no configuration; fetch the file again")
  }
}

extension DETRConfiguration {
  /// - Throws: ``BackboneError`` where the numbers describe no network.
  fileprivate func checked(place: String) throws -> DETRConfiguration {
    var positive: [(String, Int)] = [
      ("width", width), ("decoder layers", decoderLayers), ("heads of the encoder", encoderHeads),
      ("heads of the decoder", decoderHeads), ("inner width of the encoder", encoderInnerWidth),
      ("inner width of the decoder", decoderInnerWidth), ("queries", queries),
      ("width of the stem", backbone.embeddingSize), ("the number of stages", backbone.hiddenSizes.count),
    ]
    positive += (backbone.hiddenSizes + backbone.depths).map { ("a stage's width or depth", $0) }
    for (name, value) in positive where value < 1 || value > 1 << 20 {
      throw BackboneError("\(place): \(name) is \(value); a network has from 1 to \(1 << 20) of it")
    }
    guard backbone.hiddenSizes.count == backbone.depths.count, encoderLayers >= 0, width % 4 == 0,
      width % encoderHeads == 0, width % decoderHeads == 0
    else { throw BackboneError("\(place): DETR's widths, heads and stages do not fit together; fetch the file again") }
    return self
  }
}
