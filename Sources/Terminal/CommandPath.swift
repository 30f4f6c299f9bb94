import ArgumentParser
import Formats

/// The command that words lead to, found without parsing its options.
public struct CommandPath {
  private let root: any ParsableCommand.Type
  public let type: any ParsableCommand.Type
  /// The words of the command, without the program's name.
  public let words: [String]
  /// The words behind them.
  public let rest: [String]
  /// The commands below it: where `rest` begins with another word, that is no command.
  public var children: [any ParsableCommand.Type] { type.configuration.subcommands }
  public var name: String { words.joined(separator: " ") }
  public var options: CommandOptions { CommandOptions(dump: type._dumpHelp()) }

  /// - Parameters:
  ///   - root: the command that stands for the program.
  ///   - typed: the words behind the program's name.
  public init(_ root: any ParsableCommand.Type, _ typed: [String]) {
    self.root = root
    var type = root
    var words: [String] = []
    for word in typed {
      guard let child = type.configuration.subcommands.first(where: { Self.name(of: $0) == word }) else { break }
      type = child
      words.append(word)
    }
    (self.type, self.words) = (type, words)
    rest = Array(typed.dropFirst(words.count))
  }

  /// What is wrong where another word stands in the place of a command.
  public var noCommand: String? {
    guard let word = rest.first, !word.hasPrefix("-"), !children.isEmpty else { return nil }
    let command = ([Self.name(of: root)] + words).joined(separator: " ")
    let names = children.map(Self.name(of:))
    return "there is no command '\(command) \(word)'\(Spelling.suggestion(for: word, among: names)); "
      + "give \(names.joined(separator: ", ")) (see \(command) --help)"
  }

  /// A command as it is typed.
  public static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  /// Every command that does something, such as `analyze similarity`.
  public static func all(_ type: any ParsableCommand.Type, _ above: [String] = []) -> [String] {
    type.configuration.subcommands.flatMap { child in
      let words = above + [name(of: child)]
      return child.configuration.subcommands.isEmpty ? [words.joined(separator: " ")] : all(child, words)
    }
  }
}
