import Foundation
import NeuralNet
import Testing
import Torch

/// Optimisers and clipping against their definitions in double precision: Kingma and Ba (2015), algorithm 1; Loshchilov and
/// Hutter (2019), algorithm 2; `torch.nn.utils.clip_grad_norm_`.
struct AdamTests {
  private static let start = [0.5, -1.25, 2, 0.001]
  /// The gradients of three steps, by weight.
  private static let gradients = [[0.3, -2, 0.01, 40], [-0.1, -1, 0.02, -20], [0.5, 3, 0.03, 5]]

  private func parameter(_ values: [Double]) throws -> Parameter {
    let parameter = Parameter([values.count])
    try parameter.set(Tensor(values, shape: [values.count]))
    try parameter.value.setRequiresGradient(true)
    return parameter
  }

  /// Gives a parameter this gradient: the derivative of Σ wᵢ gᵢ.
  private func setGradient(_ gradient: [Double], of parameter: Parameter) throws {
    let sum = try (parameter.value * Tensor(gradient, shape: [gradient.count])).sum()
    try sum.backward()
  }

  /// The weights after the three steps, from the definition.
  private func expected(_ settings: Adam.Settings, rate: Double) -> [Double] {
    Self.start.indices.map { index in
      var (weight, first, second) = (Self.start[index], 0.0, 0.0)
      for (step, gradients) in Self.gradients.enumerated() {
        var gradient = gradients[index]
        if settings.decaysWeights {
          weight -= rate * settings.weightDecay * weight
        } else {
          gradient += settings.weightDecay * weight
        }
        first = settings.betas[0] * first + (1 - settings.betas[0]) * gradient
        second = settings.betas[1] * second + (1 - settings.betas[1]) * gradient * gradient
        let mean = first / (1 - pow(settings.betas[0], Double(step + 1)))
        let variance = second / (1 - pow(settings.betas[1], Double(step + 1)))
        weight -= rate * mean / (variance.squareRoot() + settings.epsilon)
      }
      return weight
    }
  }

  @Test(arguments: [false, true], [0, 0.1])
  func stepsAreThoseOfTheDefinition(decaysWeights: Bool, weightDecay: Double) throws {
    var settings = Adam.Settings()
    settings.decaysWeights = decaysWeights
    settings.weightDecay = weightDecay
    let weights = try parameter(Self.start)
    let adam = try Adam([("weights", weights)], settings: settings)
    for gradient in Self.gradients {
      try adam.clearGradients()
      try setGradient(gradient, of: weights)
      try adam.step(learningRate: 0.05)
    }
    #expect(adam.steps == 3)
    let found = try weights.value.detached().values(as: Double.self)
    for (value, wanted) in zip(found, expected(settings, rate: 0.05)) {
      #expect(abs(value - wanted) < 1e-12 * max(1, abs(wanted)), "\(found)")
    }
  }

  /// Without the correction of its bias the first step would be a third of this.
  @Test func theFirstStepMovesEveryWeightByTheRate() throws {
    let weights = try parameter(Self.start)
    let adam = try Adam([("weights", weights)], settings: .init())
    try setGradient(Self.gradients[0], of: weights)
    try adam.step(learningRate: 0.05)
    let moved = zip(try weights.value.detached().values(as: Double.self), Self.start).map { $0 - $1 }
    for (move, gradient) in zip(moved, Self.gradients[0]) {
      #expect(abs(move + (gradient > 0 ? 0.05 : -0.05)) < 1e-7, "\(moved)")
    }
  }

  /// Two parameters together: √(3² + 4² + 12²) = 13.
  @Test func gradientsAreScaledTogetherToTheLimit() throws {
    for (limit, factor) in [(6.5, 6.5 / (13 + 1e-6)), (13.1, 1)] {
      let (first, second) = (try parameter([0, 0]), try parameter([0]))
      try setGradient([3, -4], of: first)
      try setGradient([12], of: second)
      let norm = try [("first", first), ("second", second)].clipGradients(norm: limit)
      #expect(abs(norm - 13) < 1e-12)
      let clipped = try [first, second].flatMap { parameter in
        try #require(try parameter.value.gradient()).values(as: Double.self)
      }
      for (value, whole) in zip(clipped, [3, -4, 12]) {
        #expect(abs(value - Double(whole) * factor) < 1e-12, "\(limit): \(clipped)")
      }
    }
  }
}
