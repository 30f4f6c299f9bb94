import ArgumentParser
import Foundation
import Pipelines

/// `palimpsest doctor`: what is installed, what is slow here, and what mends it.
struct Doctor: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at what is installed, what is slow on this machine, and what mends it.",
    discussion: """
      Loads libtorch, multiplies matrices, writes 64 MiB into the working folder \
      and removes them: a few seconds. Exit status 1 where something is missing.

        palimpsest doctor
      """)

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let summary = try HealthCheck(folder: FileManager.default.currentDirectoryPath).run(output.reporter)
    try output.summarize(summary)
    guard summary.isWell else { throw WorkFailed("something is missing, see BAD above") }
  }
}
