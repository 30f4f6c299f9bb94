import Backbones
import Foundation
import Imaging
import Torch

/// What may stand in place of a model's own weights.
public enum ModelControl: String, Sendable, CaseIterable {
  /// Weights drawn with a seed: what the architecture alone gives.
  case randomWeights = "random-weights"
}

/// A checkpoint, and how images become its input.
public struct ModelSource: Sendable, Equatable {
  /// A folder with `config.json` and `model.safetensors`, a bare `.safetensors` file, or a model of the Hub by its name.
  public var path: String
  /// The architecture of a bare file, such as `vit_base_patch16_224`.
  public var architecture: String?
  /// Whose preprocessing is followed.
  public var profile: Preprocessing.Profile
  /// Another input size than the checkpoint's.
  public var size: Preprocessing.InputSize
  /// nil loads the checkpoint's weights.
  public var control: ModelControl?

  public init(
    _ path: String, architecture: String? = nil, profile: Preprocessing.Profile = .native,
    size: Preprocessing.InputSize = .checkpoint, control: ModelControl? = nil
  ) {
    self.path = path
    self.architecture = architecture
    self.profile = profile
    self.size = size
    self.control = control
  }

  /// The control as stores and plans record it: `none` or `random-weights`.
  public var controlName: String { control?.rawValue ?? "none" }

  /// Loads the model, which is fetched first where it is a name of the Hub; as a control its weights are drawn with `seed`.
  ///
  /// - Throws: `HubError`, `BackboneError` and `CheckpointError`.
  public func load(device: Device, seed: Int, _ reporter: JobReporter = .silent) throws -> LoadedModel {
    try ModelRegistry.load(
      at: place(reporter), architecture: architecture, device: device,
      randomWeightsSeed: control == nil ? nil : UInt64(bitPattern: Int64(seed)))
  }

  /// The checkpoint's preprocessing under the profile and with the size asked for.
  ///
  /// - Throws: `ImagingError` where the checkpoint's own cannot be read, or does not allow that size.
  public func preprocessing(of model: LoadedModel) throws -> Preprocessing {
    try model.preprocessing().resolved(profile: profile, size: size)
  }
}

extension LoadedModel {
  /// The checkpoint's own recipe: what its folder says, else its family's.
  ///
  /// - Throws: `ImagingError` where the folder's recipe cannot be read.
  public func preprocessing() throws -> Preprocessing {
    if folder.configuration != nil { return try Preprocessing(checkpointFolder: folder.url) }
    switch family.preprocessing {
    case .timm: return try .timmDefault(architecture: name)
    case .transformers(let modelType): return try .transformersDefault(modelType: modelType)
    }
  }
}

extension LoadedModel {
  /// What a user should know of where ``preprocessing()`` comes from; nil where there is nothing.
  public var preprocessingNote: String? {
    guard folder.configuration == nil, family.preprocessing == .timm else { return nil }
    return Preprocessing.timmAmbiguity(architecture: name)
  }
}

extension Preprocessing {
  /// The recipe as stores and plans record it: JSON with sorted keys.
  public func recorded() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// A recorded recipe; nil where the text is not one of Palimpsest's.
  public init?(recorded text: String) {
    guard let recipe = try? JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8)), recipe.isPossible else {
      return nil
    }
    self = recipe
  }
}
