import Torch

/// The progress of a training, for display.
public struct TrainingProgress: Sendable {
  /// The epoch that runs, counted from 1.
  public let epoch: Int
  public let step: Int
  public let steps: Int
  /// The mean loss of this epoch so far by module, in order; without those that stopped early.
  public let losses: [(module: String, loss: Double)]
}

/// The losses of a finished epoch.
public struct TrainingEpoch: Sendable {
  public struct Losses: Sendable {
    public let module: String
    /// nil before the first epoch.
    public let training: Double?
    public let validation: Double
  }

  /// Counted from 1; 0 where least-squares maps are solved and no network is trained yet.
  public let epoch: Int
  /// Of the modules that were still being trained.
  public let losses: [Losses]
}

/// Reconstructions of some validation images from every cut.
public struct TrainingEvaluation {
  /// The epoch that ended, counted from 1.
  public let epoch: Int
  /// `[B, H, W, 3]` bytes: what the model saw.
  public let inputs: Tensor
  /// The same for each cut, shallow to deep.
  public let reconstructions: [(cut: String, pixels: Tensor)]
}

/// What a training ended with.
public struct TrainingSummary: Sendable {
  public struct Module: Sendable, Encodable {
    public let module: String
    public let parameters: Int
    /// The last epoch's.
    public let validationLoss: Double
    public let bestValidationLoss: Double
    public let bestEpoch: Int
  }

  public let modules: [Module]
  public let steps: Int
  public let seconds: Double
  /// False where it was interrupted; the state is saved then.
  public let isFinished: Bool
  /// What is worth knowing of modules whose images got worse, by cut.
  public var notes: [(module: String, text: String)] = []
}
