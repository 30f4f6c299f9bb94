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
      message = Failure.answer(Palimpsest.fullMessage(for: error))
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

  /// Help, short for `-h`, or the version with what the program is made of.
  private static func answer(_ text: String) -> String {
    if text == Version.text { return Installation.current.text }
    let words = CommandLine.arguments
    return words.contains("-h") && !words.contains("--help") ? ShortHelp.text(of: text) : text
  }

  /// The parser's own sentence and where to read on; a command that does not exist gets a suggestion.
  private static func usage(_ error: any Error) -> String {
    let path = CommandPath(Palimpsest.self, Array(CommandLine.arguments.dropFirst()))
    let command = (["palimpsest"] + path.words).joined(separator: " ")
    if let noCommand = path.noCommand { return noCommand }
    let sentence = ParserSentence(Palimpsest.message(for: error), arguments: CommandLine.arguments, path: path)
    return sentence.isComplete ? sentence.text : "\(sentence.text) (see \(command) --help)"
  }

  func exit() -> Never {
    if isAnswer {
      Streams.output(message + "\n")
    } else if !message.isEmpty {
      Streams.error("\(Streams.colored("palimpsest:", .failure)) \(Streams.oneLine(message))\n")
      // Whoever reads the summary gets an object in any case, and one alone.
      if CommandLine.arguments.contains("--json"), !Streams.hasWrittenOutput {
        Streams.output(JSONFailure(status: status, message: message).text + "\n")
      }
    }
    Foundation.exit(status)
  }
}
