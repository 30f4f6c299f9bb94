import Foundation
import Yams

/// How many more values may be made of a file: an alias stands for all that it names, so that nine lines of aliases of aliases can
/// stand for more than any memory holds.
private struct YAMLRoom {
  let file: String
  private var left = 100_000

  init(file: String) { self.file = file }

  /// - Throws: ``ExperimentError`` where nothing is left.
  mutating func take(line: Int) throws {
    left -= 1
    guard left >= 0 else {
      throw ExperimentError(
        "\(file), line \(line): with its aliases (*name) the file comes to more than 100000 values; write out what is meant"
      )
    }
  }
}

/// A value of an experiment file and the line it stands in.
struct YAMLValue {
  /// A key of a mapping with its own line, and its value.
  struct Pair {
    let key: String
    let line: Int
    let value: YAMLValue
  }

  enum Content {
    /// What is written, without quotes.
    case text(String)
    case list([YAMLValue])
    case mapping([Pair])
    /// A key without a value.
    case empty
  }

  let line: Int
  let content: Content

  /// What it is, for messages.
  var kind: String {
    switch content {
    case .text(let text): "'\(text)'"
    case .list: "a list"
    case .mapping: "a mapping"
    case .empty: "empty"
    }
  }

  /// Reads a document.
  ///
  /// - Throws: ``ExperimentError`` where it is no YAML, is empty, holds a key twice, or comes to too many values.
  init(parsing text: String, file: String) throws {
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
      throw ExperimentError(YAMLValue.sentence(error, file: file))
    }
    guard let root, root.mark != nil, root != Node("") else {
      throw ExperimentError("\(file) is empty; palimpsest run --example prints one to begin with")
    }
    var room = YAMLRoom(file: file)
    try self.init(root, line: 1, &room)
  }

  private init(_ node: Node, line: Int, _ room: inout YAMLRoom) throws {
    let own = node.mark?.line ?? line
    try room.take(line: own)
    self.line = own
    switch node {
    case .scalar(let scalar):
      let isEmpty = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
      content = isEmpty ? .empty : .text(scalar.string)
    case .sequence(let sequence):
      content = .list(try sequence.map { try YAMLValue($0, line: own, &room) })
    case .mapping(let mapping):
      content = .mapping(
        try mapping.map { key, value in
          let place = key.mark?.line ?? own
          return Pair(
            key: key.string ?? "a list or mapping", line: place, value: try YAMLValue(value, line: place, &room))
        })
    case .alias:
      content = .empty
    }
  }

  /// What the parser says, as one line.
  private static func sentence(_ error: YamlError, file: String) -> String {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let around = context.map { "\($0.text.trimmingCharacters(in: .whitespaces)): " } ?? ""
      return "\(file), line \(mark.line): not YAML: \(around)\(problem)"
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.sorted().map { "'\($0)'" }.joined(separator: ", ")
      return "\(file), line \(context.mark.line): \(keys) stands twice in one mapping; give each key once"
    default:
      return "\(file): not YAML: \("\(error)".split(separator: "\n").joined(separator: " "))"
    }
  }
}
