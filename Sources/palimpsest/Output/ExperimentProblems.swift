import Experiments
import Pipelines
import Terminal

/// What is wrong with an experiment, a sentence each on standard error.
enum ExperimentProblems {
  /// - Throws: ``BadInput`` with the last of the problems that `work` throws as an `ExperimentError`.
  static func reporting<Value>(_ work: () throws -> Value) throws -> Value {
    do { return try work() } catch let error as ExperimentError {
      for problem in error.problems.dropLast() { Streams.error("palimpsest: \(Streams.oneLine(problem))\n") }
      throw BadInput(error.problems.last ?? "the experiment cannot be read")
    }
  }
}
