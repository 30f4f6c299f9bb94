import NeuralNet
import Torch

/// A component undone by the best linear map and a network that learns what the map leaves out.
///
/// The network's output is scaled by a learned gain for each channel that begins at zero (as in ReZero, Bachlechner et al.
/// 2020), so that training begins with the linear map, which is kept where nothing better is found. The gain is ten times its parameter: Adam moves
/// that by about a learning rate a step, and the network learns little while its gain is small.
final class ResidualInverse: ClosedFormLayer {
  private let floor: LinearInverse
  private let layers: [any InverseLayer]
  private let gain: Parameter
  private static let gainScale = 10.0

  /// - Parameters:
  ///   - floor: the linear map; solved before the first step, and left as it is.
  ///   - layers: the network, from the same activation to the same goal.
  ///   - channels: of the goal; nil for the pixels of an image `[B, 3, H, W]`.
  init(floor: LinearInverse, layers: [any InverseLayer], channels: Int?) {
    self.floor = floor
    self.layers = layers
    gain = Parameter(channels.map { [$0] } ?? [3, 1, 1], .zeros)
  }

  var contents: [ModuleEntry] {
    [.child("floor", floor), .parameter("gain", gain)] + ModuleEntry.list("layers", layers)
  }

  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let network = try layers.reduce(input) { try $1($0, context: context) }
    return try floor(input, context: context) + network * (gain.value * ResidualInverse.gainScale)
  }

  func observe(_ input: Tensor, goal: Tensor, role: ObservationRole, context: InverseContext) throws {
    try floor.observe(input, goal: goal, role: role, context: context)
  }

  func solve() throws { try floor.solve() }

  var note: String { floor.note }
}
