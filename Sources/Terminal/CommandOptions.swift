import Formats
import Foundation

/// The options of a command, read from what ArgumentParser says of it to tools (`--experimental-dump-help`).
public struct CommandOptions: Sendable {
  public struct Option: Sendable, Equatable {
    /// Its names without dashes.
    public let names: [String]
    public let isFlag: Bool
    /// Whether it may be given several times.
    public let isRepeating: Bool
  }

  public let options: [Option]

  private struct Tool: Decodable {
    struct Command: Decodable { let arguments: [Argument]? }
    struct Argument: Decodable {
      struct Name: Decodable { let name: String }
      let kind: String
      let names: [Name]?
      let isRepeating: Bool
    }
    let command: Command
  }

  /// - Parameter dump: the JSON of one command; of a text that is none there are no options.
  public init(dump: String) {
    let tool = try? JSONDecoder().decode(Tool.self, from: Data(dump.utf8))
    options = (tool?.command.arguments ?? []).filter { $0.kind != "positional" }.map {
      Option(names: ($0.names ?? []).map(\.name), isFlag: $0.kind == "flag", isRepeating: $0.isRepeating)
    }
  }

  public subscript(name: String) -> Option? { options.first { $0.names.contains(name) } }

  /// The long names, those that need two dashes.
  public var names: [String] { options.flatMap(\.names).filter { $0.count > 1 } }

  /// What is wrong with the first of `words` that looks like an option and is none; nil where there is none such. The parser says it
  /// only where nothing else is missing.
  public func unknown(in words: some Sequence<String>) -> String? {
    for word in words {
      if word == "--" { return nil }
      guard word.hasPrefix("--") else { continue }
      let name = String(word.dropFirst(2).prefix { $0 != "=" })
      guard self[name] == nil else { continue }
      let nearest = Spelling.nearest(to: name, among: names).map { ". Did you mean '--\($0)'?" } ?? ""
      return "Unknown option '--\(name)'\(nearest)"
    }
    return nil
  }
}
