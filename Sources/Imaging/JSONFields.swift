import Foundation

/// Fields of a JSON object, read with errors that say where in the file they are.
struct JSONFields {
  private let values: [String: Any]
  /// Where the object stands, such as `annotations[3]`; empty for the file itself.
  let place: String

  /// The object at the top of a file.
  ///
  /// - Throws: `ImagingError` without a path, where the bytes are not JSON or not an object.
  init(parsing bytes: [UInt8]) throws {
    let value: Any
    do {
      value = try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    } catch {
      let details = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "\(error)"
      throw ImagingError(reason: "not valid JSON: \(details.replacing("\n", with: " "))")
    }
    try self.init(value, place: "")
  }

  init(_ value: Any, place: String) throws {
    guard let values = value as? [String: Any] else {
      throw ImagingError(reason: "\(place.isEmpty ? "the file" : place): expected a JSON object")
    }
    self.values = values
    self.place = place
  }

  /// The keys, sorted.
  var keys: [String] { values.keys.sorted() }

  /// The value of a key, nil where it is absent or null.
  subscript(key: String) -> Any? {
    guard let value = values[key], !(value is NSNull) else { return nil }
    return value
  }

  /// Where a key stands, for messages.
  func path(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

  func integer(_ key: String) throws -> Int? {
    try self[key].map { value in
      guard let number = JSONFields.number(value), number == number.rounded(), abs(number) < 0x1p53 else {
        throw unexpected(key, "an integer")
      }
      return Int(number)
    }
  }

  func double(_ key: String) throws -> Double? {
    try self[key].map { value in
      guard let number = JSONFields.number(value) else { throw unexpected(key, "a number") }
      return number
    }
  }

  func bool(_ key: String) throws -> Bool? {
    try self[key].map { value in
      guard let number = value as? NSNumber else { throw unexpected(key, "true or false") }
      return number.boolValue
    }
  }

  func string(_ key: String) throws -> String? {
    try self[key].map { value in
      guard let text = value as? String else { throw unexpected(key, "a string") }
      return text
    }
  }

  func doubles(_ key: String) throws -> [Double]? {
    try self[key].map { value in
      guard let numbers = (value as? [Any])?.map(JSONFields.number), !numbers.contains(nil) else {
        throw unexpected(key, "a list of numbers")
      }
      return numbers.compactMap { $0 }
    }
  }

  func object(_ key: String) throws -> JSONFields? { try self[key].map { try JSONFields($0, place: path(key)) } }

  func objects(_ key: String) throws -> [JSONFields]? {
    try self[key].map { value in
      guard let list = value as? [Any] else { throw unexpected(key, "a list") }
      return try list.enumerated().map { try JSONFields($0.element, place: "\(path(key))[\($0.offset)]") }
    }
  }

  /// The value that a required key has.
  func required<Value>(_ key: String, _ value: Value?) throws -> Value {
    guard let value else { throw ImagingError(reason: "\(path(key)) is missing") }
    return value
  }

  func unexpected(_ key: String, _ kind: String) -> ImagingError {
    ImagingError(reason: "\(path(key)): expected \(kind)")
  }

  /// A finite number that is not a boolean.
  static func number(_ value: Any) -> Double? {
    guard let number = value as? NSNumber, !isBoolean(value) else { return nil }
    return number.doubleValue.isFinite ? number.doubleValue : nil
  }

  /// Whether a value was `true` or `false`, which Foundation keeps as numbers of one byte.
  static func isBoolean(_ value: Any) -> Bool {
    guard let number = value as? NSNumber else { return false }
    return ["c", "B"].contains(String(cString: number.objCType))
  }
}
