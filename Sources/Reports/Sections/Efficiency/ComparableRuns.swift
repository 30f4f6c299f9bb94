import Formats
import Results

/// Which trainings can be compared with the first, and in what, by what `efficiency.csv` says of them.
struct ComparableRuns {
  /// What is recorded of a training; empty where a table of an earlier version does not say.
  private struct Run {
    let name: String
    let device: String
    let threads: String
    let checkpoint: String
    let heldOut: String
  }

  private var runs: [Run] = []

  init(_ table: CommaSeparatedValues) {
    guard let name = table.column(.run) else { return }
    let indices = [Column.device, .threads, .checkpoint, .heldOut].map { table.column($0) }
    for record in table.records where !runs.contains(where: { $0.name == record.fields[name] }) {
      let fields = indices.map { index in index.map { record.fields[$0] } ?? "" }
      runs.append(
        Run(
          name: record.fields[name], device: fields[0], threads: fields[1], checkpoint: fields[2], heldOut: fields[3]))
    }
  }

  /// Whether the table says on what the trainings ran.
  var knowsDevices: Bool { runs.contains { !$0.device.isEmpty } }

  func device(of name: String) -> String { runs.first { $0.name == name }?.device ?? "" }
  func threads(of name: String) -> String { runs.first { $0.name == name }?.threads ?? "" }
  func checkpoint(of name: String) -> String { runs.first { $0.name == name }?.checkpoint ?? "" }

  /// Whether the errors of a training are of the same model and images as the first training's.
  func hasComparableErrors(_ name: String) -> Bool {
    guard let first = runs.first, let run = runs.first(where: { $0.name == name }) else { return true }
    return run.checkpoint == first.checkpoint && run.heldOut == first.heldOut
  }

  /// Whether all trainings ran on one kind of device with one number of threads.
  var haveOneMachine: Bool { Self.areAlike(runs) }

  private static func areAlike(_ runs: [Run]) -> Bool {
    runs.allSatisfy { $0.device == runs[0].device && $0.threads == runs[0].threads }
  }

  /// Whether the trainings whose errors are compared ran on one kind of device with one number of threads.
  var haveComparableTimes: Bool {
    Self.areAlike(runs.filter { hasComparableErrors($0.name) })
  }
}
