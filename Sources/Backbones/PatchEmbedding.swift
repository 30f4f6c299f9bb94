import Formats
import NeuralNet
import Torch

/// Patches of an image as tokens: a convolution whose stride is its kernel, and perhaps a layer norm.
final class PatchEmbedding: Module {
  let projection: Convolution
  let norm: LayerNorm?
  private let patch: ImageSize
  private var packed: Tensor?

  init(channels: Int, patch: ImageSize, bias: Bool, normEpsilon: Double?) {
    projection = Convolution(3, channels, kernel: patch.shape, stride: patch.shape, bias: bias)
    norm = normEpsilon.map { LayerNorm(channels, epsilon: $0) }
    self.patch = patch
  }

  var contents: [ModuleEntry] { [.child("proj", projection)] + ModuleEntry.optional("norm", norm) }

  /// `[B, 3, H, W]` to `[B, (H / patch height) · (W / patch width), C]`; what is over at the right and below is left out.
  func callAsFunction(_ pixels: Tensor) throws -> Tensor {
    guard let packed, !recordsGradients else {
      let tokens = try projection(pixels).flattened(from: 2).transposed(1, 2)
      return try norm?(tokens) ?? tokens
    }
    let (height, width) = (pixels.extent(2) / patch.height, pixels.extent(3) / patch.width)
    var image = try pixels.permuted(0, 2, 3, 1)
    if image.extent(1) != height * patch.height { image = try image.slice(1, 0..<height * patch.height) }
    if image.extent(2) != width * patch.width { image = try image.slice(2, 0..<width * patch.width) }
    // One row a patch: its pixels by row, column, channel, as the packed weight has them.
    let rows = try image.reshaped(image.extent(0), height, patch.height, width, patch.width * 3)
      .permuted(0, 1, 3, 2, 4).reshaped(image.extent(0), height * width, patch.area * 3)
    let tokens = try OneDNN.linear(rows, packed: packed, bias: projection.bias?.value)
    return try norm?(tokens) ?? tokens
  }

  /// Turns the convolution into one matrix product, for frozen use on the CPU with about `rows` patches at once.
  func pack(rows: Int) throws {
    guard OneDNN.isAvailable, try projection.weight.value.device == .cpu else { return }
    packed = try withoutGradients {
      let weight = try projection.weight.value
      let matrix = try weight.permuted(0, 2, 3, 1).reshaped(weight.extent(0), patch.area * 3)
      return try OneDNN.packLinear(matrix.contiguous(), rows: rows)
    }
  }

  func parametersDidChange() { packed = nil }
}
