import NeuralNet
import Torch

/// Two linear maps with an activation between them, over the last axis.
final class MLP: Module {
  let first: Linear
  let activation: Activation
  let second: Linear

  init(width: Int, inner: Int, activation: Activation) {
    first = Linear(width, inner, bias: true)
    self.activation = activation
    second = Linear(inner, width, bias: true)
  }

  var contents: [ModuleEntry] { [.child("fc1", first), .child("fc2", second)] }

  /// residual + scale(MLP(input)).
  func callAsFunction(_ input: Tensor, scaledBy scale: LayerScale? = nil, adding residual: Tensor) throws -> Tensor {
    try second(first(input, then: activation), scaledBy: scale, adding: residual)
  }

  func pack(rows: Int, scaledBy scale: LayerScale? = nil) throws {
    try first.pack(rows: rows)
    try second.pack(rows: rows, scaledBy: scale)
  }
}
