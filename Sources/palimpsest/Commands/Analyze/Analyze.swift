import ArgumentParser
import Results

/// `palimpsest analyze`: numbers from stores, as tidy CSV.
struct Analyze: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute measures from feature stores and trainings, as tidy CSV with provenance.",
    discussion: AnalysisDefinition.all.map { "  palimpsest analyze \($0.name) \($0.example) --out results/" }
      .joined(separator: "\n"),
    subcommands: [
      AnalyzeSimilarity.self, AnalyzeQuality.self, AnalyzeColor.self, AnalyzeDetail.self, AnalyzeShape.self,
      AnalyzePrototypes.self, AnalyzeEfficiency.self,
    ])
}
