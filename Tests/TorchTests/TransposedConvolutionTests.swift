import Testing
import Torch

/// The transposed convolution with gradients of its own against libtorch's.
@Suite struct TransposedConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let kernel: [Int]
    let stride: [Int]
    let padding: [Int]
    let outputPadding: [Int]
    var testDescription: String { "kernel \(kernel), stride \(stride), padding \(padding), \(outputPadding)" }
  }

  static let cases = [
    Case(kernel: [2, 2], stride: [2, 2], padding: [0, 0], outputPadding: [0, 0]),
    Case(kernel: [3, 3], stride: [2, 2], padding: [1, 1], outputPadding: [1, 0]),
    Case(kernel: [3, 3], stride: [1, 1], padding: [1, 1], outputPadding: [0, 0]),
    Case(kernel: [5, 3], stride: [3, 2], padding: [2, 0], outputPadding: [2, 1]),
    Case(kernel: [1, 1], stride: [1, 1], padding: [0, 0], outputPadding: [0, 0]),
    // Some places of the kernel meet nothing.
    Case(kernel: [7, 7], stride: [2, 1], padding: [3, 3], outputPadding: [0, 0]),
  ]

  private func gradients(
    _ make: (_ input: Tensor, _ weight: Tensor, _ bias: Tensor) throws -> Tensor, _ values: [Tensor], _ outer: Tensor?
  ) throws -> (output: Tensor, gradients: [Tensor]) {
    let leaves = try values.map { value in
      let leaf = try value.detached().clone()
      try leaf.setRequiresGradient(true)
      return leaf
    }
    let output = try make(leaves[0], leaves[1], leaves[2])
    try output.backward(gradient: outer ?? output.detached().clone())
    return (output, try leaves.map { try #require(try $0.gradient()) })
  }

  @Test(arguments: cases, [false, true])
  func resultAndGradientsAreLibtorchs(_ item: Case, channelsLast: Bool) throws {
    let generator = try Generator(seed: 4)
    func draw(_ shape: [Int]) throws -> Tensor { try Tensor.randomNormal(shape, generator: generator).to(.float64) }
    var input = try draw([2, 6, 5, 4])
    if channelsLast { input = try draw([2, 5, 4, 6]).permuted(0, 3, 1, 2) }
    let values = [input, try draw([6, 3] + item.kernel), try draw([3])]
    let own = try gradients(
      {
        try $0.transposeConvolved(
          weight: $1, bias: $2, stride: item.stride, padding: item.padding, outputPadding: item.outputPadding)
      }, values, nil)
    // Without a bias the dispatcher's operator is called.
    let reference = try gradients(
      {
        try $0.transposeConvolved(
          weight: $1, bias: nil, stride: item.stride, padding: item.padding, outputPadding: item.outputPadding)
          + $2.reshaped(1, 3, 1, 1)
      }, values, own.output.detached())
    #expect(try (own.output - reference.output).norm().item() < 1e-12 * reference.output.norm().item())
    for (a, b) in zip(own.gradients, reference.gradients) {
      #expect(a.shape == b.shape)
      #expect(try (a - b).norm().item() < 1e-12 * b.norm().item())
    }
  }

  @Test func shapesThatDoNotFitAreRefused() throws {
    let error = #expect(throws: TorchError.self) {
      _ = try Tensor.zeros([1, 4, 3, 3]).transposeConvolved(
        weight: Tensor.zeros([5, 2, 2, 2]), bias: Tensor.zeros([2]))
    }
    #expect(error.map { "\($0)".contains("conv_transpose2d") } == true)
  }
}
