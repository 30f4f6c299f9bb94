/// A label for each pixel of an image, kept as runs: a few kilobytes where a map of bytes would take many.
struct LabelRuns: Sendable, Equatable {
  let count: Int
  /// Label and length by turns.
  private let runs: [UInt32]

  init(_ labels: [UInt8]) {
    var runs: [UInt32] = []
    for label in labels {
      if let last = runs.last, runs[runs.count - 2] == UInt32(label) {
        runs[runs.count - 1] = last + 1
      } else {
        runs += [UInt32(label), 1]
      }
    }
    self.runs = runs
    count = labels.count
  }

  /// One label everywhere.
  init(repeating label: UInt8, count: Int) {
    runs = [UInt32(label), UInt32(count)]
    self.count = count
  }

  var labels: [UInt8] {
    var labels: [UInt8] = []
    labels.reserveCapacity(count)
    for index in stride(from: 0, to: runs.count, by: 2) {
      labels.append(contentsOf: repeatElement(UInt8(runs[index]), count: Int(runs[index + 1])))
    }
    return labels
  }
}
