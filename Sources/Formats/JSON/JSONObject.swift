/// An object of a JSON file, read by key with errors that say which file, which key, what stands there and what was expected.
public struct JSONObject: Sendable {
  /// Makes the error that the reading target throws, of a sentence without a full stop.
  public typealias Failure = @Sendable (String) -> any Error

  /// The file that messages begin with, such as `/models/vit/config.json`; empty where the caller adds it.
  public let file: String
  /// Where in the file the object stands, such as `annotations[3]`; empty for the file itself.
  public let path: String
  private let fields: [String: JSONValue]
  private let failure: Failure

  /// The object that a file consists of.
  ///
  /// - Throws: what `failure` makes, where the bytes are not JSON (with the line) or not an object.
  public init(parsing bytes: [UInt8], file: String = "", failure: @escaping Failure = { JSONError($0) }) throws {
    if let reason = PointerFile.reason(bytes) { throw failure(file.isEmpty ? reason : "\(file): \(reason)") }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch let error as JSONError {
      throw failure(file.isEmpty ? error.description : "\(file): \(error.description)")
    }
    guard case .object(let fields) = value else {
      throw failure((file.isEmpty ? "" : "\(file): ") + "expected a JSON object")
    }
    self.init(fields: fields, file: file, path: "", failure: failure)
  }

  private init(fields: [String: JSONValue], file: String, path: String, failure: @escaping Failure) {
    self.fields = fields
    self.file = file
    self.path = path
    self.failure = failure
  }

  /// File and path, for messages about the object.
  public var place: String { path.isEmpty ? file : file.isEmpty ? path : "\(file): '\(path)'" }

  /// The path of a key within the file, such as `annotations[3].bbox`.
  public func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The keys in the order of their letters.
  public var keys: [String] { fields.keys.sorted() }

  /// The value of a key, nil where it is absent or null.
  public subscript(key: String) -> JSONValue? {
    guard let value = fields[key], value != .null else { return nil }
    return value
  }

  /// Whether the key is there and not null.
  public func has(_ key: String) -> Bool { self[key] != nil }

  /// Whether the key is there and null, which libraries need not take for absent.
  public func isNull(_ key: String) -> Bool { fields[key] == .null }

  /// The value of a key that must be there.
  public func required<Value>(_ key: String, _ value: Value?) throws -> Value {
    guard let value else { throw failure((file.isEmpty ? "" : "\(file): ") + "'\(path(key))' is missing") }
    return value
  }

  /// The error for a key whose value is not what was expected.
  public func unexpected(_ key: String, _ expected: String) -> any Error {
    unexpected(key, fields[key] ?? .null, expected)
  }

  /// The same for a member of a list, whose key is such as `segmentation[2]`.
  public func unexpected(_ key: String, _ value: JSONValue, _ expected: String) -> any Error {
    failure((file.isEmpty ? "" : "\(file): ") + "'\(path(key))' is \(value.summary), expected \(expected)")
  }

  private func read<Value>(_ key: String, _ expected: String, _ convert: (JSONValue) -> Value?) throws -> Value? {
    guard let value = self[key] else { return nil }
    guard let converted = convert(value) else { throw unexpected(key, value, expected) }
    return converted
  }
}

// MARK: Values by key: nil where the key is absent or null, an error where it has another type

extension JSONObject {
  /// A whole number below 2⁵³ in magnitude; `1.0` is one, `true` is not.
  public func integer(_ key: String) throws -> Int? {
    try read(key, "an integer") { value in
      guard case .number(let number) = value else { return nil }
      return JSONObject.integer(number)
    }
  }

  /// A whole number within bounds: what a size or a count in a file from elsewhere may be, so that sums and products of a few
  /// of them are numbers still.
  public func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = try integer(key) else { return nil }
    guard range.contains(value) else { throw unexpected(key, "\(range.lowerBound) to \(range.upperBound)") }
    return value
  }

  public func number(_ key: String) throws -> Double? {
    try read(key, "a number") { value in
      guard case .number(let number) = value else { return nil }
      return number
    }
  }

  public func boolean(_ key: String) throws -> Bool? {
    try read(key, "true or false") { value in
      guard case .bool(let flag) = value else { return nil }
      return flag
    }
  }

  /// True or false; a number stands for whether it is other than 0, as COCO writes `iscrowd`.
  public func flag(_ key: String) throws -> Bool? {
    try read(key, "true or false") { value in
      switch value {
      case .bool(let flag): flag
      case .number(let number): number != 0
      default: nil
      }
    }
  }

  public func string(_ key: String) throws -> String? {
    try read(key, "a string") { value in
      guard case .string(let text) = value else { return nil }
      return text
    }
  }

  public func integers(_ key: String) throws -> [Int]? {
    try read(key, "a list of integers") { JSONObject.numbers($0).flatMap(JSONObject.integers) }
  }

  public func numbers(_ key: String) throws -> [Double]? {
    try read(key, "a list of numbers", JSONObject.numbers)
  }

  public func strings(_ key: String) throws -> [String]? {
    try read(key, "a list of strings") { value in
      guard let elements = value.elements else { return nil }
      let texts = elements.compactMap { element -> String? in
        guard case .string(let text) = element else { return nil }
        return text
      }
      return texts.count == elements.count ? texts : nil
    }
  }

  /// An integer, which is both sides of a square, or a pair of them: height, width.
  public func size(_ key: String) throws -> ImageSize? {
    try read(key, "an integer or a pair of them") { value in
      if case .number(let number) = value { return JSONObject.integer(number).map(ImageSize.init(side:)) }
      guard let sides = JSONObject.numbers(value).flatMap(JSONObject.integers), sides.count == 2 else { return nil }
      return ImageSize(height: sides[0], width: sides[1])
    }
  }

  public func object(_ key: String) throws -> JSONObject? {
    try read(key, "an object") { value in
      guard case .object(let fields) = value else { return nil }
      return JSONObject(fields: fields, file: file, path: path(key), failure: failure)
    }
  }

  public func objects(_ key: String) throws -> [JSONObject]? {
    guard let elements = try read(key, "a list of objects", \.elements) else { return nil }
    return try elements.enumerated().map { index, element in
      guard case .object(let fields) = element else { throw unexpected("\(key)[\(index)]", element, "an object") }
      return JSONObject(fields: fields, file: file, path: "\(path(key))[\(index)]", failure: failure)
    }
  }

  private static func integer(_ number: Double) -> Int? {
    number.magnitude < 0x1p53 ? Int(exactly: number) : nil
  }

  private static func integers(_ numbers: [Double]) -> [Int]? {
    let integers = numbers.compactMap(integer)
    return integers.count == numbers.count ? integers : nil
  }

  private static func numbers(_ value: JSONValue) -> [Double]? {
    switch value {
    case .numbers(let numbers): numbers
    case .array([]): []
    default: nil
    }
  }
}
