import ArgumentParser
import Experiments
import Foundation
import Pipelines
import Terminal

/// The command that is carried out: what was typed, or within `palimpsest run` the step that could have been typed.
enum Invocation {
  /// The words of a step behind `palimpsest`; nil outside one.
  @TaskLocal static var step: [String]?

  /// The file of the experiment that the step is of; nil outside one.
  @TaskLocal static var experiment: String?

  /// The words behind `palimpsest`: those that were typed, and those that the user's file of defaults adds to them.
  static let words = Result {
    try CommandPath.withDefaults(
      CommandWords.asked(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
  }

  /// As it could be typed, beginning with `palimpsest`: for provenance.
  static var command: [String] { ["palimpsest"] + (step ?? (try? words.get()) ?? []) }

}

/// A command whose job can be checked before its inputs are there.
protocol JobCommand: ParsableCommand {
  /// - Throws: ``BadInput`` for options that cannot be.
  var work: StepWork { get throws }
}

/// The steps of an experiment as the commands that could have been typed.
struct ExperimentSteps: StepRunner {
  /// The experiment's file.
  let file: String
  let output: OutputOptions

  private struct Command: StepCommand {
    let command: any ParsableCommand
    let words: [String]
    let file: String

    var work: StepWork {
      get throws { try (command as? any JobCommand)?.work ?? .other }
    }

    func run() throws {
      var command = command
      try Invocation.$experiment.withValue(file) { try Invocation.$step.withValue(words) { try command.run() } }
    }
  }

  func command(for step: Step) throws -> any StepCommand {
    do {
      return Command(
        command: try Palimpsest.parseAsRoot(step.arguments + output.arguments), words: step.arguments, file: file)
    } catch {
      throw BadInput(ParserSentence(Palimpsest.message(for: error), arguments: step.arguments).text)
    }
  }

  func sentence(for error: any Error) -> String { Failure(error).message }

  func report(failure: String, of step: Step) {
    Streams.error("palimpsest: \(step.name) failed: \(Streams.oneLine(failure))\n")
  }
}
