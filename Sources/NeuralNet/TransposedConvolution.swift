import Torch

/// The transpose of a two-dimensional convolution, `[B, in, H, W]` to `[B, out, H', W']`, which enlarges by its stride.
///
/// Drawn as PyTorch draws `ConvTranspose2d`.
public final class TransposedConvolution: Module {
  /// [in, out, kernel height, kernel width].
  public let weight: Parameter
  public let bias: Parameter
  public let kernel: [Int]
  public let stride: [Int]
  public let padding: [Int]

  public init(_ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int], padding: [Int] = [0, 0]) {
    let bound = 1 / Double(max(1, outputs * kernel[0] * kernel[1])).squareRoot()
    weight = Parameter([inputs, outputs, kernel[0], kernel[1]], .uniform(bound))
    bias = Parameter([outputs], .uniform(bound))
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  public var contents: [ModuleEntry] { [.parameter("weight", weight), .parameter("bias", bias)] }

  /// - Parameter size: height and width of the result, of the `stride` sizes that a forward convolution maps to the
  ///   input's; the smallest of them where nil.
  public func callAsFunction(_ input: Tensor, size: [Int]? = nil) throws -> Tensor {
    let extra = (0..<2).map { axis in
      size.map { $0[axis] - (input.extent(2 + axis) - 1) * stride[axis] - kernel[axis] + 2 * padding[axis] } ?? 0
    }
    return try input.transposeConvolved(
      weight: weight.value, bias: bias.value, stride: stride, padding: padding, outputPadding: extra)
  }
}
