import Backbones
import Formats
import NeuralNet
import Torch

/// A layer whose parameters follow from the frozen model's.
package protocol DerivedLayer: InverseLayer {
  func derive() throws
}

/// A linear patch embedding undone by the inverse of its own matrix: pixels = W⁺ · (token − bias − position).
///
/// That is exact where the matrix `[C, 3 · patch height · patch width]` has full column rank.
package final class ExactPatchPixels: DerivedLayer {
  private let inverse: Parameter
  private let offset: Parameter
  private let layout: CellLayout
  private let model: any Backbone
  private let embedding: LinearEmbedding
  private let image: ImageSize

  /// The tap that the embedding gives.
  var tap: String { embedding.tap }

  /// - Throws: ``InversionError`` for a model whose embedding cannot be undone, whatever its weights.
  package init(_ backbone: any Backbone, height: Int, width: Int) throws {
    guard let embedding = (backbone as? any InvertibleBackbone)?.linearEmbedding else {
      throw InversionError(
        .badInput,
        "--exact-embedding needs a patch embedding that is a linear map, as ViT and DeiT have it without a norm before the "
          + "blocks; this \(backbone.family) model has another, leave the flag out")
    }
    let (patch, channels) = (embedding.patch, embedding.weight.shape[0])
    let pixels = 3 * patch.area
    guard pixels <= channels else {
      throw InversionError(
        .badInput,
        "--exact-embedding: a patch has \(pixels) numbers and its token only \(channels), so that pixels are lost; "
          + "leave the flag out")
    }
    let taps = try backbone.taps(height: height, width: width)
    image = ImageSize(height: height, width: width)
    guard let tap = taps.first(where: { $0.name == embedding.tap }),
      image.combined(with: patch, %) == ImageSize(side: 0)
    else {
      throw InversionError(.badInput, "--exact-embedding: patches do not cover inputs of \(width)x\(height)")
    }
    layout = CellLayout(source: tap, target: nil, image: image)
    inverse = Parameter([tap.channels, pixels], isLearned: false)
    offset = Parameter([tap.tokens - tap.prefixTokens, tap.channels], isLearned: false)
    model = backbone
    self.embedding = embedding
  }

  package var contents: [ModuleEntry] { [.parameter("inverse", inverse), .parameter("offset", offset)] }

  package func callAsFunction(_ input: Tensor, context: InverseContext) throws -> Tensor {
    let patches = try layout.rows(of: input, narrowing: nil) - offset.value
    return try layout.goal(of: patches.matmul(inverse.value), prefix: nil)
  }

  /// - Throws: ``InversionError`` where the matrix is singular.
  package func derive() throws {
    let weight = try embedding.weight.value
    try withoutGradients {
      // [C, rows, columns, channels] as cells have them, in double precision on the CPU.
      let matrix = try weight.to(.cpu).to(.float64).permuted(0, 2, 3, 1).reshaped(weight.extent(0), -1)
      let singular = try matrix.singularValues().values(as: Double.self)
      let ratio = (singular.last ?? 0) / max(singular.first ?? 0, 1e-300)
      guard ratio > 1e-6 else {
        throw InversionError(
          .badInput,
          "--exact-embedding: the matrix of the patch embedding is singular (smallest to largest singular value \(ratio)); "
            + "leave the flag out")
      }
      let device = try inverse.value.device
      try inverse.set(matrix.pseudoInverse(tolerance: 1e-9).transposed(0, 1).to(.float32).to(device).contiguous())
      // What an image of zeros gives is bias and position alone.
      let zeros = try Tensor.zeros([1, 3] + image.shape, device: weight.device)
      let embedded = try model.features(of: ImageBatch(pixels: zeros), taps: [tap])[tap]
      guard let embedded else { preconditionFailure("the embedding's tap is one of the model's") }
      try offset.set(
        embedded.select(0, 0).slice(0, layout.source.prefixTokens..<layout.source.tokens).to(device).contiguous())
    }
  }
}
