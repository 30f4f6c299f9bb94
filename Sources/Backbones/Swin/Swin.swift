import NeuralNet

/// The family of Swin transformers.
enum Swin {
  static let builder = FamilyBuilder(
    recognizes: { folder in
      if let architecture = folder.architecture { return named(architecture) != nil }
      return try folder.configuration?.string("model_type") == "swin"
    },
    build: { folder in
      let weights = SwinWeights(folder.checkpoint)
      let configuration: SwinConfiguration
      if let name = folder.architecture, let architecture = named(name) {
        configuration = try SwinConfiguration(
          TimmConfiguration(folder, architecture: name), named: architecture, storedClasses: weights.classes)
      } else if let object = folder.configuration {
        configuration = try SwinConfiguration(
          TransformersConfiguration(object), hasClassifier: weights.hasClassifier)
      } else {
        throw BackboneError("\(folder.url.path): there is no config.json; name the model with --architecture")
      }
      return (SwinTransformer(configuration), weights.dialect)
    },
    architectures: SwinArchitecture.all.keys.sorted())

  private static func named(_ architecture: String) -> SwinArchitecture? {
    SwinArchitecture.all[TimmConfiguration.name(of: architecture)]
  }
}

/// What the name of a timm architecture fixes. Source: the registered functions of timm 1.0.31's `swin_transformer.py`.
package struct SwinArchitecture: Sendable {
  package let width: Int
  package let depths: [Int]
  package let heads: [Int]
  /// One a stage.
  package let windows: [Int]
  package let inputSize: Int

  private init(_ width: Int, _ depths: [Int], heads: Int, windows: [Int], inputSize: Int) {
    self.width = width
    self.depths = depths
    self.heads = (0..<4).map { heads << $0 }
    self.windows = windows
    self.inputSize = inputSize
  }

  package static let all: [String: SwinArchitecture] = {
    let seven = [7, 7, 7, 7]
    let twelve = [12, 12, 12, 12]
    return [
      "swin_tiny_patch4_window7_224": .init(96, [2, 2, 6, 2], heads: 3, windows: seven, inputSize: 224),
      "swin_small_patch4_window7_224": .init(96, [2, 2, 18, 2], heads: 3, windows: seven, inputSize: 224),
      "swin_base_patch4_window7_224": .init(128, [2, 2, 18, 2], heads: 4, windows: seven, inputSize: 224),
      "swin_base_patch4_window12_384": .init(128, [2, 2, 18, 2], heads: 4, windows: twelve, inputSize: 384),
      "swin_large_patch4_window7_224": .init(192, [2, 2, 18, 2], heads: 6, windows: seven, inputSize: 224),
      "swin_large_patch4_window12_384": .init(192, [2, 2, 18, 2], heads: 6, windows: twelve, inputSize: 384),
      "swin_s3_tiny_224": .init(96, [2, 2, 6, 2], heads: 3, windows: [7, 7, 14, 7], inputSize: 224),
      "swin_s3_small_224": .init(96, [2, 2, 18, 2], heads: 3, windows: [14, 14, 14, 7], inputSize: 224),
      "swin_s3_base_224": .init(96, [2, 2, 30, 2], heads: 3, windows: [7, 7, 14, 7], inputSize: 224),
    ]
  }()
}
