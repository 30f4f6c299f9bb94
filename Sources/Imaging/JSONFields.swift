/// Fields of a JSON object, read with errors that say where in the file they are.
struct JSONFields {
  private let values: [String: JSONValue]
  /// Where the object stands, such as `annotations[3]`; empty for the file itself.
  let place: String

  /// The object at the top of a file.
  ///
  /// - Throws: `ImagingError` without a path, where the bytes are not JSON or not an object.
  init(parsing bytes: [UInt8]) throws {
    try self.init(JSONValue(parsing: bytes), place: "")
  }

  init(_ value: JSONValue, place: String) throws {
    guard case .object(let values) = value else {
      throw ImagingError(reason: "\(place.isEmpty ? "the file" : place): expected a JSON object")
    }
    self.values = values
    self.place = place
  }

  /// The value of a key, nil where it is absent or null.
  subscript(key: String) -> JSONValue? {
    guard let value = values[key], value != .null else { return nil }
    return value
  }

  /// Where a key stands, for messages.
  func path(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

  func integer(_ key: String) throws -> Int? {
    try self[key].map { value in
      guard case .number(let number) = value, number == number.rounded(), abs(number) < 0x1p53 else {
        throw unexpected(key, "an integer")
      }
      return Int(number)
    }
  }

  func double(_ key: String) throws -> Double? {
    try self[key].map { value in
      guard case .number(let number) = value else { throw unexpected(key, "a number") }
      return number
    }
  }

  /// True or false; a number stands for whether it is other than 0.
  func bool(_ key: String) throws -> Bool? {
    try self[key].map { value in
      switch value {
      case .bool(let flag): return flag
      case .number(let number): return number != 0
      default: throw unexpected(key, "true or false")
      }
    }
  }

  func string(_ key: String) throws -> String? {
    try self[key].map { value in
      guard case .string(let text) = value else { throw unexpected(key, "a string") }
      return text
    }
  }

  func doubles(_ key: String) throws -> [Double]? {
    try self[key].map { value in
      switch value {
      case .numbers(let numbers): return numbers
      case .array([]): return []
      default: throw unexpected(key, "a list of numbers")
      }
    }
  }

  func object(_ key: String) throws -> JSONFields? { try self[key].map { try JSONFields($0, place: path(key)) } }

  func objects(_ key: String) throws -> [JSONFields]? {
    try self[key].map { value in
      guard let list = value.elements else { throw unexpected(key, "a list") }
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
}
