import Formats
import NeuralNet

extension Family {
  public static let resnet = Family(rawValue: "resnet")
}

extension ModelFamily {
  /// Residual networks of convolutions, the control beside transformers.
  static let resnet = ModelFamily(
    .resnet, titles: ["ResNet"], modelTypes: ["resnet"], timmModels: ["resnet"],
    architectures: Array(ResNetConfiguration.named.keys), dialects: ResNetWeights.Spelling.allCases.map(\.rawValue),
    configurationKey: "resnet",
    knowsArchitecture: { ResNetConfiguration.named[TimmConfiguration.name(of: $0)] != nil }
  ) { folder in
    let weights = ResNetWeights(folder.checkpoint)
    if let name = folder.architecture, let named = ResNetConfiguration.named[TimmConfiguration.name(of: name)] {
      let timm = try TimmConfiguration(folder, architecture: name)
      return (try ResNetModelConfiguration(timm, named: named, storedClasses: weights.classes), weights.dialect)
    }
    let configuration = try ResNetModelConfiguration(
      TransformersConfiguration(folder.requiredConfiguration), hasClassifier: weights.classes != nil)
    return (configuration, weights.dialect)
  }
}

extension ResNetModelConfiguration {
  /// A configuration of timm: the named architecture with the arguments that override it.
  init(_ timm: TimmConfiguration, named: ResNetConfiguration, storedClasses: Int?) throws {
    try timm.refuseOthers(than: ["channels", "global_pool", "layers", "output_stride"])
    var body = named
    let expansion = body.layerType == .bottleneck ? 4 : 1
    body.hiddenSizes = try timm.integers("channels")?.map { $0 * expansion } ?? body.hiddenSizes
    body.depths = try timm.integers("layers") ?? body.depths
    body.outputStride = try timm.outputStride()
    if let pooling = try timm.pooling(named: nil), pooling != "avg" {
      throw BackboneError("\(timm.place): global_pool '\(pooling)' is not known for a ResNet; known is avg")
    }
    self.init(body: body, classes: try timm.classes(stored: storedClasses))
    self = try checked(place: timm.place)
  }

  /// A configuration of transformers; an absent key means the library's default.
  init(_ configuration: TransformersConfiguration, hasClassifier: Bool) throws {
    let classifies = configuration.architecture?.contains("ImageClassification") ?? false
    self.init(
      body: try ResNetConfiguration(transformers: configuration.object),
      classes: hasClassifier || classifies ? try configuration.classes() : 0)
    self = try checked(place: configuration.object.place)
  }
}
