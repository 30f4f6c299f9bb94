import Experiments

/// What carries out a step of an experiment: the command that could have been typed in its place.
public protocol StepCommand {
  /// What it computes, for checking it before any work.
  var work: StepWork { get throws }

  /// Carries it out.
  func run() throws
}

/// What a step computes, as far as it can be checked before its inputs are there.
public enum StepWork {
  case draw(SceneJob)
  case extract(ExtractionJob)
  case train(TrainingJob)
  case reconstruct(ReconstructionJob)
  /// An analysis or a report: what can be wrong with it is found when its words are read.
  case other
}

/// Who runs the steps of an experiment, and says what became of them.
public protocol StepRunner {
  /// Reads the words of a step.
  ///
  /// - Throws: ``BadInput`` where they are no command, or one that cannot be.
  func command(for step: Step) throws -> any StepCommand

  /// An error as one sentence for people.
  func sentence(for error: any Error) -> String

  /// Takes what went wrong with a step; the others go on.
  func report(failure: String, of step: Step)
}
