/// Names and values in a meaningful order, as text.
public struct NamedValues: Codable, Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public struct Entry: Codable, Sendable, Equatable {
    public var name: String
    public var value: String
  }

  public var entries: [Entry]

  /// In the order of the literal.
  public init(dictionaryLiteral elements: (String, String)...) {
    entries = elements.map { Entry(name: $0.0, value: $0.1) }
  }

  public init(_ entries: [(name: String, value: String)]) {
    self.entries = entries.map { Entry(name: $0.name, value: $0.value) }
  }

  /// Takes a list of `{"name", "value"}`, a list of pairs, or an object (by name, as JSON keeps no order).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let list = try? container.decode([Named].self) {
      entries = list.map { Entry(name: $0.name, value: $0.value?.text ?? "") }
    } else if let pairs = try? container.decode([[Scalar]].self), pairs.allSatisfy({ $0.count == 2 }) {
      entries = pairs.map { Entry(name: $0[0].text, value: $0[1].text) }
    } else {
      let object = try container.decode([String: Scalar].self)
      entries = object.sorted { $0.key < $1.key }.map { Entry(name: $0.key, value: $0.value.text) }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(entries)
  }

  private struct Named: Decodable {
    let name: String
    let value: Scalar?
  }

  /// A value of JSON as text: a list with commas, nothing for null.
  private struct Scalar: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        text = ""
      } else if let value = try? container.decode(String.self) {
        text = value
      } else if let value = try? container.decode(Bool.self) {
        text = value ? "true" : "false"
      } else if let value = try? container.decode(Int.self) {
        text = "\(value)"
      } else if let value = try? container.decode(Double.self) {
        text = "\(value)"
      } else {
        text = try container.decode([Scalar].self).map(\.text).joined(separator: ", ")
      }
    }
  }
}
