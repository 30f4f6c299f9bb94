import NeuralNet

extension DETR {
  /// Recognises DETR by `model_type` or by the architecture's name, and builds it.
  static var builder: FamilyBuilder {
    FamilyBuilder(
      recognizes: { folder in
        if let architecture = folder.architecture { return DETRConfiguration.architectures.contains(architecture) }
        return try folder.configuration?.string("model_type") == "detr"
      },
      build: { folder in
        let weights = DETRWeightShapes(folder.checkpoint)
        let configuration = try DETRConfiguration(folder, weights: weights)
        return (DETR(configuration), weights.spelling.dialect(width: configuration.width))
      },
      architectures: DETRConfiguration.architectures)
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
