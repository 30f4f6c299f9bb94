import NeuralNet
import Torch

/// The inverse of a component as the best linear map and a network that learns what the map leaves out.
///
/// What the network adds goes through a last layer that begins at zero, so that training begins with the linear map,
/// which is kept where nothing better is found. Such initialisation: Zhang, Dauphin and Ma 2019 (Fixup).
final class ResidualInverse: ClosedFormLayer {
  private let baseline: LinearInverse
  private let layers: [any InverseLayer]
  private let correction: any Correction

  /// - Parameters:
  ///   - baseline: the linear map; solved before the first step, and left as it is.
  ///   - layers: the network, from the same activation to the same goal.
  ///   - channels: of the goal; nil for the pixels of an image `[B, 3, H, W]`.
  init(baseline: LinearInverse, layers: [any InverseLayer], channels: Int?) {
    self.baseline = baseline
    self.layers = layers
    correction = channels.map(TokenCorrection.init) ?? PixelCorrection()
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

  func solve() throws { try baseline.solve() }

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
