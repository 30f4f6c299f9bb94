import Formats
import Foundation

extension JSONObject {
  /// A model's configuration; its errors are ``BackboneError``s that name the file.
  ///
  /// - Throws: ``BackboneError`` where the file is not a JSON object.
  init(configuration data: Data, file: String) throws {
    do {
      try self.init(parsing: [UInt8](data), file: file, failure: { BackboneError($0) })
    } catch is BackboneError {
      throw BackboneError("\(file): not a JSON object; fetch the file again")
    }
  }
}
