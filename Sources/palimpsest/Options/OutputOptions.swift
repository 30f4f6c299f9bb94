import ArgumentParser
import Foundation
import Pipelines
import Terminal

/// What every command takes.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Say nothing but errors.")
  var quiet = false

  @Flag(name: .long, help: "Print a machine-readable summary on standard output.")
  var json = false

  /// The flags that were given, as they are typed.
  var arguments: [String] { (quiet ? ["--quiet"] : []) + (json ? ["--json"] : []) }

  /// Prints a line for people; nothing with --quiet or --json.
  func say(_ line: @autoclosure () -> String) {
    if !quiet && !json { Streams.output(Streams.lines(line()) + "\n") }
  }

  /// Prints a line for people on standard error, so that it also stands beside --json.
  func note(_ line: @autoclosure () -> String) {
    if !quiet { Streams.error(Streams.oneLine(line()) + "\n") }
  }

  /// Reports a job on the terminal: lines, notes and a bar that gives way to them; Ctrl-C stops it.
  var reporter: JobReporter {
    .terminal(showsProgress: !quiet, note: { note($0) }, say: { say($0) })
  }

  /// Prints `summary` with --json; a step of `run` is part of that command's own.
  func summarize(_ summary: some Encodable) throws {
    guard json, Invocation.step == nil else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    Streams.output(String(decoding: try encoder.encode(summary), as: UTF8.self) + "\n")
  }
}
