/// Weights laid out once for oneDNN, and operators that add a bias and an activation while they write their result.
///
/// CPU, float32, no gradients: for frozen networks. Where this libtorch lacks the operators, ``isAvailable`` is false.
public enum OneDNN {
  private static let reorderLinear = Operator("mkldnn::_reorder_linear_weight")
  private static let reorderConvolution = Operator("mkldnn::_reorder_convolution_weight")
  private static let linear = Operator("mkldnn::_linear_pointwise")
  private static let linearBinary = Operator("mkldnn::_linear_pointwise", "binary")
  private static let convolution = Operator("mkldnn::_convolution_pointwise")
  private static let convolutionAdd = Operator("mkldnn::_convolution_pointwise", "binary")
  private static let convolutionAddInPlace = Operator("mkldnn::_convolution_pointwise_", "binary")

  public static let isAvailable =
    reorderLinear.isAvailable && reorderConvolution.isAvailable && linear.isAvailable && linearBinary.isAvailable
    && convolution.isAvailable && convolutionAdd.isAvailable && convolutionAddInPlace.isAvailable

  /// What is applied to a result before it is written.
  public enum Activation: Sendable {
    case none, relu, geluExact, geluTanh, sigmoid

    fileprivate var name: String {
      switch self {
      case .none: "none"
      case .relu: "relu"
      case .geluExact, .geluTanh: "gelu"
      case .sigmoid: "sigmoid"
      }
    }

    fileprivate var algorithm: Argument {
      switch self {
      case .geluExact: .string("none")
      case .geluTanh: .string("tanh")
      default: .none
      }
    }
  }

  /// A weight `[out, in]` laid out for inputs of `rows` rows.
  public static func packLinear(_ weight: Tensor, rows: Int) throws -> Tensor {
    try reorderLinear.one(.tensor(weight), .integer(rows))
  }

  /// activation(`input` · weightᵀ + bias) with a packed weight.
  public static func linear(
    _ input: Tensor, packed weight: Tensor, bias: Tensor?, activation: Activation = .none
  ) throws -> Tensor {
    try linear.one(
      .tensor(input), .tensor(weight), .optional(bias), .string(activation.name), .reals([]), activation.algorithm)
  }

  /// `input` · weightᵀ + bias + `other`.
  public static func linear(
    _ input: Tensor, packed weight: Tensor, bias: Tensor?, adding other: Tensor
  ) throws -> Tensor {
    try linearBinary.one(.tensor(input), .tensor(other), .tensor(weight), .optional(bias), .string("add"))
  }

  /// A convolution's weight laid out for inputs of `inputShape` [B, C, H, W].
  public static func packConvolution(
    _ weight: Tensor, stride: [Int], padding: [Int], dilation: [Int], groups: Int = 1, inputShape: [Int]
  ) throws -> Tensor {
    try reorderConvolution.one(
      .tensor(weight), .integers(padding), .integers(stride), .integers(dilation), .integer(groups),
      .integers(inputShape))
  }

  /// activation(convolution(`input`) + bias) with a packed weight; give channels-last input for channels-last output.
  public static func convolution(
    _ input: Tensor, packed weight: Tensor, bias: Tensor?, stride: [Int], padding: [Int], dilation: [Int],
    groups: Int = 1, activation: Activation = .none
  ) throws -> Tensor {
    try convolution.one(
      .tensor(input), .tensor(weight), .optional(bias), .integers(padding), .integers(stride), .integers(dilation),
      .integer(groups), .string(activation.name), .reals([]), activation.algorithm)
  }

  /// activation(convolution(`input`) + bias + `other`) with a packed weight.
  public static func convolution(
    _ input: Tensor, adding other: Tensor, packed weight: Tensor, bias: Tensor?, stride: [Int], padding: [Int],
    dilation: [Int], groups: Int = 1, activation: Activation = .none
  ) throws -> Tensor {
    try convolutionAdd.one(
      .tensor(input), .tensor(other), .tensor(weight), .optional(bias), .integers(padding), .integers(stride),
      .integers(dilation), .integer(groups), .string("add"), .real(1),
      activation == .none ? .none : .string(activation.name), .reals([]), activation.algorithm)
  }

  /// The same, written over `other`'s own memory.
  public static func convolution(
    _ input: Tensor, addingInto other: Tensor, packed weight: Tensor, bias: Tensor?, stride: [Int], padding: [Int],
    dilation: [Int], groups: Int = 1, activation: Activation = .none
  ) throws -> Tensor {
    try convolutionAddInPlace.one(
      .tensor(other), .tensor(input), .tensor(weight), .optional(bias), .integers(padding), .integers(stride),
      .integers(dilation), .integer(groups), .string("add"), .real(1),
      activation == .none ? .none : .string(activation.name), .reals([]), activation.algorithm)
  }
}
