import Foundation
import Results

extension Trainer {
  /// Writes what the training cost so far.
  func writeEfficiency(to url: URL) throws {
    var table = EfficiencyTable()
    let cost = state.inherited + state.cost
    let timed = state.timed.steps > 0 ? state.timed : state.cost
    table.add(EfficiencyMetric.wholeRun, .parameters, units.reduce(0) { $0 + $1.learnedCount })
    table.add(EfficiencyMetric.wholeRun, .frozenOperationsPerImage, state.frozenOperationsPerImage)
    table.add(
      EfficiencyMetric.wholeRun, .trainingOperationsPerImage, state.scores.reduce(0) { $0 + $1.operationsPerImage })
    table.add(EfficiencyMetric.wholeRun, .secondsPerStep, timed.seconds / Double(max(1, timed.steps)))
    table.add(EfficiencyMetric.wholeRun, .imagesPerSecond, Double(timed.images) / max(1e-9, timed.seconds))
    table.add(EfficiencyMetric.wholeRun, .peakResidentBytes, state.peakResidentBytes)
    if state.peakDeviceBytes > 0 { table.add(EfficiencyMetric.wholeRun, .peakDeviceBytes, state.peakDeviceBytes) }
    table.add(EfficiencyMetric.wholeRun, .steps, cost.steps)
    table.add(EfficiencyMetric.wholeRun, .images, cost.images)
    table.add(EfficiencyMetric.wholeRun, .operations, cost.operations)
    table.add(EfficiencyMetric.wholeRun, .trainingSeconds, cost.seconds)
    for (unit, score) in zip(units, state.scores) {
      table.add(unit.name, .parameters, unit.learnedCount)
      table.add(unit.name, .trainingOperationsPerImage, score.operationsPerImage)
      if score.timedSteps > 0 {
        table.add(unit.name, .secondsPerStep, score.seconds / Double(score.timedSteps))
      }
    }
    try table.write(to: url)
  }
}
