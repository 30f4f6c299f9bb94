import Torch

/// A two-dimensional convolution (cross-correlation) of `[B, in, H, W]`.
public final class Convolution: Module {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: [Int]
  public let padding: [Int]
  public let dilation: [Int]

  /// - Parameter initialization: of weight and bias; PyTorch's where nil.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int] = [1, 1], padding: [Int] = [0, 0],
    dilation: [Int] = [1, 1], bias: Bool, initialization: Initialization? = nil
  ) {
    let drawn = initialization ?? .uniform(1 / Double(max(1, inputs * kernel[0] * kernel[1])).squareRoot())
    weight = Parameter([outputs, inputs, kernel[0], kernel[1]], drawn)
    self.bias = bias ? Parameter([outputs], drawn) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }

  public var contents: [ModuleEntry] {
    [.parameter("weight", weight)] + ModuleEntry.optional("bias", bias)
  }

  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try input.convolved(
      weight: weight.value, bias: bias?.value, stride: stride, padding: padding, dilation: dilation)
  }
}
