import Backbones
import Foundation
import NeuralNet
import Torch

extension Family {
  public static let patchMixer = Family(rawValue: "patch-mixer")
}

extension ModelFamily {
  /// The entry of the test's family; `ModelRegistry.register(.patchMixer)` is all that has to be written for it.
  public static let patchMixer = ModelFamily(
    .patchMixer, titles: ["Patch Mixer"], modelTypes: ["patch_mixer"], dialects: ["patch mixer"]
  ) { folder in
    let file = try folder.requiredConfiguration
    var configuration = PatchMixer.Configuration()
    configuration.side = try file.integer("image_size") ?? configuration.side
    configuration.patch = try file.integer("patch_size") ?? configuration.patch
    configuration.width = try file.integer("hidden_size") ?? configuration.width
    configuration.depth = try file.integer("num_hidden_layers") ?? configuration.depth
    configuration.classes = try file.integer("num_labels") ?? configuration.classes
    return (
      try configuration.checked(place: folder.url.path),
      CheckpointDialect(name: "patch mixer") { .stored("mixer." + $0) }
    )
  }
}

extension PatchMixer {
  /// Writes a checkpoint with drawn weights, as a library would: `config.json` and `model.safetensors`.
  public static func writeCheckpoint(to folder: URL, seed: UInt64 = 11) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = #"{"model_type": "patch_mixer", "hidden_size": 8, "image_size": 16, "num_labels": 3, "patch_size": 4}"#
    try Data(text.utf8).write(to: folder.appendingPathComponent("config.json"))
    let network = PatchMixer(Configuration())
    try network.drawParameters(Generator(seed: seed))
    try SafetensorsWriter.write(
      network.namedParameters().map { ("mixer." + $0.name, try $0.parameter.value) },
      to: folder.appendingPathComponent("model.safetensors"))
  }
}
