import NeuralNet
import Torch

/// What is trained on its own: one inverse module, or the chain from one depth to the image.
package final class TrainedUnit {
  /// The cut that it starts from.
  let name: String
  /// Deep to shallow.
  let modules: [InverseModule]
  /// The cut whose activation it is to give; nil for the image.
  let target: String?
  private let optimizers: [Adam]
  /// How its error is measured; nil where every number counts alike.
  let metric: ErrorMetric?
  /// What its input is disturbed by while it is trained; nil: nothing.
  let inputNoise: InputNoise?

  /// Learned parameters, by module and name.
  let learned: [(name: String, parameter: Parameter)]
  /// Parameters and statistics.
  let parameters: [(name: String, parameter: Parameter)]

  /// Draws the weights of every module by its name and the seed, so that a module begins with the same weights whatever is trained
  /// beside it, in either mode.
  init(
    name: String, modules: [InverseModule], target: String?, plan: TrainingPlan, device: Device,
    metric: ErrorMetric? = nil, inputNoise: InputNoise? = nil
  ) throws {
    self.name = name
    self.modules = modules
    self.target = target
    self.metric = metric
    self.inputNoise = inputNoise
    for (name, part) in [("metric", metric), ("noise", inputNoise)] as [(String, (any Module)?)] {
      try part?.drawParameters(Generator(seed: TrainedUnit.seed(of: "\(modules[0].name)/\(name)", plan.seed)))
      try part?.move(to: device)
    }
    for module in modules {
      try module.drawParameters(Generator(seed: TrainedUnit.seed(of: module.name, plan.seed)))
      for case let layer as any DerivedLayer in module.layers { try layer.derive() }
      try module.move(to: device)
      for (_, parameter) in module.namedParameters() where parameter.isLearned {
        try parameter.value.setRequiresGradient(true)
      }
    }
    parameters = modules.flatMap { $0.namedParameters(prefix: "\($0.name).") }
    learned = parameters.filter(\.parameter.isLearned)
    optimizers = try modules.map { module in
      try Adam(
        module.namedParameters(prefix: "\(module.name).").filter(\.parameter.isLearned), settings: plan.optimizer)
    }
  }

  /// A number for a module's name (FNV-1a) and the seed.
  static func seed(of name: String, _ seed: Int) -> UInt64 {
    name.utf8.reduce(14_695_981_039_346_656_037 ^ UInt64(bitPattern: Int64(seed))) {
      ($0 ^ UInt64($1)) &* 1_099_511_628_211
    }
  }

  /// Whether there is anything to learn: an exact inverse has nothing.
  var isLearning: Bool { !learned.isEmpty }

  var learnedCount: Int { learned.reduce(0) { $0 + $1.parameter.shape.reduce(1, *) } }

  /// The modules applied to the activation at the cut.
  ///
  /// - Parameter draw: a number of its own for every batch of the training, where the input is to be disturbed.
  func output(_ batch: TrainingBatch, context: InverseContext, draw: Int? = nil) throws -> Tensor {
    var input = try modules[0].cut.activation(from: batch.features)
    if let draw, let inputNoise { input = try inputNoise(input, draw: draw) }
    return try modules.reduce(input) { try $1($0, context: context) }
  }

  /// The true activation that it is to give; nil where it ends in pixels.
  func goal(_ batch: TrainingBatch) throws -> Tensor? {
    try target == nil ? nil : modules[modules.count - 1].targetCut?.activation(from: batch.features)
  }

  /// The error of an output.
  func loss(of output: Tensor, _ batch: TrainingBatch, context: InverseContext) throws -> Tensor {
    let goal = try goal(batch)
    if let metric, let goal { return try metric(output, goal: goal, context: context) }
    return try context.loss(output, target: goal ?? batch.images.pixels, at: target)
  }

  /// The loss of a batch, with a graph where gradients are recorded.
  ///
  /// - Parameter draw: a number of its own for every batch of the training.
  func loss(_ batch: TrainingBatch, context: InverseContext, draw: Int) throws -> Tensor {
    let output = try output(batch, context: context, draw: draw)
    guard let inputNoise else { return try loss(of: output, batch, context: context) }
    return try inputNoise.loss(context.meanSquares(output - batch.images.pixels), draw: draw)
  }

  /// Copies the weights that modular training kept.
  func begin(with folder: InverseFolder) throws {
    try withoutGradients {
      for module in modules {
        let file = try SafetensorsFile(contentsOf: folder.weightsURL(module.name, .best))
        for (name, parameter) in module.namedParameters(prefix: "\(module.name).") {
          try parameter.value.copy(from: file.tensor(named: name))
        }
      }
    }
  }

  /// Clips the gradients together and moves every module at its own rate.
  ///
  /// - Returns: the gradients' norm before clipping.
  func step(plan: TrainingPlan, factor: Double) throws -> Double {
    let norm = try learned.clipGradients(norm: plan.clippingNorm)
    guard norm.isFinite else { return norm }
    for (module, optimizer) in zip(modules, optimizers) {
      try optimizer.step(learningRate: plan.rate(of: module.name) * factor)
    }
    try clearGradients()
    return norm
  }

  func clearGradients() throws {
    for optimizer in optimizers { try optimizer.clearGradients() }
  }

  // MARK: State

  package var weights: [(name: String, tensor: Tensor)] {
    get throws { try parameters.map { ($0.name, try $0.parameter.value.detached()) } }
  }

  var steps: Int { optimizers[0].steps }

  var moments: [(name: String, tensor: Tensor)] { optimizers.flatMap(\.state) }

  /// What belongs to its training and not to the inverse: the matrices of metric and noise.
  private var aids: [(name: String, parameter: Parameter)] {
    (metric?.namedParameters(prefix: "metric.") ?? []) + (inputNoise?.namedParameters(prefix: "noise.") ?? [])
  }

  /// Weights, moments and what else its training goes on with.
  var state: [(name: String, tensor: Tensor)] {
    get throws { try weights + moments + aids.map { ($0.name, try $0.parameter.value) } }
  }

  func restore(steps: Int, tensor: (String) throws -> Tensor) throws {
    try withoutGradients {
      for (name, parameter) in parameters + aids { try parameter.value.copy(from: tensor(name)) }
    }
    for optimizer in optimizers { try optimizer.restore(steps: steps, tensor: tensor) }
  }
}
