import Foundation
import Results

/// How many replicates and permutations can be drawn: every draw is kept, so their number is held against the machine's memory before
/// room is made for the first.
enum DrawnCounts {
  /// - Throws: ``AnalysisError`` for a number of replicates that is not possible.
  static func requireReplicates(_ count: Int) throws {
    try require(count, "bootstrap replicates", in: CountRange.replicates)
  }

  /// - Parameter least: the fewest that make sense.
  /// - Throws: ``AnalysisError`` for a number of permutations that is not possible.
  static func requirePermutations(_ count: Int, atLeast least: Int = 0) throws {
    try require(count, "permutations", in: least...CountRange.permutations.upperBound)
  }

  private static func require(_ count: Int, _ what: String, in range: ClosedRange<Int>) throws {
    guard range.contains(count) else {
      let expected =
        count < range.lowerBound ? "\(range.lowerBound) or more" : "at most \(range.upperBound)"
      throw AnalysisError(.badInput, "\(count) \(what) are not possible; expected \(expected)")
    }
  }

  /// - Parameters:
  ///   - draws: replicates or permutations; each keeps a whole number of 8 bytes for every image.
  ///   - option: by which they are asked for.
  ///   - memory: of the machine, in bytes.
  /// - Throws: ``AnalysisError`` where they would take more than half of the memory.
  package static func requireMemory(
    _ draws: Int, images: Int, option: String, memory: UInt64 = ProcessInfo.processInfo.physicalMemory
  ) throws {
    let (numbers, isOverflow) = draws.multipliedReportingOverflow(by: images)
    guard isOverflow || UInt64(numbers) > memory / 2 / 8 else { return }
    throw AnalysisError(
      .badInput,
      "\(option) \(draws): as many draws of \(images) images take more than half of the memory of this machine; "
        + "give at most \(memory / 2 / 8 / UInt64(max(1, images)))")
  }
}
