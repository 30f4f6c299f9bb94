import Analysis
import Foundation
import Results

/// `efficiency`: what modular and end-to-end training cost and reach.
public struct EfficiencyJob: Sendable {
  /// Folders that a training wrote, of the same model and images.
  public var trainings: [String]
  /// The folder of the results.
  public var out: String
  private let record: RunRecord

  /// - Parameter command: as it could be typed, beginning with `palimpsest`: for the provenance.
  public init(trainings: [String], out: String, command: [String]) {
    self.trainings = trainings
    self.out = out
    record = RunRecord(command: command)
  }

  /// Writes the tables and `provenance.json`.
  ///
  /// - Throws: ``BadInput`` and `AnalysisError`.
  public func run() throws -> EfficiencyComparison {
    let names = NamedSource.names(of: trainings, areFolders: true)
    let comparison = EfficiencyComparison(try zip(trainings, names).map { try EfficiencyRun($0, name: $1) })
    let lock = try OutputPath.lockFolder(out)
    defer { lock.release() }
    let folder = URL(fileURLWithPath: out)
    var tables = [
      (TableDefinition.efficiency.file, comparison.table), (TableDefinition.efficiencyCurves.file, comparison.curves),
      (TableDefinition.efficiencyEqual.file, comparison.equal),
    ]
    let optional = [
      (
        TableDefinition.efficiencyHistory.file, comparison.history,
        comparison.runs.contains { !$0.losses.isEmpty }
      ),
      (TableDefinition.efficiencyTest.file, comparison.test, comparison.runs.contains { !$0.test.isEmpty }),
    ]
    for (name, table, exists) in optional {
      if exists {
        tables.append((name, table))
      } else {
        // Of an earlier run.
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
      }
    }
    for (name, table) in tables { try table.write(to: folder.appendingPathComponent(name).path) }
    try record.write(
      to: folder, seed: nil, settings: [],
      inputs: trainings.flatMap { path in
        [
          "plan.json", TableDefinition.trainingEfficiency.file, TableDefinition.trainingCurves.file,
          TableDefinition.trainingHistory.file, TableDefinition.trainingTest.file,
        ].filter { FileManager.default.fileExists(atPath: path + "/" + $0) }.map {
          FileHash.record(path + "/" + $0, role: "training")
        }
      }, outputs: tables.map(\.0), stores: [], notes: comparison.notes)
    return comparison
  }
}
