import ArgumentParser
import Backbones
import Foundation
import Imaging
import Torch

/// A model and how images become its input.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A folder with config.json and model.safetensors (timm or transformers), or a bare .safetensors file.",
      valueName: "model"))
  var model: String

  @Option(name: .long, help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(name: .long, help: "native follows the checkpoint's own preprocessing, paper stretches without a crop.")
  var preprocess = "native"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Another input size, such as 640x480; native keeps DETR's rule (shorter side 800).", valueName: "WxH"))
  var size: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "random-weights draws the weights with --seed instead of loading them: what architecture alone gives.",
      valueName: "control"))
  var control: String?

  /// Loads the model; with `--control random-weights` with weights drawn by `seed`.
  func load(device: Device, seed: Int) throws -> LoadedModel {
    if let control, control != "random-weights" {
      throw BadInput("--control is '\(control)'; only random-weights is known")
    }
    return try ModelRegistry.load(
      at: URL(fileURLWithPath: model), architecture: architecture, device: device,
      randomWeightsSeed: control == nil ? nil : UInt64(bitPattern: Int64(seed)))
  }

  /// The checkpoint's preprocessing under the profile and size asked for.
  func preprocessing(of model: LoadedModel) throws -> Preprocessing {
    guard let profile = Preprocessing.Profile(rawValue: preprocess) else {
      throw BadInput("--preprocess is '\(preprocess)'; give native or paper")
    }
    let inputSize = try size.map(Preprocessing.InputSize.init(parsing:)) ?? .checkpoint
    return try ModelOptions.preprocessing(of: model).resolved(profile: profile, size: inputSize)
  }

  /// The checkpoint's own recipe.
  static func preprocessing(of model: LoadedModel) throws -> Preprocessing {
    if model.folder.configuration != nil { return try Preprocessing(checkpointFolder: model.folder.url) }
    switch model.family.preprocessing {
    case .timm: return .timmDefault(architecture: model.name)
    case .transformers(let modelType): return try .transformersDefault(modelType: modelType)
    }
  }

  /// The recipe as recorded: JSON with sorted keys.
  static func text(of preprocessing: Preprocessing) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(preprocessing), as: UTF8.self)
  }
}
