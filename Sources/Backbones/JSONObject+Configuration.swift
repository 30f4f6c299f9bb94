import Formats
import Foundation

extension JSONObject {
  /// A model's configuration; its errors are ``BackboneError``s that name the file.
  ///
  /// - Throws: ``BackboneError`` where the file is not a JSON object.
  init(configuration data: Data, file: String) throws {
    if let reason = PointerFile.reason([UInt8](data.prefix(64))) { throw BackboneError("\(file): \(reason)") }
    do {
      try self.init(parsing: [UInt8](data), file: file, failure: { BackboneError($0) })
    } catch let error as BackboneError {
      throw BackboneError("\(error); correct it, or fetch the file again")
    }
  }

  /// What a size or a count of a network may be at most in a file: sums and products of a few of them are numbers still.
  private static let largest = 1 << 24

  /// A size or a count of a network.
  func dimension(_ key: String) throws -> Int? { try integer(key, in: 0...JSONObject.largest) }

  /// A size for both directions, or height and width.
  func dimensionSize(_ key: String) throws -> ImageSize? {
    guard let size = try size(key) else { return nil }
    guard size.shape.allSatisfy((0...JSONObject.largest).contains) else {
      throw unexpected(key, "0 to \(JSONObject.largest)")
    }
    return size
  }

  /// A list of sizes or counts, one a stage.
  func dimensions(_ key: String) throws -> [Int]? {
    guard let values = try integers(key) else { return nil }
    guard values.count <= 64, values.allSatisfy((0...JSONObject.largest).contains) else {
      throw unexpected(key, "at most 64 numbers from 0 to \(JSONObject.largest)")
    }
    return values
  }

  /// A multiple of a size.
  func multiple(_ key: String) throws -> Double? {
    guard let value = try number(key) else { return nil }
    guard (0...4096).contains(value) else { throw unexpected(key, "0 to 4096") }
    return value
  }
}

/// What a configuration says of how much there is, held against the file of weights before anything is built.
enum LayerCount {
  /// More layers than any known network has, by far: what a recorded configuration may say.
  static let most = 4096

  /// - Throws: ``BackboneError`` where a network of `layers` would have more layers than the file has tensors.
  static func check(_ layers: Int, tensors: Int, place: String) throws {
    guard layers > tensors else { return }
    throw BackboneError(
      "\(place): the configuration makes a network of \(layers) layers, but the weights are only \(tensors) tensors; they do "
        + "not belong together, fetch both again")
  }
}
