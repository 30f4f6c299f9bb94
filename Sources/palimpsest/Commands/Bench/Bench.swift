import ArgumentParser
import Results

/// `palimpsest bench`: how fast this machine does the work.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure images per second, bytes per second and peak memory on this machine.",
    discussion: """
      The files it makes are removed afterwards. scripts/bench/compare.py runs the \
      same work with timm, transformers, torch and h5py beside it, in turns; \
      docs/performance.md has its results.


      """ + commands.compactMap(example).joined(separator: "\n"),
    subcommands: commands)

  private static var commands: [any ParsableCommand.Type] {
    [BenchExtract.self] + Analyze.commands(of: AnalysisDefinition.registered).compactMap { $0.benchmark }
  }

  /// The first example in the help of a command.
  private static func example(_ command: any ParsableCommand.Type) -> String? {
    command.configuration.discussion.split(separator: "\n").first { $0.hasPrefix("  palimpsest") }.map(String.init)
  }
}
