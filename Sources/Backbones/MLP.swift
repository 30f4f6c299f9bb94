import NeuralNet
import Torch

/// Two linear maps with an activation between them, over the last axis.
///
/// A gated one (SwiGLU, where the activation is SiLU) makes two halves by the first map: the activation of the one times the
/// other goes into the second map. ConvNeXt V2 has a ``ResponseNorm`` before the second map.
final class MLP: Module {
  let first: Linear
  let activation: Activation
  private let responseNorm: ResponseNorm?
  let second: Linear
  /// The width of a half, nil where the MLP is not gated.
  private let gate: Int?

  /// - Parameter inner: the width between the maps; of a gated MLP that of one half.
  init(width: Int, inner: Int, activation: Activation, isGated: Bool = false, hasResponseNorm: Bool = false) {
    first = Linear(width, isGated ? 2 * inner : inner, bias: true)
    self.activation = activation
    responseNorm = hasResponseNorm ? ResponseNorm(inner) : nil
    second = Linear(inner, width, bias: true)
    gate = isGated ? inner : nil
  }

  var contents: [ModuleEntry] {
    [.child("fc1", first)] + ModuleEntry.optional("grn", responseNorm) + [.child("fc2", second)]
  }

  /// residual + scale(MLP(input)), `[B, N, C]`.
  func callAsFunction(
    _ input: Tensor, scaledBy scale: LayerScale? = nil, adding residual: Tensor, observer: BlockObserver? = nil
  ) throws -> Tensor {
    let hidden = try hidden(input)
    try observer?(.hidden, hidden)
    try observer?(.mlpOutput, second(hidden))
    return try second(hidden, scaledBy: scale, adding: residual)
  }

  /// What the second map takes, `[B, N, inner]`.
  private func hidden(_ input: Tensor) throws -> Tensor {
    guard let gate else {
      let hidden = try first(input, then: activation)
      return try responseNorm?(hidden) ?? hidden
    }
    let halves = try first(input)
    return try activation(halves.slice(2, 0..<gate)) * halves.slice(2, gate..<2 * gate)
  }

  func pack(rows: Int, scaledBy scale: LayerScale? = nil) throws {
    try first.pack(rows: rows)
    try second.pack(rows: rows, scaledBy: scale)
  }
}
