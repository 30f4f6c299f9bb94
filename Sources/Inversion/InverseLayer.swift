import Formats
import NeuralNet
import Torch

/// One step of an inverse: it undoes one step of the frozen model.
///
/// It takes and gives tokens `[B, T, C]`; the step that ends in pixels gives `[B, 3, H, W]`, normalised as the model's
/// input.
public protocol InverseLayer: Module {
  func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor
}

/// An inverse of one component of a frozen model: from the activations at one cut to those at the cut before, or to the
/// image.
public final class InverseModule: Module {
  /// The cut that it starts from.
  public let cut: InverseDesign.Cut
  /// The cut whose activation it gives, or nil for the image.
  public let targetCut: InverseDesign.Cut?
  public let layers: [any InverseLayer]

  init(_ cut: InverseDesign.Cut, target: InverseDesign.Cut?, layers: [any InverseLayer]) {
    self.cut = cut
    targetCut = target
    self.layers = layers
  }

  /// The tap of the cut that it starts from: `block.11`.
  public var name: String { cut.tap }
  /// The tap of the cut whose activation it gives, or nil for the image.
  public var target: String? { targetCut?.tap }

  public var contents: [ModuleEntry] { ModuleEntry.list("layers", layers) }

  public func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    try layers.reduce(input) { try $1($0, context: context) }
  }
}

/// A transposed convolution with batch norm and activation.
final class Enlargement: Module {
  let convolution: TransposedConvolution
  let norm: BatchNorm?
  let activation: Activation

  /// Epsilon and momentum of PyTorch's `BatchNorm2d`, which the reference code uses.
  private static let epsilon = 1e-5
  private static let momentum = 0.1

  init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int], padding: [Int] = [0, 0], hasNorm: Bool = true,
    activation: Activation = .relu
  ) {
    convolution = TransposedConvolution(inputs, outputs, kernel: kernel, stride: stride, padding: padding)
    norm = hasNorm ? BatchNorm(outputs, epsilon: Self.epsilon, momentum: Self.momentum) : nil
    self.activation = activation
  }

  var contents: [ModuleEntry] { [.child("conv", convolution)] + ModuleEntry.optional("norm", norm) }

  /// `[B, in, h, w]` to `[B, out, size]`.
  func callAsFunction(_ map: Tensor, size: ImageSize? = nil, context: InverseContext) throws -> Tensor {
    let enlarged = try convolution(map, size: size?.shape)
    return try activation(norm?(enlarged, isTraining: context.isTraining) ?? enlarged)
  }
}

extension Tensor {
  /// Tokens `[B, h · w, C]` as the map `[B, C, h, w]`; a view, in memory `[B, h, w, C]`.
  func map(_ grid: ImageSize) throws -> Tensor {
    try reshaped(extent(0), grid.height, grid.width, extent(2)).permuted(0, 3, 1, 2)
  }

  /// A map `[B, C, h, w]` as tokens `[B, h · w, C]`.
  func tokens() throws -> Tensor {
    try permuted(0, 2, 3, 1).reshaped(extent(0), extent(2) * extent(3), extent(1))
  }
}
