import NeuralNet
import Torch

/// Pooling by attention: a learned query looks at all patches, and an MLP follows with its own norm and residual.
///
/// Source: timm's `AttentionPoolLatent`, as SigLIP uses it.
final class AttentionPooling: Module {
  private let heads: Int
  private let latent: Parameter
  private let query: Linear
  private let keyValue: Linear
  private let projection: Linear
  private let norm: LayerNorm
  private let mlp: MLP

  init(_ configuration: ViTConfiguration) {
    let width = configuration.embeddingDimension
    heads = configuration.heads
    latent = Parameter([1, 1, width], .normal(0.02))
    query = Linear(width, width, bias: true)
    keyValue = Linear(width, 2 * width, bias: true)
    projection = Linear(width, width, bias: true)
    norm = LayerNorm(width, epsilon: configuration.epsilon)
    mlp = MLP(width: width, inner: configuration.mlpDimension, activation: configuration.activation)
  }

  var contents: [ModuleEntry] {
    [
      .parameter("latent", latent), .child("q", query), .child("kv", keyValue), .child("proj", projection),
      .child("norm", norm), .child("mlp", mlp),
    ]
  }

  /// `[B, N, C]` without prefix tokens to `[B, 1, C]`.
  func callAsFunction(_ patches: Tensor) throws -> Tensor {
    let (batch, tokens, width) = (patches.extent(0), patches.extent(1), patches.extent(2))
    let asked = try query(latent.value.expanded([batch, -1, -1]))
      .reshaped(batch, 1, heads, width / heads).transposed(1, 2)
    // Key and value as views [B, heads, N, d] of one product.
    let parts = try keyValue(patches).reshaped(batch, tokens, 2, heads, width / heads).permuted(2, 0, 3, 1, 4)
    let attended = try asked.attention(key: parts.select(0, 0), value: parts.select(0, 1))
    let pooled = try projection(attended.transposed(1, 2).reshaped(batch, 1, width))
    return try mlp(norm(pooled), adding: pooled)
  }
}
