import Analysis
import ArgumentParser
import Foundation
import Results

/// `palimpsest analyze efficiency`: what modular and end-to-end training cost and reach.
struct AnalyzeEfficiency: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "efficiency",
    abstract: "Compare what trainings cost and what error they reach.",
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

  struct Summary: Encodable {
    let out: String
    let runs: Int
    let rows: Int
    let notes: [String]
  }

  func run() throws {
    let record = RunRecord(command: Invocation.command)
    let names = NamedSource.names(of: trainings, areFolders: true)
    let comparison = EfficiencyComparison(try zip(trainings, names).map { try EfficiencyRun($0, name: $1) })
    try OutputPath.makeFolder(out)
    let folder = URL(fileURLWithPath: out)
    let tables = [
      (TableDefinition.efficiency.file, comparison.table), (TableDefinition.efficiencyCurves.file, comparison.curves),
      (TableDefinition.efficiencyEqual.file, comparison.equal),
    ]
    for (name, table) in tables { try table.write(to: folder.appendingPathComponent(name).path) }
    try record.write(
      to: folder, seed: nil, settings: [],
      inputs: trainings.flatMap { path in
        ["plan.json", "efficiency.csv", "curves.csv"].map { FileHash.record(path + "/" + $0, role: "training") }
      }, outputs: tables.map(\.0), stores: [])
    for note in comparison.notes { output.note(note) }
    show(comparison)
    output.say("\(out)/efficiency.csv, efficiency_curves.csv, efficiency_equal.csv")
    try output.summarize(
      Summary(
        out: out, runs: comparison.runs.count, rows: comparison.table.rows.count, notes: comparison.notes))
  }

  private func show(_ comparison: EfficiencyComparison) {
    func figure(_ run: EfficiencyRun, _ metric: String, _ text: (Double) -> String) -> String {
      run.values.first { $0.module == "all" && $0.metric == metric }.map { text($0.value) } ?? ""
    }
    output.say(
      Table.text(
        header: ["run", "mode", "inverse", "parameters", "GFLOP/image", "s/step", "peak memory"],
        rows: comparison.runs.map { run in
          [
            run.name, run.mode, run.inverse, figure(run, "parameters") { "\(Int($0))" },
            figure(run, "training_operations_per_image") { Numbers.fixed($0 / 1e9, 3) },
            figure(run, "seconds_per_step") { Numbers.fixed($0, 4) },
            figure(run, "peak_resident_bytes") { Numbers.bytes(Int($0)) },
          ]
        }))
    guard !comparison.reached.isEmpty else { return }
    output.say("")
    output.say(
      Table.text(
        header: ["at equal", "limit", "cut", "run", "PSNR"],
        rows: comparison.reached.map { row in
          [
            row.budget.rawValue, EfficiencyAmount.text(row.limit, row.budget), row.point.cut, row.run,
            "\(Numbers.fixed(row.point.peakSignalToNoise, 2)) dB",
          ]
        }))
  }
}

/// An amount of a budget as people read it.
private enum EfficiencyAmount {
  static func text(_ amount: Double, _ budget: EfficiencyComparison.Budget) -> String {
    switch budget {
    case .time: "\(Numbers.fixed(amount, 1)) s"
    case .images: "\(Int(amount)) images"
    case .operations: "\(Numbers.fixed(amount / 1e12, 3)) TFLOP"
    }
  }
}
