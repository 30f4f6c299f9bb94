import ArgumentParser
import Results

/// The commands of an analysis. It conforms where its command is written, and is then a subcommand of `palimpsest analyze`.
package protocol AnalysisCommands: RegisteredAnalysis {
  static var command: any ParsableCommand.Type { get }
  /// Its subcommand of `palimpsest bench`; nil where it has none.
  static var benchmark: (any ParsableCommand.Type)? { get }
}

/// `palimpsest analyze`: numbers from stores, as tidy CSV.
package struct Analyze: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Compute measures from feature stores and trainings, as tidy CSV with provenance.",
    discussion: AnalysisDefinition.all.map { "  palimpsest analyze \($0.name) \($0.example) --out results/" }
      .joined(separator: "\n"),
    subcommands: commands(of: AnalysisDefinition.registered).map { $0.command })

  package init() {}

  /// Those that have commands.
  package static func commands(of analyses: [any RegisteredAnalysis.Type]) -> [any AnalysisCommands.Type] {
    analyses.compactMap { $0 as? any AnalysisCommands.Type }
  }
}
