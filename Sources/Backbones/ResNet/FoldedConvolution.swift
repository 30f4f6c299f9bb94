import NeuralNet
import Torch

/// A convolution laid out once for oneDNN, with what follows it: a normalisation folded into weight and bias, a residual
/// sum, ReLU. CPU, float32, no gradients.
struct FoldedConvolution {
  let weight: Tensor
  let bias: Tensor?
  let stride: [Int]
  let padding: [Int]
  let dilation: [Int]

  /// `convolution` as it is, of one group.
  init(_ convolution: Convolution, inputShape: [Int]) throws {
    precondition(convolution.groups == 1, "a convolution in groups is not packed")
    try self.init(
      weight: convolution.weight.value, bias: convolution.bias?.value, stride: convolution.stride,
      padding: convolution.padding, dilation: convolution.dilation, inputShape: inputShape)
  }

  /// A convolution for inputs of about `inputShape` [B, C, H, W].
  init(weight: Tensor, bias: Tensor?, stride: [Int], padding: [Int], dilation: [Int], inputShape: [Int]) throws {
    self.weight = try OneDNN.packConvolution(
      weight, stride: stride, padding: padding, dilation: dilation, inputShape: inputShape)
    self.bias = bias
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  /// activation(convolution(input)).
  func callAsFunction(_ input: Tensor, then activation: Activation) throws -> Tensor {
    let fused = activation.fusedIntoConvolution
    let output = try OneDNN.convolution(
      input, packed: weight, bias: bias, stride: stride, padding: padding, dilation: dilation,
      activation: fused ?? .none)
    return fused == nil ? try activation(output) : output
  }

  /// activation(convolution(input) + residual).
  ///
  /// - Parameter overwriting: whether `residual`'s own memory may take the result, which spares a pass over memory.
  func callAsFunction(
    _ input: Tensor, adding residual: Tensor, overwriting: Bool, then activation: Activation
  ) throws -> Tensor {
    let fused = activation.fusedIntoConvolution
    let output =
      if overwriting {
        try OneDNN.convolution(
          input, addingInto: residual, packed: weight, bias: bias, stride: stride, padding: padding,
          dilation: dilation, activation: fused ?? .none)
      } else {
        try OneDNN.convolution(
          input, adding: residual, packed: weight, bias: bias, stride: stride, padding: padding, dilation: dilation,
          activation: fused ?? .none)
      }
    return fused == nil ? try activation(output) : output
  }
}

extension Activation {
  /// The form that a convolution applies while it writes its result, or nil.
  fileprivate var fusedIntoConvolution: OneDNN.Activation? {
    switch self {
    case .identity: OneDNN.Activation.none
    case .relu: .relu
    default: nil
    }
  }
}
