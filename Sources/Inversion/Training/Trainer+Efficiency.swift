import Foundation

extension Trainer {
  /// Writes what the training cost so far.
  func writeEfficiency(to url: URL) throws {
    var table = EfficiencyTable()
    let cost = state.inherited + state.cost
    let timed = state.timed.steps > 0 ? state.timed : state.cost
    table.add("all", "parameters", units.reduce(0) { $0 + $1.learnedCount }, "count")
    table.add("all", "frozen_operations_per_image", state.frozenOperationsPerImage, "operations")
    table.add(
      "all", "training_operations_per_image", state.scores.reduce(0) { $0 + $1.operationsPerImage }, "operations")
    table.add("all", "seconds_per_step", timed.seconds / Double(max(1, timed.steps)), "s")
    table.add("all", "images_per_second", Double(timed.images) / max(1e-9, timed.seconds), "images/s")
    table.add("all", "peak_resident_bytes", state.peakResidentBytes, "bytes")
    if state.peakDeviceBytes > 0 { table.add("all", "peak_device_bytes", state.peakDeviceBytes, "bytes") }
    table.add("all", "steps", cost.steps, "count")
    table.add("all", "images", cost.images, "count")
    table.add("all", "operations", cost.operations, "operations")
    table.add("all", "training_seconds", cost.seconds, "s")
    for (unit, score) in zip(units, state.scores) {
      table.add(unit.name, "parameters", unit.learnedCount, "count")
      table.add(unit.name, "training_operations_per_image", score.operationsPerImage, "operations")
      if score.timedSteps > 0 {
        table.add(unit.name, "seconds_per_step", score.seconds / Double(score.timedSteps), "s")
      }
    }
    try table.write(to: url)
  }
}
