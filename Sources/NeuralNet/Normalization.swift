import Torch

/// Normalisation over the last axis with learned scale and shift.
public final class LayerNorm: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let epsilon: Double

  public init(_ width: Int, epsilon: Double) {
    weight = Parameter([width], .ones)
    bias = Parameter([width], .zeros)
    self.epsilon = epsilon
  }

  public var contents: [ModuleEntry] { [.parameter("weight", weight), .parameter("bias", bias)] }

  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try input.layerNormalized(weight: weight.value, bias: bias.value, epsilon: epsilon)
  }
}

/// Batch normalisation over axis 1 of `[B, C, …]` with its running statistics as they stand.
public final class FrozenBatchNorm: Module {
  public let weight: Parameter
  public let bias: Parameter
  public let runningMean: Parameter
  public let runningVariance: Parameter
  public let epsilon: Double

  public init(_ channels: Int, epsilon: Double) {
    weight = Parameter([channels], .ones)
    bias = Parameter([channels], .zeros)
    runningMean = Parameter([channels], .zeros, isLearned: false)
    runningVariance = Parameter([channels], .ones, isLearned: false)
    self.epsilon = epsilon
  }

  public var contents: [ModuleEntry] {
    [
      .parameter("weight", weight), .parameter("bias", bias), .parameter("running_mean", runningMean),
      .parameter("running_var", runningVariance),
    ]
  }

  /// The normalisation as `scale · x + shift`, both `[C]`.
  public func scaleAndShift() throws -> (scale: Tensor, shift: Tensor) {
    let scale = try weight.value * (runningVariance.value + epsilon).reciprocalSquareRoot()
    return try (scale, bias.value - runningMean.value * scale)
  }
}

/// A learned factor for each channel of the last axis (layer scale).
public final class LayerScale: Module {
  public let gamma: Parameter

  public init(_ width: Int) {
    gamma = Parameter([width], .ones)
  }

  public var contents: [ModuleEntry] { [.parameter("gamma", gamma)] }

  public func callAsFunction(_ input: Tensor) throws -> Tensor { try input * gamma.value }
}
