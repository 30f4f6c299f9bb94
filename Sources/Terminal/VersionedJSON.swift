import Foundation

/// What `--json` prints: an object with the version of its schema among its keys.
public enum VersionedJSON {
  /// The version of everything that `--json` prints: it rises when a key goes or changes its meaning, not when one is added.
  public static let schema = 1

  private struct Versioned<Value: Encodable>: Encodable {
    private enum Key: String, CodingKey { case schema }
    let value: Value

    func encode(to encoder: any Encoder) throws {
      var fields = encoder.container(keyedBy: Key.self)
      try fields.encode(VersionedJSON.schema, forKey: .schema)
      try value.encode(to: encoder)
    }
  }

  /// Several lines, keys in order.
  ///
  /// - Parameter value: what encodes as an object.
  public static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(Versioned(value: value)), as: UTF8.self)
  }
}

/// What `--json` prints where a command fails before it has printed its summary.
public struct JSONFailure: Encodable, Sendable {
  private struct Reason: Encodable {
    let status: Int32
    let kind: String
    let message: String
  }

  private let error: Reason

  /// - Parameters:
  ///   - status: how the program ends.
  ///   - message: the sentence that stands on standard error too.
  public init(status: Int32, message: String) {
    let kind =
      switch status {
      case 2: "input"
      case 128...: "interrupted"
      default: "work"
      }
    error = Reason(status: status, kind: kind, message: message)
  }

  public var text: String { (try? VersionedJSON.text(of: self)) ?? "{}" }
}
