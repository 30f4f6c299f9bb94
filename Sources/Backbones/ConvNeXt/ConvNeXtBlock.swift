import Formats
import NeuralNet
import Torch

extension Tensor {
  /// A convolution of a map `[B, h, w, C]` whose channels come last.
  fileprivate func convolvedChannelsLast(_ convolution: Convolution) throws -> Tensor {
    try convolution(permuted(0, 3, 1, 2)).permuted(0, 2, 3, 1)
  }

  /// A map `[B, h, w, C]` as tokens `[B, h · w, C]`.
  func tokensOfMap() throws -> Tensor { try reshaped(extent(0), extent(1) * extent(2), extent(3)) }
}

/// A depthwise convolution, a norm and an MLP over the channels of each position, added to the input.
///
/// timm's `conv_mlp` computes the same by 1×1 convolutions.
package final class ConvNeXtBlock: Module {
  private let convolution: Convolution
  private let norm: ChannelNorm
  private let mlp: MLP
  private let scale: LayerScale?

  package init(_ configuration: ConvNeXtConfiguration, stage: Int) {
    let (width, kernel) = (configuration.widths[stage], configuration.kernels[stage])
    let dilation = configuration.geometry[stage].dilation
    let padding = kernel / 2 * dilation
    convolution = Convolution(
      width, width, kernel: [kernel, kernel], padding: [padding, padding], dilation: [dilation, dilation],
      groups: width,
      bias: configuration.hasConvolutionBias)
    norm = ChannelNorm(width, configuration.norm, epsilon: configuration.epsilon)
    mlp = MLP(
      width: width, inner: ConvNeXtConfiguration.mlpRatio * width, activation: configuration.activation,
      hasResponseNorm: configuration.hasResponseNorm)
    scale = configuration.hasLayerScale ? LayerScale(width) : nil
  }

  package var contents: [ModuleEntry] {
    [.child("conv_dw", convolution), .child("norm", norm), .child("mlp", mlp)]
      + ModuleEntry.optional("gamma", scale?.gamma)
  }

  /// `[B, h, w, C]` to `[B, h, w, C]`.
  package func callAsFunction(_ map: Tensor) throws -> Tensor {
    let mixed = try norm(map.convolvedChannelsLast(convolution)).tokensOfMap()
    return try mlp(mixed, scaledBy: scale, adding: map.tokensOfMap()).reshaped(map.shape)
  }

  func pack(rows: Int) throws { try mlp.pack(rows: rows, scaledBy: scale) }
}

/// A norm and a 2×2 convolution that halves the resolution, or keeps it where the network dilates instead.
final class ConvNeXtDownsampling: Module {
  private let norm: ChannelNorm
  private let convolution: Convolution
  /// What is added left, right, above and below; empty where nothing is.
  private let padding: [Int]

  init(
    _ inputs: Int, _ outputs: Int, configuration: ConvNeXtConfiguration, geometry: ConvNeXtConfiguration.StageGeometry
  ) {
    norm = ChannelNorm(inputs, configuration.norm, epsilon: configuration.epsilon)
    let dilation = geometry.firstDilation
    convolution = Convolution(
      inputs, outputs, kernel: [2, 2], stride: [geometry.stride, geometry.stride], dilation: [dilation, dilation],
      bias: configuration.hasConvolutionBias)
    // TensorFlow's "same": the odd one comes last.
    let (before, after) = (dilation / 2, dilation - dilation / 2)
    padding = geometry.dilation > 1 ? [before, after, before, after] : []
  }

  var contents: [ModuleEntry] { [.child("0", norm), .child("1", convolution)] }

  /// `[B, h, w, in]` to `[B, h / stride, w / stride, out]`.
  func callAsFunction(_ map: Tensor) throws -> Tensor {
    let normalized = try norm(map)
    // Channels, which are last, are not padded.
    let padded = padding.isEmpty ? normalized : try normalized.padded([0, 0] + padding)
    return try padded.convolvedChannelsLast(convolution)
  }
}

/// The convolutions before the first stage, and a norm. Its children have the numbers that timm's `nn.Sequential` gives them.
final class ConvNeXtStem: Module {
  private let convolutions: [Convolution]
  /// Between the convolutions, where there is one.
  private let activation: Activation?
  private let norm: ChannelNorm

  init(_ configuration: ConvNeXtConfiguration) {
    let width = configuration.widths[0]
    let bias = configuration.hasConvolutionBias
    if configuration.stem == .patches {
      let patch = configuration.patchSize.shape
      convolutions = [Convolution(3, width, kernel: patch, stride: patch, bias: bias)]
    } else {
      let inner = configuration.stem == .tiered ? ConvNeXtStem.tieredWidth(width) : width
      convolutions = [(3, inner), (inner, width)].map { inputs, outputs in
        Convolution(inputs, outputs, kernel: [3, 3], stride: [2, 2], padding: [1, 1], bias: bias)
      }
    }
    activation = configuration.stem == .activated ? configuration.activation : nil
    norm = ChannelNorm(width, configuration.norm, epsilon: configuration.epsilon)
  }

  var contents: [ModuleEntry] {
    let modules: [(any Module)?] =
      convolutions.count == 1
      ? [convolutions[0], norm]
      : [convolutions[0]] + (activation == nil ? [] : [nil]) + [convolutions[1], norm]
    return modules.enumerated().compactMap { index, module in module.map { .child("\(index)", $0) } }
  }

  /// `[B, 3, H, W]` to `[B, h, w, C]`.
  func callAsFunction(_ pixels: Tensor) throws -> Tensor {
    var map = try convolutions[0](pixels)
    for convolution in convolutions.dropFirst() { map = try convolution(activation?(map) ?? map) }
    return try norm(map.permuted(0, 2, 3, 1))
  }

  /// Half of the width as a multiple of 8, and not less than nine tenths of it (timm's `make_divisible`).
  private static func tieredWidth(_ width: Int) -> Int {
    let half = width / 2
    let rounded = max(8, (half + 4) / 8 * 8)
    return 10 * rounded < 9 * half ? rounded + 8 : rounded
  }
}
