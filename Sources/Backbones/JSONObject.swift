import Foundation

/// A JSON object of a configuration, read by key with errors that name file, key and type.
public struct JSONObject {
  /// Where it stands, for messages: `/models/vit/config.json`.
  public let place: String
  private let fields: [String: Any]

  init(place: String, fields: [String: Any]) {
    self.place = place
    self.fields = fields
  }

  /// Parses `data`.
  ///
  /// - Throws: ``BackboneError`` where it is not a JSON object.
  public init(data: Data, place: String) throws {
    guard let object = try? JSONSerialization.jsonObject(with: data), let fields = object as? [String: Any] else {
      throw BackboneError("\(place): not a JSON object; fetch the file again")
    }
    self.init(place: place, fields: fields)
  }

  /// Whether the key is there and not null.
  public func has(_ key: String) -> Bool { fields[key].map { !($0 is NSNull) } ?? false }

  public var keys: [String] { fields.keys.sorted() }

  public func integer(_ key: String) throws -> Int? {
    try read(key, "an integer") { value in
      guard !Self.isBoolean(value), let number = value as? NSNumber, Double(number.intValue) == number.doubleValue
      else {
        return nil
      }
      return number.intValue
    }
  }

  public func number(_ key: String) throws -> Double? {
    try read(key, "a number") { Self.isBoolean($0) ? nil : ($0 as? NSNumber)?.doubleValue }
  }

  public func boolean(_ key: String) throws -> Bool? {
    try read(key, "true or false") { Self.isBoolean($0) ? ($0 as? NSNumber)?.boolValue : nil }
  }

  public func string(_ key: String) throws -> String? { try read(key, "a string") { $0 as? String } }

  public func integers(_ key: String) throws -> [Int]? {
    try read(key, "a list of integers") { ($0 as? [Any])?.compactMapAll { ($0 as? NSNumber)?.intValue } }
  }

  public func numbers(_ key: String) throws -> [Double]? {
    try read(key, "a list of numbers") { ($0 as? [Any])?.compactMapAll { ($0 as? NSNumber)?.doubleValue } }
  }

  public func strings(_ key: String) throws -> [String]? { try read(key, "a list of strings") { $0 as? [String] } }

  /// An integer, or a pair of them: height, width.
  public func integerPair(_ key: String) throws -> (Int, Int)? {
    try read(key, "an integer or a pair of them") { value in
      if !Self.isBoolean(value), let number = value as? NSNumber { return (number.intValue, number.intValue) }
      guard let list = (value as? [Any])?.compactMapAll({ ($0 as? NSNumber)?.intValue }), list.count == 2 else {
        return nil
      }
      return (list[0], list[1])
    }
  }

  public func object(_ key: String) throws -> JSONObject? {
    try read(key, "an object") { value in
      (value as? [String: Any]).map { JSONObject(place: "\(place): '\(key)'", fields: $0) }
    }
  }

  /// The object's own bytes: keys sorted, so that the same object gives the same text.
  public func canonicalText() throws -> String {
    let data = try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }

  private func read<Value>(_ key: String, _ expected: String, _ convert: (Any) -> Value?) throws -> Value? {
    guard let value = fields[key], !(value is NSNull) else { return nil }
    guard let converted = convert(value) else {
      throw BackboneError("\(place): '\(key)' is \(value), expected \(expected)")
    }
    return converted
  }

  private static func isBoolean(_ value: Any) -> Bool {
    (value as? NSNumber).map { isBooleanNumber($0) } ?? false
  }

  private static func isBooleanNumber(_ number: NSNumber) -> Bool {
    // JSONSerialization makes true and false from Bool, whose Objective-C type code is a char.
    String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
  }
}

extension Array {
  /// The converted elements, or nil where one could not be converted.
  fileprivate func compactMapAll<Value>(_ convert: (Element) -> Value?) -> [Value]? {
    let converted = compactMap(convert)
    return converted.count == count ? converted : nil
  }
}
