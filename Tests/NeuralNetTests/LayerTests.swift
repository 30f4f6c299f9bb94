import NeuralNet
import Testing
import Torch

struct LayerTests {
  /// ‖a − b‖ / ‖b‖.
  private func difference(_ a: Tensor, _ b: Tensor) throws -> Double {
    try (a.to(.float64) - b.to(.float64)).norm().item() / b.to(.float64).norm().item()
  }

  private func linear(_ inputs: Int, _ outputs: Int, bias: Bool, seed: UInt64) throws -> Linear {
    let linear = Linear(inputs, outputs, bias: bias)
    try linear.drawParameters(Generator(seed: seed))
    return linear
  }

  @Test(arguments: Activation.allCases)
  func aPackedLinearEqualsAPlainOne(activation: Activation) throws {
    for bias in [false, true] {
      let linear = try linear(24, 40, bias: bias, seed: 1)
      let input = try Tensor.randomNormal([2, 5, 24], generator: Generator(seed: 2))
      let plain = try linear(input, then: activation)
      try linear.pack(rows: 10)
      let packed = try withoutGradients { try linear(input, then: activation) }
      #expect(packed.shape == [2, 5, 40])
      #expect(try difference(packed, plain) < 1e-6, "\(activation.rawValue)")
    }
  }

  @Test(arguments: [false, true], [false, true])
  func aPackedLinearAddsAndScalesAsAPlainOne(bias: Bool, scaled: Bool) throws {
    let linear = try linear(24, 40, bias: bias, seed: 3)
    let generator = try Generator(seed: 4)
    let input = try Tensor.randomNormal([2, 5, 24], generator: generator)
    let residual = try Tensor.randomNormal([2, 5, 40], generator: generator)
    let scale = LayerScale(40)
    try scale.gamma.set(Tensor.randomNormal([40], generator: generator))
    let used = scaled ? scale : nil
    let plain = try linear(input, scaledBy: used, adding: residual)
    try linear.pack(rows: 10, scaledBy: used)
    let packed = try withoutGradients { try linear(input, scaledBy: used, adding: residual) }
    #expect(try difference(packed, plain) < 1e-6)
    // Asked without the scale that is multiplied in, it answers without it.
    let other = try withoutGradients { try linear(input, adding: residual) }
    #expect(
      try difference(other, input.linear(weight: linear.weight.value, bias: linear.bias?.value) + residual) < 1e-6)
  }

  @Test func packedWeightsAreForgottenWhenWeightsChange() throws {
    let linear = try linear(8, 8, bias: true, seed: 5)
    let input = try Tensor.randomNormal([4, 8], generator: Generator(seed: 6))
    try linear.pack(rows: 4)
    try linear.drawParameters(Generator(seed: 7))
    let result = try withoutGradients { try linear(input) }
    #expect(try difference(result, input.linear(weight: linear.weight.value, bias: linear.bias?.value)) < 1e-6)
  }

  @Test func aPackedLinearStillPassesGradients() throws {
    let linear = try linear(8, 8, bias: true, seed: 8)
    try linear.weight.value.setRequiresGradient(true)
    try linear.pack(rows: 4)
    let input = try Tensor.randomNormal([4, 8], generator: Generator(seed: 9))
    try linear(input, then: .gelu).sum().backward()
    #expect(try linear.weight.value.gradient()?.absolute().maximum().item() ?? 0 > 0)
  }

  @Test func activationsHaveTheNamesOfBothLibraries() {
    let names: [(String, Activation)] = [
      ("gelu", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh), ("gelu_tanh", .geluTanh),
      ("quick_gelu", .quickGelu), ("relu", .relu), ("silu", .silu), ("swish", .silu),
    ]
    for (name, activation) in names { #expect(Activation(named: name) == activation, "\(name)") }
    #expect(Activation(named: "mish") == nil)
  }

  @Test func activationsAreWhatTheirFormulasSay() throws {
    let input = try Tensor([-2.0, -0.5, 0, 0.5, 2] as [Float], shape: [5])
    func values(_ activation: Activation) throws -> [Float] { try activation(input).values(as: Float.self) }
    // x Φ(x); its approximation by tanh; x σ(1.702 x).
    let expected: [(Activation, [Float])] = [
      (.gelu, [-0.04550026, -0.15426877, 0, 0.34573123, 1.9544997]),
      (.geluTanh, [-0.04540229, -0.15428599, 0, 0.34571400, 1.9545977]),
      (.quickGelu, [-0.06434137, -0.14961120, 0, 0.35038880, 1.9356586]), (.relu, [0, 0, 0, 0.5, 2]),
    ]
    for (activation, numbers) in expected {
      for (value, number) in zip(try values(activation), numbers) { #expect(abs(value - number) < 1e-6) }
    }
  }

  @Test func frozenBatchNormIsAScaleAndAShift() throws {
    let norm = FrozenBatchNorm(2, epsilon: 0.5)
    try norm.weight.set(Tensor([2, 3] as [Float], shape: [2]))
    try norm.bias.set(Tensor([1, -1] as [Float], shape: [2]))
    try norm.runningMean.set(Tensor([4, 5] as [Float], shape: [2]))
    try norm.runningVariance.set(Tensor([3.5, 0.5] as [Float], shape: [2]))
    let (scale, shift) = try norm.scaleAndShift()
    #expect(try scale.values(as: Float.self) == [1, 3])
    #expect(try shift.values(as: Float.self) == [-3, -16])
  }
}
