import Torch

/// A linear map over the last axis: `[…, in]` to `[…, out]`.
public final class Linear: Module {
  public let weight: Parameter
  public let bias: Parameter?
  private var packed: PackedLinear?

  /// - Parameter initialization: of weight and bias; PyTorch's where nil.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool, initialization: Initialization? = nil) {
    let drawn = initialization ?? .uniform(1 / Double(max(1, inputs)).squareRoot())
    weight = Parameter([outputs, inputs], drawn)
    self.bias = bias ? Parameter([outputs], drawn) : nil
  }

  public var contents: [ModuleEntry] {
    [.parameter("weight", weight)] + ModuleEntry.optional("bias", bias)
  }

  /// activation(input · weightᵀ + bias).
  public func callAsFunction(_ input: Tensor, then activation: Activation = .identity) throws -> Tensor {
    if let packed, !recordsGradients, !packed.isScaled, let fused = activation.fused {
      return try OneDNN.linear(input, packed: packed.weight, bias: packed.bias, activation: fused)
    }
    return try activation(input.linear(weight: weight.value, bias: bias?.value))
  }

  /// scale(input · weightᵀ + bias) + residual. `residual`: the result's shape; without a scale, its factor is 1.
  public func callAsFunction(
    _ input: Tensor, scaledBy scale: LayerScale? = nil, adding residual: Tensor
  ) throws -> Tensor {
    if let packed, !recordsGradients, packed.isScaled == (scale != nil) {
      return try OneDNN.linear(input, packed: packed.weight, bias: packed.bias, adding: residual)
    }
    let result = try input.linear(weight: weight.value, bias: bias?.value)
    return try residual + (scale?(result) ?? result)
  }

  /// Lays the weight out for frozen use on the CPU with inputs of about `rows` rows: faster, without gradients.
  ///
  /// - Parameter scale: the layer scale that follows the map, multiplied into weight and bias; the map is then called
  ///   with it.
  public func pack(rows: Int, scaledBy scale: LayerScale? = nil) throws {
    guard OneDNN.isAvailable, try weight.value.device == .cpu else { return }
    packed = try withoutGradients {
      let factor = try scale?.gamma.value
      let matrix = try factor.map { try weight.value * $0.unsqueezed(1) } ?? weight.value
      let offset = try bias.map { bias in try factor.map { try bias.value * $0 } ?? bias.value }
      return PackedLinear(
        weight: try OneDNN.packLinear(matrix, rows: rows), bias: offset, isScaled: scale != nil)
    }
  }

  public func parametersDidChange() { packed = nil }
}

/// What ``Linear/pack(rows:scaledBy:)`` made.
private struct PackedLinear {
  let weight: Tensor
  let bias: Tensor?
  /// Whether a layer scale is multiplied in.
  let isScaled: Bool
}
