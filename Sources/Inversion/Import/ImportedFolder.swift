import Foundation
import NeuralNet
import Torch

extension TrainingPlan {
  /// The ``source`` of modules that were trained elsewhere: images, rates and course are not known.
  public static let importedSource = "import"

  public var isImported: Bool { source == TrainingPlan.importedSource }

  /// The plan of a folder of imported modules; what only a training has is zero or empty.
  public init(
    importing chain: InversionChain, model: String, family: String, checkpointSHA256: String, preprocessing: String,
    scale: PixelScale, height: Int, width: Int
  ) {
    self.init(
      model: model, family: family, checkpointSHA256: checkpointSHA256, control: "none", preprocessing: preprocessing,
      scale: scale, height: height, width: width, mode: .modular, profile: chain.profile, cuts: chain.cuts,
      imageCount: 0, imagesSHA256: "", source: TrainingPlan.importedSource, threads: 0, device: "cpu")
    validationShare = 0
    epochs = 0
    batchSize = 0
    accumulation = 0
    clippingNorm = 0
  }
}

extension InverseFolder {
  /// Saves imported modules as training would: the plan, and the weights as the best and as the last ones.
  ///
  /// - Throws: ``InversionError`` where another training has the folder.
  public func save(_ reference: ReferenceImport, plan: TrainingPlan) throws {
    try begin(plan)
    let text = String(decoding: try plan.encoded(pretty: false), as: UTF8.self)
    for (module, origin) in zip(reference.chain.modules, reference.origins) {
      let weights = try module.namedParameters(prefix: "\(module.name).").map {
        (name: $0.name, tensor: try $0.parameter.value)
      }
      for kept in [Kept.best, .last] {
        let metadata = [
          "format": TrainingPlan.currentFormat, "module": module.name, "modules": module.name,
          "target": origin.target, "kept": kept.rawValue, "plan": text, "imported_class": origin.referenceClass,
          "imported_from": origin.file, "imported_prefix": origin.prefix,
        ]
        try SafetensorsWriter.write(weights, metadata: metadata, to: weightsURL(module.name, kept))
      }
    }
  }
}
