import Backbones
import NeuralNet
import Torch

/// Makes of a true activation one as the module before it in a chain would give it, anew for every batch, so that a module learns
/// what to make of inputs that are not quite true while it is still trained on its own.
///
/// What the module before gives is taken as y = x·A + b + n: A and b are the least-squares map from the true activation x to y over
/// the validation images, with a b for each position, and n is normal, independent at every place, with the covariance over
/// channels of what that map leaves out. A holds what a module takes off where it is not sure. Every other image of a batch and
/// prefix tokens are left as they are.
final class InputNoise: Module {
  /// Of the map, as a share of the mean variance: directions that do not vary have no slope.
  private static let ridge = 1e-6
  private let prefixTokens: Int
  private let name: String
  private let seed: Int
  /// A − 1, `[C, C]`; b, `[T, C]`; and the square root of the covariance, `[C, C]`. Zero until they were measured.
  private let change: Parameter
  private let shift: Parameter
  private let factor: Parameter
  /// Mean squared errors of the validation images when they were first measured, `[2]`: from true activations, and from those that
  /// the module before gives. Zero until then.
  private let levels: Parameter
  private var moments: RidgeMoments?

  /// - Parameters:
  ///   - input: the shape of the activation that the module takes.
  ///   - seed: of the training.
  init(_ input: Tap, seed: Int) {
    prefixTokens = input.prefixTokens
    name = input.name
    self.seed = seed
    change = Parameter([input.channels, input.channels], isLearned: false)
    shift = Parameter([input.tokens - input.prefixTokens, input.channels], isLearned: false)
    factor = Parameter([input.channels, input.channels], isLearned: false)
    levels = Parameter([2], isLearned: false)
  }

  var contents: [ModuleEntry] {
    [
      .parameter("change", change), .parameter("shift", shift), .parameter("factor", factor),
      .parameter("levels", levels),
    ]
  }

  /// An activation `[B, T, C]` with errors.
  ///
  /// - Parameter draw: a number of its own for every batch: the same number, the same errors.
  func callAsFunction(_ input: Tensor, draw: Int) throws -> Tensor {
    let tokens = try own(input)
    let generator = try Generator(seed: TrainedUnit.seed(of: "\(name)/noise/\(draw)", seed))
    let normal = try Tensor.randomNormal(tokens.shape, generator: generator).to(input.device)
    let isDisturbed = try disturbed(input.extent(0), draw: draw, input.device).reshaped(-1, 1, 1)
    let errors = try (tokens.matmul(change.value) + shift.value + normal.matmul(factor.value)) * isDisturbed
    return try input + (prefixTokens == 0 ? errors : errors.padded([0, 0, prefixTokens, 0]))
  }

  /// `[B]`: 1 for the images of a batch whose activations get errors, 0 for the others.
  private func disturbed(_ count: Int, draw: Int, _ device: Device) throws -> Tensor {
    try Tensor((0..<count).map { Float(($0 + draw) % 2) }, shape: [count]).to(device)
  }

  /// The loss of images from such activations: the mean squared error with errors, as a share of what it was when training began,
  /// and how far that without them is above its own first share: what is learned for inputs with errors is not to cost what true
  /// ones gave before.
  ///
  /// - Parameter errors: the mean squared error of each image, `[B]`.
  func loss(_ errors: Tensor, draw: Int) throws -> Tensor {
    let isDisturbed = try disturbed(errors.extent(0), draw: draw, errors.device)
    let levels = try levels.value.to(.cpu).values(as: Float.self).map(Double.init)
    guard errors.extent(0) > 1, levels[0] > 0, levels[1] > 0 else { return try errors.mean() }
    let isTrue = try 1 - isDisturbed
    let disturbedShare = try (errors * isDisturbed).sum() / isDisturbed.sum() / levels[1]
    let trueShare = try (errors * isTrue).sum() / isTrue.sum() / levels[0]
    return try disturbedShare + (trueShare - 1).relu()
  }

  /// Takes in what the module before gave, `[B, T, C]`, and the true activation.
  func observe(_ output: Tensor, goal: Tensor, context: InverseContext) throws {
    let device: Device = output.device.kind == .mps ? .cpu : output.device
    let (given, truth) = (try own(output).to(device), try own(goal).to(device))
    let validity = try context.grid(at: name).flatMap {
      try context.validity(grid: $0, device: output.device)?.flattened(from: 1).unsqueezed(2).to(device)
    }
    let begun =
      try moments ?? RidgeMoments(origin: RidgeMoments.origin(truth, given), channels: given.extent(2))
    moments = begun
    try begun.add(truth, given, validity: validity)
  }

  /// Takes in errors of the validation images; the first ones are kept.
  func observe(trueError: Double, chainError: Double) throws {
    guard try levels.value.sum().item() == 0 else { return }
    try levels.set(Tensor([Float(trueError), Float(chainError)], shape: [2]).to(levels.value.device))
  }

  /// From here on errors are like those that were taken in; those are forgotten.
  func update() throws {
    guard let moments else { return }
    let map = try RidgeSolution(moments, validation: moments, ridge: InputNoise.ridge)
    guard let covariance = try moments.errorCovariance(of: map) else { return }
    let identity = try Tensor.eye(map.weight.extent(0), dtype: .float64, device: map.weight.device)
    try set(change, map.weight - identity)
    try set(shift, map.intercept)
    try set(factor, PrincipalDirections(covariance).squareRoot())
    self.moments = nil
  }

  private func own(_ tokens: Tensor) throws -> Tensor {
    try prefixTokens == 0 ? tokens : tokens.slice(1, prefixTokens..<tokens.extent(1))
  }

  private func set(_ parameter: Parameter, _ value: Tensor) throws {
    try parameter.set(value.to(.float32).to(parameter.value.device))
  }
}
