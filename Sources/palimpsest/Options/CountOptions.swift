import ArgumentParser
import Experiments
import Results

/// Counts that a command was given, held against the ranges that their options have.
enum CountOptions {
  /// - Parameters:
  ///   - counts: by the names of the options, without dashes; nil where one was not given.
  ///   - table: the options of the command.
  /// - Throws: `ValidationError` for the first that is not possible.
  static func require(_ counts: [(name: String, count: Int?)], of table: [OptionDefinition]) throws {
    if let problem = StepSettings.problem(with: counts, of: table) { throw ValidationError(problem) }
  }

  /// - Throws: `ValidationError` where the count is out of its range.
  static func require(_ flag: String, _ count: Int?, in range: ClosedRange<Int>) throws {
    guard let count, let problem = CountRange.problem(count, in: range) else { return }
    throw ValidationError("\(flag) is \(count); \(problem)")
  }
}
