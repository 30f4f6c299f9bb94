import Formats
import Foundation

extension Preprocessing {
  /// The recipe of a checkpoint folder, whichever library wrote it: `pretrained_cfg` in timm's `config.json`,
  /// `preprocessor_config.json` (or `processor_config.json`) in transformers' folders, else the library's own default for
  /// the architecture or model type in `config.json`.
  ///
  /// - Throws: `ImagingError` naming the file and the key, where a file is malformed or nothing says what the model is.
  public init(checkpointFolder folder: URL) throws {
    let configuration = folder.appendingPathComponent("config.json").path
    let fields = try Preprocessing.located(configuration) {
      try JSONObject(configuration: FileBytes.read(configuration))
    }
    let modelType = try Preprocessing.located(configuration) { try fields.string("model_type") }
    if fields["pretrained_cfg"] != nil || modelType == nil {
      self = try Preprocessing.located(configuration) { try Preprocessing(timm: FileBytes.read(configuration)) }
      return
    }
    for name in ["processor_config.json", "preprocessor_config.json"] {
      let path = folder.appendingPathComponent(name).path
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let bytes = try Preprocessing.located(path) { try FileBytes.read(path) }
      // A processor_config.json need not speak of images.
      let holdsImages = try Preprocessing.located(path) {
        try JSONObject(configuration: bytes)["image_processor"] != nil
      }
      if name == "processor_config.json" && !holdsImages { continue }
      self = try Preprocessing.located(path) { try Preprocessing(transformers: bytes, modelType: modelType) }
      return
    }
    self = try Preprocessing.located(configuration) { try .transformersDefault(modelType: modelType ?? "") }
  }

  /// Runs `body`; its errors get the file's path.
  private static func located<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as ImagingError {
      throw ImagingError(path: path, reason: error.reason)
    }
  }
}
