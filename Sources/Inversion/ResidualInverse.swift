import Backbones
import NeuralNet
import Torch

/// The inverse of a component as the best linear map and a network that learns what the map leaves out.
///
/// What the network adds goes through a last layer that begins at zero, so that training begins with the linear map,
/// which is kept where nothing better is found. Such initialisation: Zhang, Dauphin and Ma 2019 (Fixup). Where the goal is an
/// activation, that layer may write along the principal directions of the map's error, each scaled by its deviation, so that
/// no step disturbs what the map gets right.
final class ResidualInverse: ClosedFormLayer {
  private let baseline: LinearInverse
  private let layers: [any InverseLayer]
  private let correction: any Correction

  /// - Parameters:
  ///   - baseline: the linear map; solved before the first step, and left as it is.
  ///   - layers: the network, from the same activation to the same goal.
  ///   - goal: the shape of the activation it gives; nil for the pixels of an image `[B, 3, H, W]`.
  ///   - isPreconditioned: whether corrections are along the directions of the map's error; then `baseline` keeps its errors.
  init(baseline: LinearInverse, layers: [any InverseLayer], goal: Tap?, isPreconditioned: Bool) {
    self.baseline = baseline
    self.layers = layers
    correction =
      if let goal { isPreconditioned ? DirectedCorrection(goal) : TokenCorrection(channels: goal.channels) } else {
        PixelCorrection()
      }
  }

  var contents: [ModuleEntry] {
    [.child("floor", baseline), .child("correction", correction)] + ModuleEntry.list("layers", layers)
  }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let map = try baseline(input, context: context)
    return try map + correction(map, network: layers.reduce(input) { try $1($0, context: context) })
  }

  func observe(_ input: Tensor, goal: Tensor, role: ObservationRole, context: InverseContext) throws {
    try baseline.observe(input, goal: goal, role: role, context: context)
  }

  func solve() throws {
    try baseline.solve()
    if let correction = correction as? DirectedCorrection { try correction.direct(along: baseline.errors) }
  }

  var note: String { baseline.note }
}

/// What is added to a linear map's output: zero before training.
private protocol Correction: Module {
  /// - Parameters:
  ///   - map: the linear map's output.
  ///   - network: the network's, of the same shape.
  func callAsFunction(_ map: Tensor, network: Tensor) throws -> Tensor
}

/// Of tokens `[B, T, C]`: a linear map of the network's.
private final class TokenCorrection: Correction {
  private let projection: Linear

  init(channels: Int) { projection = Linear(channels, channels, bias: true, initialization: .zeros) }

  var contents: [ModuleEntry] { [.child("projection", projection)] }

  func callAsFunction(_ map: Tensor, network: Tensor) throws -> Tensor { try projection(network) }
}

/// Of tokens `[B, T, C]`: a linear map of the network's normalised output to coordinates along the principal directions of the
/// map's error, in deviations of each. Prefix tokens, where map and goal have them, have directions of their own.
private final class DirectedCorrection: Correction {
  /// Epsilon of PyTorch's `LayerNorm`.
  private static let epsilon = 1e-5
  private let norm: LayerNorm
  private let projection: Linear
  /// `[C, C]`: row i is direction i times its deviation.
  private let directions: Parameter
  private let prefixDirections: Parameter?
  private let prefixTokens: Int

  init(_ goal: Tap) {
    let channels = goal.channels
    norm = LayerNorm(channels, epsilon: DirectedCorrection.epsilon)
    projection = Linear(channels, channels, bias: true, initialization: .zeros)
    directions = Parameter([channels, channels], isLearned: false)
    prefixTokens = goal.prefixTokens
    prefixDirections = prefixTokens > 0 ? Parameter([channels, channels], isLearned: false) : nil
  }

  var contents: [ModuleEntry] {
    [.child("norm", norm), .child("projection", projection), .parameter("directions", directions)]
      + ModuleEntry.optional("prefix_directions", prefixDirections)
  }

  func callAsFunction(_ map: Tensor, network: Tensor) throws -> Tensor {
    let coordinates = try projection(norm(network))
    guard let prefixDirections else { return try coordinates.matmul(directions.value) }
    let (first, others) = (
      try coordinates.slice(1, 0..<prefixTokens), try coordinates.slice(1, prefixTokens..<coordinates.extent(1))
    )
    return try Tensor.concatenate(
      [first.matmul(prefixDirections.value), others.matmul(directions.value)], axis: 1)
  }

  /// - Parameter errors: covariances of the map's errors.
  func direct(along errors: (tokens: Tensor?, prefix: Tensor?)) throws {
    func set(_ parameter: Parameter, _ covariance: Tensor) throws {
      let device = try parameter.value.device
      try parameter.set(PrincipalDirections(covariance).scaled().to(.float32).to(device))
    }
    if let tokens = errors.tokens { try set(directions, tokens) }
    if let prefixDirections, let prefix = errors.prefix { try set(prefixDirections, prefix) }
  }
}

/// Of pixels `[B, 3, H, W]`: three convolutions over both images. The network's own layers know a patch from its token
/// alone and end in colours; these see across the patches' edges, and may darken too.
private final class PixelCorrection: Correction {
  private static let width = 32
  private let steps: [Convolution]

  init() {
    let widths = [6, PixelCorrection.width, PixelCorrection.width, 3]
    steps = (0..<3).map { index in
      Convolution(
        widths[index], widths[index + 1], kernel: [3, 3], padding: [1, 1], bias: true,
        initialization: index == 2 ? .zeros : nil)
    }
  }

  var contents: [ModuleEntry] { ModuleEntry.list("steps", steps) }

  func callAsFunction(_ map: Tensor, network: Tensor) throws -> Tensor {
    let both = try Tensor.concatenate([map, network], axis: 1)
    return try steps[2](steps[1](steps[0](both).relu()).relu())
  }
}
