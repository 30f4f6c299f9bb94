import ArgumentParser
import Imaging
import Pipelines

/// A model and how images become its input.
struct ModelOptions: ParsableArguments {
  /// What `--model` takes, for the help of every command.
  static let accepted =
    "A folder with config.json and model.safetensors of timm or transformers (docs/models.md lists the models), a bare "
    + ".safetensors file, or ORG/NAME[@REVISION] of the Hub."

  @Option(help: ArgumentHelp(ModelOptions.accepted, valueName: "model"), completion: .directory)
  var model: String

  @Option(help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      "native follows the checkpoint's own preprocessing, but passes images that have the input size already as they are; exact "
        + "follows it at every size; paper stretches without a crop."))
  var preprocess = Preprocessing.Profile.native

  @Option(
    help: ArgumentHelp(
      "Another input size, such as 640x480; native keeps DETR's rule (shorter side 800).", valueName: "WxH"))
  var size: String?

  @Option(
    help: ArgumentHelp(
      "random-weights draws the weights with --seed instead of loading them: what architecture alone gives.",
      valueName: "control"))
  var control: ModelControl?

  /// As jobs take it.
  var source: ModelSource {
    get throws {
      try ModelSource(
        model, architecture: architecture, profile: preprocess, size: Preprocessing.InputSize(option: size),
        control: control)
    }
  }
}

extension Preprocessing.InputSize {
  /// `--size`; the checkpoint's own where it is not given.
  ///
  /// - Throws: `ImagingError` for a text that is not a size.
  init(option text: String?) throws { self = try text.map(Preprocessing.InputSize.init(parsing:)) ?? .checkpoint }
}
