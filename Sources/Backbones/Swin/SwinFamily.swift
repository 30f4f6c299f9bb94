import NeuralNet

extension Family {
  public static let swin = Family(rawValue: "swin")
}

extension ModelFamily {
  /// Swin transformers.
  static let swin = ModelFamily(
    .swin, titles: ["Swin"], modelTypes: ["swin"], timmModels: ["swin"],
    architectures: Array(SwinArchitecture.all.keys), dialects: SwinWeights.Spelling.allCases.map(\.rawValue),
    configurationKey: "swin", knowsArchitecture: { SwinArchitecture.all[TimmConfiguration.name(of: $0)] != nil }
  ) { folder in
    let weights = SwinWeights(folder.checkpoint)
    if let name = folder.architecture, let architecture = SwinArchitecture.all[TimmConfiguration.name(of: name)] {
      let configuration = try SwinConfiguration(
        TimmConfiguration(folder, architecture: name), named: architecture, storedClasses: weights.classes)
      return (configuration, weights.dialect)
    }
    let configuration = try SwinConfiguration(
      TransformersConfiguration(folder.requiredConfiguration), hasClassifier: weights.hasClassifier)
    return (configuration, weights.dialect)
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
