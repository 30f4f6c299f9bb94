import Analysis
import ArgumentParser
import Pipelines
import Results

extension EfficiencyAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeEfficiency.self }
  package static var benchmark: (any ParsableCommand.Type)? { nil }
}

/// `palimpsest analyze efficiency`: what modular and end-to-end training cost and reach.
struct AnalyzeEfficiency: ParsableCommand {
  static let configuration = AnalysisDefinition.efficiency.configuration(
    discussion: """
      Joins what every training measured of itself. Writes efficiency.csv, \
      efficiency_curves.csv (error against time, images and operations), \
      efficiency_equal.csv (the error reached at equal time, images and \
      operations) and provenance.json.

        palimpsest analyze efficiency vit-modular/ vit-end-to-end/ --out results/
      """)

  @Argument(help: "Folders that train wrote, of the same model and images.", completion: .directory)
  var trainings: [String]

  @Option(help: ArgumentHelp("The folder to write results into.", valueName: "dir"), completion: .directory)
  var out: String

  @OptionGroup(title: "Output") var output: OutputOptions

  private struct Summary: Encodable {
    let out: String
    let runs: Int
    let rows: Int
    let notes: [String]
  }

  func run() throws {
    let comparison = try EfficiencyJob(trainings: trainings, out: out, command: Invocation.command).run()
    for note in comparison.notes { output.note(note) }
    output.say(comparison.overview)
    output.say("\(out)/efficiency.csv, efficiency_curves.csv, efficiency_equal.csv")
    try output.summarize(
      Summary(
        out: out, runs: comparison.runs.count, rows: comparison.table.rows.count, notes: comparison.notes))
  }
}
