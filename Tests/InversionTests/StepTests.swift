import Backbones
import Inversion
import NeuralNet
import TestSupport
import Testing
import Torch

/// One training step against PyTorch's, and gradients against differences.
@Suite(.serialized)
struct StepTests {
  @Test(arguments: StepFixture.cases)
  func oneStepEqualsPyTorchs(name: String) throws {
    let fixture = try StepFixture(name)
    let chain = try fixture.chain
    #expect(chain.cuts.sorted() == fixture.losses.keys.sorted())
    for module in chain.modules {
      try fixture.start(module)
      let parameters = module.namedParameters()
      let learned = parameters.filter(\.parameter.isLearned)
      #expect(parameters.map(\.name).sorted() == fixture.names(module.name, "start"), "\(name), \(module.name)")
      #expect(learned.map(\.name).sorted() == fixture.names(module.name, "gradient"), "\(name), \(module.name)")

      let context = try fixture.context(chain, isTraining: true)
      let output = try module(fixture.tensor("\(module.name)/input"), context: context)
      let loss = try context.loss(output, target: fixture.tensor("\(module.name)/target"), at: module.target)
      let expected = try #require(fixture.losses[module.name])
      #expect(abs(try loss.item() - expected) < 1e-6 * expected, "\(name), \(module.name)")

      let optimizer = try Adam(learned, settings: .init())
      try loss.backward()
      var squares = 0.0
      for (parameter, value) in learned {
        let gradient = try #require(try value.value.gradient(), "\(module.name): \(parameter)")
        let reference = try fixture.tensor("\(module.name)/gradient/\(parameter)")
        squares += try gradient.norm().item() * gradient.norm().item()
        // Gradients that are zero but for rounding are compared with the others.
        #expect(
          try relativeError(gradient, reference, floor: 1e-6) < 1e-5, "\(name), \(module.name): \(parameter)")
      }
      let norm = try learned.clipGradients(norm: 1)
      #expect(abs(norm - squares.squareRoot()) < 1e-9 * norm)
      try optimizer.step(learningRate: fixture.learningRate)
      for (parameter, value) in parameters {
        let reference = try fixture.tensor("\(module.name)/updated/\(parameter)")
        #expect(try relativeError(value.value, reference) < 1e-5, "\(name), \(module.name): \(parameter)")
        // The step is what is compared, not the start: it moved every learned value by about the learning rate.
        let start = try fixture.tensor("\(module.name)/start/\(parameter)")
        let moved = try (value.value.detached() - start).absolute().maximum().item()
        #expect(!value.isLearned || moved <= 1.01 * fixture.learningRate)
      }
    }
  }

  @Test(arguments: StepFixture.cases)
  func gradientsEqualDifferences(name: String) throws {
    let fixture = try StepFixture(name)
    let chain = try fixture.chain
    // A seed whose directions turn no ReLU within the step, where differences say nothing.
    let generator = try Generator(seed: 6)
    for module in chain.modules {
      try fixture.start(module)
      let context = try fixture.context(chain, isTraining: true)
      let input = try fixture.tensor("\(module.name)/input")
      let target = try fixture.tensor("\(module.name)/target")
      func loss() throws -> Tensor {
        try context.loss(module(input, context: context), target: target, at: module.target)
      }
      try loss().backward()
      let learned = module.namedParameters().filter(\.parameter.isLearned)
      for (parameter, value) in learned {
        let direction = try Tensor.randomNormal(value.shape, generator: generator, dtype: .float64)
        let gradient = try #require(try value.value.gradient())
        let slope = try (gradient * direction).sum().item()
        let size = 1e-6
        let difference = try withoutGradients {
          let original = try value.value
          try value.set(original + direction * size)
          let above = try loss().item()
          try value.set(original - direction * size)
          let below = try loss().item()
          try value.set(original)
          return (above - below) / (2 * size)
        }
        let scale = try max(gradient.norm().item() * direction.norm().item(), 1e-4)
        #expect(abs(slope - difference) < 1e-5 * scale, "\(name), \(module.name): \(parameter)")
      }
    }
  }

  /// Gradients clipped at a norm they are below stay as they are; above, they are scaled to it.
  @Test func clippingScalesGradientsTogether() throws {
    let parameter = Parameter([2])
    try parameter.set(Tensor([Double(3), 4], shape: [2]))
    try parameter.value.setRequiresGradient(true)
    let parameters = [(name: "weight", parameter: parameter)]
    let half = try (parameter.value * parameter.value).sum() / 2
    try half.backward()
    #expect(try parameters.clipGradients(norm: 10) == 5)
    #expect(try parameter.value.gradient()?.values(as: Double.self) == [3, 4])
    #expect(try parameters.clipGradients(norm: 1) == 5)
    let clipped = try #require(try parameter.value.gradient()?.values(as: Double.self))
    #expect(abs(clipped[0] - 0.6) < 1e-6 && abs(clipped[1] - 0.8) < 1e-6)
    try Adam(parameters, settings: .init()).clearGradients()
    #expect(try parameter.value.gradient() == nil)
  }

  /// AdamW's decay shrinks weights by learning rate times decay, whatever the gradient.
  @Test func decoupledDecayShrinksWeights() throws {
    var settings = Adam.Settings()
    settings.weightDecay = 0.5
    settings.decaysWeights = true
    let parameter = Parameter([1])
    try parameter.set(Tensor([Double(2)], shape: [1]))
    try parameter.value.setRequiresGradient(true)
    let optimizer = try Adam([("weight", parameter)], settings: settings)
    try (parameter.value.sum() * 1).backward()
    try optimizer.step(learningRate: 0.1)
    // 2 · (1 − 0.1 · 0.5) − 0.1 · 1: the first step of Adam has the length of the learning rate.
    #expect(abs(try parameter.value.item() - 1.8) < 1e-6)
  }

  /// Batch norm learns the batch's statistics in training and uses what it learned afterwards.
  @Test func batchNormUsesWhatItLearned() throws {
    let norm = BatchNorm(1, epsilon: 0, momentum: 1)
    try norm.drawParameters(Generator(seed: 1))
    let batch = try Tensor([Float(1), 2, 3, 4], shape: [4, 1])
    let trained = try norm(batch, isTraining: true).values(as: Double.self)
    #expect(abs(trained[0] + 1.341640786) < 1e-6)
    #expect(try norm.runningMean.value.item() == 2.5)
    #expect(abs(try norm.runningVariance.value.item() - 5.0 / 3) < 1e-6)
    let evaluated = try norm(Tensor([Float(2.5), 5], shape: [2, 1]), isTraining: false).values(as: Double.self)
    #expect(evaluated[0] == 0 && abs(evaluated[1] - 2.5 / (5.0 / 3).squareRoot()) < 1e-6)
  }
}
