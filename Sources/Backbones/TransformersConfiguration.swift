import Formats
import NeuralNet

/// What `config.json` of transformers says beyond the dimensions.
struct TransformersConfiguration {
  let object: JSONObject
  /// The class that was saved, for example `ViTForImageClassification`.
  let architecture: String?

  init(_ object: JSONObject) throws {
    self.object = object
    architecture = try object.strings("architectures")?.first
    if let channels = try object.integer("num_channels"), channels != 3 {
      throw BackboneError("\(object.place): 'num_channels' is \(channels); models of 3 channels are known")
    }
  }

  /// The number of classes, as the library counts them: `num_labels`, else the labels named, else 2.
  func classes() throws -> Int {
    if let count = try object.dimension("num_labels") { return count }
    if let names = try object.object("id2label") { return names.keys.count }
    return 2
  }

  /// An activation by name, or an error that lists the known ones.
  func activation(_ key: String, default standard: Activation) throws -> Activation {
    guard let name = try object.string(key) else { return standard }
    guard let activation = Activation(named: name) else {
      throw BackboneError(
        "\(object.place): '\(key)' is '\(name)', which is not known; "
          + "known are \(Activation.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return activation
  }

  /// A size; `standard` is both sides of the default.
  func size(_ key: String, default standard: Int) throws -> ImageSize {
    try object.dimensionSize(key) ?? ImageSize(side: standard)
  }
}
