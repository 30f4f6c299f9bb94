import Analysis
import ArgumentParser
import Formats
import Pipelines
import Results

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

  @Argument(help: "Folders that train wrote, of the same model and images.")
  var trainings: [String]

  @Option(name: .long, help: ArgumentHelp("The folder to write results into.", valueName: "dir"))
  var out: String

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let out: String
    let runs: Int
    let rows: Int
    let notes: [String]
  }

  func run() throws {
    let comparison = try EfficiencyJob(trainings: trainings, out: out, command: Invocation.command).run()
    for note in comparison.notes { output.note(note) }
    show(comparison)
    output.say("\(out)/efficiency.csv, efficiency_curves.csv, efficiency_equal.csv")
    try output.summarize(
      Summary(
        out: out, runs: comparison.runs.count, rows: comparison.table.rows.count, notes: comparison.notes))
  }

  private func show(_ comparison: EfficiencyComparison) {
    func value(_ run: EfficiencyRun, _ metric: String, _ text: (Double) -> String) -> String {
      run.values.first { $0.module == "all" && $0.metric == metric }.map { text($0.value) } ?? ""
    }
    output.say(
      TextTable.text(
        header: ["run", "mode", "inverse", "parameters", "GFLOP/image", "s/step", "peak memory"],
        rows: comparison.runs.map { run in
          [
            run.name, run.mode, run.inverse, value(run, "parameters") { NumberText.fixed($0, 0) },
            value(run, "training_operations_per_image") { NumberText.fixed($0 / 1e9, 3) },
            value(run, "seconds_per_step") { NumberText.fixed($0, 4) },
            value(run, "peak_resident_bytes") { NumberText.bytes(Int(saturating: $0)) },
          ]
        }))
    guard !comparison.reached.isEmpty else { return }
    output.say("")
    output.say(
      TextTable.text(
        header: ["at equal", "limit", "cut", "run", "PSNR"],
        rows: comparison.reached.map { row in
          [
            row.budget.rawValue, AnalyzeEfficiency.text(row.limit, row.budget), row.point.cut, row.run,
            "\(NumberText.fixed(row.point.peakSignalToNoise, 2)) dB",
          ]
        }))
  }

  /// An amount of a budget as people read it.
  private static func text(_ amount: Double, _ budget: EfficiencyComparison.Budget) -> String {
    switch budget {
    case .time: "\(NumberText.fixed(amount, 1)) s"
    case .images: "\(NumberText.fixed(amount, 0)) images"
    case .operations: "\(NumberText.fixed(amount / 1e12, 3)) TFLOP"
    }
  }
}
