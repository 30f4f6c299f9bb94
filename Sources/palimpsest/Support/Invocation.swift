import ArgumentParser

/// The command that is carried out: what was typed, or within `palimpsest run` the step that could have been typed.
enum Invocation {
  /// The words of a step behind `palimpsest`; nil outside one.
  @TaskLocal static var step: [String]?

  /// The file of the experiment that the step is of; nil outside one.
  @TaskLocal static var experiment: String?

  /// As it could be typed, beginning with `palimpsest`: for provenance.
  static var command: [String] { ["palimpsest"] + (step ?? Array(CommandLine.arguments.dropFirst())) }

  /// As `CommandLine.arguments`.
  static var arguments: [String] { step.map { ["palimpsest"] + $0 } ?? CommandLine.arguments }

  /// Parses the words of a step, checks its usage and gives what carries it out.
  ///
  /// - Throws: ``BadInput`` with the parser's sentence.
  static func command(_ words: [String], output: OutputOptions) throws -> any ParsableCommand {
    let more = (output.quiet ? ["--quiet"] : []) + (output.json ? ["--json"] : [])
    do { return try Palimpsest.parseAsRoot(words + more) } catch {
      throw BadInput(Palimpsest.message(for: error).split(separator: "\n").joined(separator: " "))
    }
  }

  /// Runs `command` as the step with these words of an experiment.
  static func run(_ command: any ParsableCommand, as words: [String], of experiment: String) throws {
    var command = command
    try $experiment.withValue(experiment) { try $step.withValue(words) { try command.run() } }
  }
}
