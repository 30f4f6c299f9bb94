import Experiments
import Formats
import Pipelines
import Terminal

extension CommandPath {
  /// The words with the defaults that the user's file has for the command, which are said on standard error.
  static func withDefaults(_ typed: [String], _ environment: [String: String]) throws -> [String] {
    let path = CommandPath(Palimpsest.self, typed)
    // The parser shows the help of the root for a command that is none.
    if typed.first == "help", let problem = CommandPath(Palimpsest.self, Array(typed.dropFirst())).noCommand {
      throw BadInput(problem)
    }
    let asksForHelp = typed.contains { ["-h", "--help", "--version"].contains($0) || $0.hasPrefix("--generate-") }
    guard !path.words.isEmpty, path.children.isEmpty, !asksForHelp, let file = OptionDefaults.file(environment) else {
      return typed
    }
    let defaults = try ExperimentProblems.reporting {
      try OptionDefaults(file: file).words(for: path.name, path.options, given: path.rest, among: all(Palimpsest.self))
    }
    if !defaults.isEmpty, !(typed + defaults).contains("--quiet") {
      Streams.error(Streams.oneLine("defaults of \(file): \(defaults.joined(separator: " "))") + "\n")
    }
    return path.words + defaults + path.rest
  }
}
