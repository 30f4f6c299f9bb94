import ArgumentParser
import Formats
import Foundation
import Pipelines
import Terminal
import Torch

/// An error as the user meets it: one sentence and the exit status.
struct Failure {
  let status: Int32
  let message: String
  /// Whether the message is what was asked for: help or the version.
  private let isAnswer: Bool

  init(_ error: any Error) {
    let code = Palimpsest.exitCode(for: error)
    isAnswer = code == .success
    switch error {
    case _ where isAnswer:
      status = 0
      message = Palimpsest.fullMessage(for: error)
    case let error as ExitCode:
      status = error.rawValue
      message = ""
    case let error as TorchError where error.isOutOfMemory:
      status = error.exitStatus
      message = "memory ran out (\(error)); use a smaller --batch-size"
    case let error as Interrupted:
      status = Interruption.exitStatus
      message = "\(error)"
    case let error as any ExitStatusError:
      status = error.exitStatus
      message = "\(error)"
    case _ where code == .validationFailure:
      status = 2
      message = Failure.usage(error)
    case let error as CocoaError:
      status = SystemReason.exitStatus(SystemReason.code(of: error))
      message = SystemReason.sentence(of: error)
    case let error as any CustomStringConvertible & Error:
      status = 1
      message = "\(error)"
    }
  }

  /// The parser's own sentence and where to read on; a command that does not exist gets a suggestion.
  private static func usage(_ error: any Error) -> String {
    var command = "palimpsest"
    var type: any ParsableCommand.Type = Palimpsest.self
    for argument in CommandLine.arguments.dropFirst() {
      let children = type.configuration.subcommands
      if children.isEmpty || argument.hasPrefix("-") { break }
      guard let child = children.first(where: { name(of: $0) == argument }) else {
        let names = children.map(name(of:))
        return "there is no command '\(command) \(argument)'\(Spelling.suggestion(for: argument, among: names)); "
          + "give \(names.joined(separator: ", ")) (see \(command) --help)"
      }
      type = child
      command += " " + argument
    }
    let sentence = UsageError.sentence(of: error)
    return UsageError.isComplete(error) ? sentence : "\(sentence) (see \(command) --help)"
  }

  /// A command as it is typed.
  private static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  func exit() -> Never {
    if isAnswer {
      Streams.output(message + "\n")
    } else if !message.isEmpty {
      Streams.error("palimpsest: \(Streams.oneLine(message))\n")
    }
    Foundation.exit(status)
  }
}
