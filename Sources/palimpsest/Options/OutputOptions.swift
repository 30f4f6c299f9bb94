import ArgumentParser
import Pipelines
import Terminal

/// What every command takes.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Say nothing but errors.")
  var quiet = false

  @Flag(help: "Print a machine-readable summary on standard output.")
  var json = false

  @Option(help: "How progress is shown: auto is a bar on a terminal and lines elsewhere.") var progress = ProgressStyle
    .auto
  @Option(help: "Colours on terminals: auto follows NO_COLOR.") var color = ColorChoice.auto

  /// What was given, as it is typed.
  var arguments: [String] {
    (quiet ? ["--quiet"] : []) + (json ? ["--json"] : []) + ["--progress=\(progress)"]
  }

  /// Prints a line for people; nothing with --quiet or --json.
  func say(_ line: @autoclosure () -> String) {
    if !quiet && !json { Streams.output(Streams.lines(line()) + "\n") }
  }

  /// Prints a line for people on standard error, so that it also stands beside --json.
  func note(_ line: @autoclosure () -> String) {
    if !quiet { Streams.error(Streams.colored(Streams.oneLine(line()), .remark) + "\n") }
  }

  /// Reports a job on the terminal: lines, notes and a bar that gives way to them; Ctrl-C stops it.
  var reporter: JobReporter {
    .terminal(progress: quiet ? .none : progress, note: { note($0) }, say: { say($0) })
  }

  /// Prints `summary` with --json; a step of `run` is part of that command's own.
  func summarize(_ summary: some Encodable) throws {
    guard json, Invocation.step == nil else { return }
    Streams.output(try VersionedJSON.text(of: summary) + "\n")
  }
}
