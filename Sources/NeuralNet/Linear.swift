import Torch

/// A linear map over the last axis: `[…, in]` to `[…, out]`.
public final class Linear: Module {
  public let weight: Parameter
  public let bias: Parameter?
  private var packed: Tensor?

  public init(_ inputs: Int, _ outputs: Int, bias: Bool) {
    let bound = 1 / Double(max(1, inputs)).squareRoot()
    weight = Parameter([outputs, inputs], .uniform(bound))
    self.bias = bias ? Parameter([outputs], .uniform(bound)) : nil
  }

  public var contents: [ModuleEntry] {
    [.parameter("weight", weight)] + ModuleEntry.optional("bias", bias)
  }

  /// activation(input · weightᵀ + bias).
  public func callAsFunction(_ input: Tensor, then activation: Activation = .identity) throws -> Tensor {
    if let packed, let fused = activation.fused {
      return try OneDNN.linear(input, packed: packed, bias: bias?.value, activation: fused)
    }
    return try activation(input.linear(weight: weight.value, bias: bias?.value))
  }

  /// input · weightᵀ + bias + residual. `residual`: the result's shape.
  public func callAsFunction(_ input: Tensor, adding residual: Tensor) throws -> Tensor {
    if let packed { return try OneDNN.linear(input, packed: packed, bias: bias?.value, adding: residual) }
    return try input.linear(weight: weight.value, bias: bias?.value) + residual
  }

  /// Lays the weight out for frozen use on the CPU with inputs of about `rows` rows: faster, without gradients.
  public func pack(rows: Int) throws {
    guard OneDNN.isAvailable, try weight.value.device == .cpu else { return }
    packed = try withoutGradients { try OneDNN.packLinear(weight.value, rows: rows) }
  }

  public func parametersDidChange() { packed = nil }
}
