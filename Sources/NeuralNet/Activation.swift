import Torch

/// An element-wise activation, by the names configurations use.
public enum Activation: String, Codable, Sendable, CaseIterable {
  case identity = "linear"
  case gelu
  case geluTanh = "gelu_pytorch_tanh"
  case relu
  case silu
  case quickGelu = "quick_gelu"
  case tanh
  case sigmoid

  /// The activation a configuration names, or nil.
  public init?(named name: String) {
    let aliases: [String: Activation] = [
      "gelu_new": .geluTanh, "gelu_fast": .geluTanh, "gelu_python": .gelu, "gelu_tanh": .geluTanh, "swish": .silu,
      "identity": .identity, "quickgelu": .quickGelu,
    ]
    guard let activation = Activation(rawValue: name.lowercased()) ?? aliases[name.lowercased()] else { return nil }
    self = activation
  }

  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    switch self {
    case .identity: input
    case .gelu: try input.gelu()
    case .geluTanh: try input.gelu(tanhApproximation: true)
    case .relu: try input.relu()
    case .silu: try input.silu()
    case .quickGelu: try input * (input * 1.702).sigmoid()
    case .tanh: try input.tanh()
    case .sigmoid: try input.sigmoid()
    }
  }

  /// The form of it that oneDNN applies while it writes a result, where there is one.
  var fused: OneDNN.Activation? {
    switch self {
    case .identity: OneDNN.Activation.none
    case .gelu: .geluExact
    case .geluTanh: .geluTanh
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .silu, .quickGelu, .tanh: nil
    }
  }
}
