import Torch

/// Batch normalisation over axis 1 of `[B, C, …]` that learns scale, shift and statistics.
///
/// In training it normalises by the batch's own statistics and moves the running ones towards them; otherwise it
/// normalises by the running ones.
public final class BatchNorm: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let runningMean: Parameter
  public let runningVariance: Parameter
  public let epsilon: Double
  /// How far one batch moves the running statistics.
  public let momentum: Double

  public init(_ channels: Int, epsilon: Double, momentum: Double) {
    weight = Parameter([channels], .ones)
    bias = Parameter([channels], .zeros)
    runningMean = Parameter([channels], .zeros, isLearned: false)
    runningVariance = Parameter([channels], .ones, isLearned: false)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  public var contents: [ModuleEntry] {
    [
      .parameter("weight", weight), .parameter("bias", bias), .parameter("running_mean", runningMean),
      .parameter("running_var", runningVariance),
    ]
  }

  public func callAsFunction(_ input: Tensor, isTraining: Bool) throws -> Tensor {
    try input.batchNormalized(
      weight: weight.value, bias: bias.value, runningMean: runningMean.value, runningVariance: runningVariance.value,
      training: isTraining, momentum: momentum, epsilon: epsilon)
  }
}
