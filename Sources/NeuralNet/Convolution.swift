import Torch

/// A two-dimensional convolution (cross-correlation) of `[B, in, H, W]`.
public final class Convolution: Module {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: [Int]
  public let padding: [Int]
  public let dilation: [Int]
  public let groups: Int

  /// - Parameters:
  ///   - groups: into how many the channels are parted, each convolved by itself; as many as there are channels make it depthwise.
  ///   - initialization: of weight and bias; PyTorch's where nil.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int] = [1, 1], padding: [Int] = [0, 0],
    dilation: [Int] = [1, 1], groups: Int = 1, bias: Bool, initialization: Initialization? = nil
  ) {
    let seen = inputs / groups
    let drawn = initialization ?? .uniform(1 / Double(max(1, seen * kernel[0] * kernel[1])).squareRoot())
    weight = Parameter([outputs, seen, kernel[0], kernel[1]], drawn)
    self.bias = bias ? Parameter([outputs], drawn) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  public var contents: [ModuleEntry] {
    [.parameter("weight", weight)] + ModuleEntry.optional("bias", bias)
  }

  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try input.convolved(
      weight: weight.value, bias: bias?.value, stride: stride, padding: padding, dilation: dilation,
      groups: groups)
  }
}
