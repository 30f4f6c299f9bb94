import NeuralNet

extension Family {
  public static let detr = Family(rawValue: "detr")
}

extension ModelFamily {
  /// Detection transformers.
  static let detr = ModelFamily(
    .detr, titles: ["DETR"], modelTypes: ["detr"], architectures: DETRConfiguration.architectures,
    dialects: DETRSpelling.descriptions, preprocessing: .transformers(modelType: "detr"), configurationKey: "detr"
  ) { folder in
    let weights = DETRWeightShapes(folder.checkpoint)
    let configuration = try DETRConfiguration(folder, weights: weights)
    return (configuration, weights.spelling.dialect(width: configuration.width))
  }
}

extension DETRConfiguration {
  /// From the architecture's name with the file's own numbers of queries and classes, else from `config.json`.
  init(_ folder: ModelFolder, weights: DETRWeightShapes) throws {
    if let architecture = folder.architecture, var named = DETRConfiguration.named(architecture) {
      named.queries = weights.queries ?? named.queries
      named.classes = weights.classes ?? (weights.hasHeads ? 91 : nil)
      self = named
    } else if let json = folder.configuration {
      try self.init(json: json, weights: weights)
    } else {
      throw BackboneError(
        "\(folder.url.path): there is no config.json; name the model with --architecture detr_resnet50")
    }
  }
}
