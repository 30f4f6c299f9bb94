import NeuralNet
import Torch

/// A convolution without bias, frozen batch normalisation, and an activation.
public final class ConvolutionUnit: Module {
  public let weight: Parameter
  public let normalization: FrozenBatchNorm
  public let activation: Activation
  public let kernel: Int
  public let stride: Int
  public let dilation: Int
  private var folded: FoldedConvolution?

  /// The epsilon of every frozen batch norm of DETR (`DetrFrozenBatchNorm2d`).
  static let epsilon = 1e-5

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, activation: Activation
  ) {
    // He initialisation over the outputs, as torchvision and transformers draw ResNets.
    let deviation = (2 / Double(outputs * kernel * kernel)).squareRoot()
    weight = Parameter([outputs, inputs, kernel, kernel], .normal(deviation))
    normalization = FrozenBatchNorm(outputs, epsilon: Self.epsilon)
    self.activation = activation
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
  }

  public var contents: [ModuleEntry] {
    [.parameter("convolution.weight", weight), .child("normalization", normalization)]
  }

  private var strides: [Int] { [stride, stride] }
  private var dilations: [Int] { [dilation, dilation] }
  /// Keeps the extent at stride 1.
  private var padding: [Int] { [(kernel / 2) * dilation, (kernel / 2) * dilation] }

  /// [B, in, H, W] to [B, out, H / stride, W / stride], rounded up.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    if let folded, !recordsGradients { return try folded(input, then: activation) }
    return try activation(normalized(input))
  }

  /// `activation`(unit(input) + residual), for a unit whose own activation is the identity.
  ///
  /// - Parameter overwriting: whether a prepared unit may write the result over `residual`.
  public func callAsFunction(
    _ input: Tensor, adding residual: Tensor, overwriting: Bool = false, then activation: Activation
  ) throws -> Tensor {
    if let folded, !recordsGradients {
      return try folded(input, adding: residual, overwriting: overwriting, then: activation)
    }
    return try activation(normalized(input) + residual)
  }

  private func normalized(_ input: Tensor) throws -> Tensor {
    let output = try input.convolved(
      weight: weight.value, bias: nil, stride: strides, padding: padding, dilation: dilations)
    let (scale, shift) = try normalization.scaleAndShift()
    return try output * scale.reshaped(1, -1, 1, 1) + shift.reshaped(1, -1, 1, 1)
  }

  /// Weight and bias of the one convolution that does what convolution and normalisation do; computed in double precision.
  package func foldedWeights() throws -> (weight: Tensor, bias: Tensor) {
    let variance = try normalization.runningVariance.value.to(.float64)
    let scale = try normalization.weight.value.to(.float64) * (variance + normalization.epsilon).reciprocalSquareRoot()
    let shift = try normalization.bias.value.to(.float64) - normalization.runningMean.value.to(.float64) * scale
    let folded = try weight.value.to(.float64) * scale.reshaped(-1, 1, 1, 1)
    return try (folded.to(.float32), shift.to(.float32))
  }

  /// Folds and packs for inputs of about `inputShape` [B, in, H, W]; returns the output's shape.
  @discardableResult
  func prepare(inputShape: [Int]) throws -> [Int] {
    let (weight, bias) = try foldedWeights()
    folded = try FoldedConvolution(
      weight: weight, bias: bias, stride: strides, padding: padding, dilation: dilations, inputShape: inputShape)
    return [inputShape[0], weight.shape[0]] + inputShape.dropFirst(2).map { halved($0, stride) }
  }

  public func parametersDidChange() { folded = nil }
}

/// `extent` after a stride, rounded up: what an odd kernel with half-width padding leaves.
func halved(_ extent: Int, _ stride: Int) -> Int { (extent + stride - 1) / stride }
