import ArgumentParser
import Experiments
import Formats
import Foundation
import Pipelines
import Terminal

/// The command that words lead to, found without parsing its options.
struct CommandPath {
  let type: any ParsableCommand.Type
  /// The words of the command, without `palimpsest`.
  let words: [String]
  /// The words behind them.
  let rest: [String]
  /// The commands below it: where `rest` begins with another word, that is no command.
  var children: [any ParsableCommand.Type] { type.configuration.subcommands }
  var name: String { words.joined(separator: " ") }
  var options: CommandOptions { CommandOptions(dump: type._dumpHelp()) }

  init(_ typed: [String]) {
    var type: any ParsableCommand.Type = Palimpsest.self
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
  var noCommand: String? {
    guard let word = rest.first, !word.hasPrefix("-"), !children.isEmpty else { return nil }
    let command = (["palimpsest"] + words).joined(separator: " ")
    let names = children.map(Self.name(of:))
    return "there is no command '\(command) \(word)'\(Spelling.suggestion(for: word, among: names)); "
      + "give \(names.joined(separator: ", ")) (see \(command) --help)"
  }

  /// A command as it is typed.
  static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  /// Every command that does something, such as `analyze similarity`.
  static func all(_ type: any ParsableCommand.Type = Palimpsest.self, _ above: [String] = []) -> [String] {
    type.configuration.subcommands.flatMap { child in
      let words = above + [name(of: child)]
      return child.configuration.subcommands.isEmpty ? [words.joined(separator: " ")] : all(child, words)
    }
  }

  /// The words with the defaults that the user's file has for the command, which are said on standard error.
  static func withDefaults(_ typed: [String], _ environment: [String: String]) throws -> [String] {
    let path = CommandPath(typed)
    // The parser shows the help of the root for a command that is none.
    if typed.first == "help", let problem = CommandPath(Array(typed.dropFirst())).noCommand { throw BadInput(problem) }
    let asksForHelp = typed.contains { ["-h", "--help", "--version"].contains($0) || $0.hasPrefix("--generate-") }
    guard !path.words.isEmpty, path.children.isEmpty, !asksForHelp, let file = OptionDefaults.file(environment) else {
      return typed
    }
    let defaults = try ExperimentProblems.reporting {
      try OptionDefaults(file: file).words(for: path.name, path.options, given: path.rest, among: all())
    }
    if !defaults.isEmpty, !(typed + defaults).contains("--quiet") {
      Streams.error(Streams.oneLine("defaults of \(file): \(defaults.joined(separator: " "))") + "\n")
    }
    return path.words + defaults + path.rest
  }
}
