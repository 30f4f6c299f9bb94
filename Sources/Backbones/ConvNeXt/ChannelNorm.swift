import NeuralNet
import Torch

/// Normalisation over the last axis in one of ``ConvNeXtConfiguration/Norm``'s forms.
final class ChannelNorm: Module {
  private let kind: ConvNeXtConfiguration.Norm
  private let weight: Parameter
  private let bias: Parameter?
  private let epsilon: Double

  init(_ width: Int, _ kind: ConvNeXtConfiguration.Norm, epsilon: Double) {
    self.kind = kind
    weight = Parameter([width], .ones)
    bias = kind == .layer ? Parameter([width], .zeros) : nil
    self.epsilon = epsilon
  }

  var contents: [ModuleEntry] { [.parameter("weight", weight)] + ModuleEntry.optional("bias", bias) }

  func callAsFunction(_ input: Tensor) throws -> Tensor {
    let spread: Tensor
    switch kind {
    case .layer: return try input.layerNormalized(weight: weight.value, bias: bias?.value, epsilon: epsilon)
    case .rootMeanSquare: spread = try (input * input).mean([-1], keepingAxes: true)
    case .deviation:
      let centred = try input - input.mean([-1], keepingAxes: true)
      spread = try (centred * centred).sum([-1], keepingAxes: true) / Double(input.extent(-1) - 1)
    }
    return try input * (spread + epsilon).reciprocalSquareRoot() * weight.value
  }
}

/// Global response normalisation of ConvNeXt V2: each channel is scaled by its norm over the map in relation to that of all channels.
///
/// Source: Woo et al., "ConvNeXt V2", as timm's `grn.py` and transformers' `ConvNextV2GRN` compute it.
final class ResponseNorm: Module {
  private let weight: Parameter
  private let bias: Parameter

  /// Of both libraries.
  private static let epsilon = 1e-6

  init(_ width: Int) {
    weight = Parameter([width], .zeros)
    bias = Parameter([width], .zeros)
  }

  var contents: [ModuleEntry] { [.parameter("weight", weight), .parameter("bias", bias)] }

  /// `[B, T, C]` to `[B, T, C]`.
  func callAsFunction(_ input: Tensor) throws -> Tensor {
    let response = try input.norm([1], keepingAxes: true)
    let relative = try response / (response.mean([2], keepingAxes: true) + ResponseNorm.epsilon)
    return try input + bias.value + weight.value * (input * relative)
  }
}
