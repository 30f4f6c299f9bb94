import NeuralNet
import Torch

/// Multi-head self-attention of tokens `[B, N, C]`.
final class SelfAttention: Module {
  let heads: Int
  let headDimension: Int
  let qkv: Linear
  let queryNorm: LayerNorm?
  let keyNorm: LayerNorm?
  let projection: Linear

  init(_ configuration: ViTConfiguration) {
    heads = configuration.heads
    headDimension = configuration.headDimension
    let width = configuration.embeddingDimension
    let inner = heads * headDimension
    qkv = Linear(width, 3 * inner, bias: configuration.hasQueryKeyValueBias)
    let normalizes = configuration.normalizesQueriesAndKeys
    queryNorm = normalizes ? LayerNorm(headDimension, epsilon: configuration.epsilon) : nil
    keyNorm = normalizes ? LayerNorm(headDimension, epsilon: configuration.epsilon) : nil
    projection = Linear(inner, width, bias: configuration.hasProjectionBias)
  }

  var contents: [ModuleEntry] {
    [.child("qkv", qkv)] + ModuleEntry.optional("q_norm", queryNorm) + ModuleEntry.optional("k_norm", keyNorm)
      + [.child("proj", projection)]
  }

  /// residual + scale(attention(input)), `[B, N, C]`, with queries and keys turned by `rotation`.
  func callAsFunction(
    _ input: Tensor, turnedBy rotation: Rotation?, scaledBy scale: LayerScale?, adding residual: Tensor,
    observer: BlockObserver? = nil
  ) throws -> Tensor {
    let (batch, tokens) = (input.extent(0), input.extent(1))
    // Query, key and value as views [B, heads, N, d] of one product.
    let parts = try qkv(input).reshaped(batch, tokens, 3, heads, headDimension).permuted(2, 0, 3, 1, 4)
    var query = try parts.select(0, 0)
    var key = try parts.select(0, 1)
    let value = try parts.select(0, 2)
    query = try queryNorm?(query) ?? query
    key = try keyNorm?(key) ?? key
    if let rotation { (query, key) = (try rotation(query), try rotation(key)) }
    try observer?.attention(query: query, key: key, value: value, batch: batch)
    let attended = try query.attention(key: key, value: value)
    let joined = try attended.transposed(1, 2).reshaped(batch, tokens, heads * headDimension)
    try observer?(.attentionOutput, projection(joined))
    return try projection(joined, scaledBy: scale, adding: residual)
  }

  func pack(rows: Int, scaledBy scale: LayerScale?) throws {
    try qkv.pack(rows: rows)
    try projection.pack(rows: rows, scaledBy: scale)
  }
}

/// A pre-norm transformer block: attention and MLP, each after a layer norm, each added to what came in.
package final class ViTBlock: Module {
  let attentionNorm: LayerNorm
  let attention: SelfAttention
  let attentionScale: LayerScale?
  let mlpNorm: LayerNorm
  let mlp: MLP
  let mlpScale: LayerScale?

  package init(_ configuration: ViTConfiguration) {
    let width = configuration.embeddingDimension
    attentionNorm = LayerNorm(width, epsilon: configuration.epsilon)
    attention = SelfAttention(configuration)
    attentionScale = configuration.hasLayerScale ? LayerScale(width) : nil
    mlpNorm = LayerNorm(width, epsilon: configuration.epsilon)
    mlp = MLP(
      width: width, inner: configuration.mlpDimension, activation: configuration.activation,
      isGated: configuration.hasGatedMLP)
    mlpScale = configuration.hasLayerScale ? LayerScale(width) : nil
  }

  package var contents: [ModuleEntry] {
    [.child("norm1", attentionNorm), .child("attn", attention)] + ModuleEntry.optional("ls1", attentionScale)
      + [.child("norm2", mlpNorm), .child("mlp", mlp)]
      + ModuleEntry.optional("ls2", mlpScale)
  }

  /// `[B, N, C]` to `[B, N, C]`.
  ///
  /// - Parameter rotation: of the tokens' grid, where the network has rotary positions.
  package func callAsFunction(
    _ tokens: Tensor, turnedBy rotation: Rotation? = nil, observer: BlockObserver? = nil
  ) throws -> Tensor {
    let attended = try attention(
      attentionNorm(tokens), turnedBy: rotation, scaledBy: attentionScale, adding: tokens, observer: observer)
    try observer?(.afterAttention, attended)
    return try mlp(mlpNorm(attended), scaledBy: mlpScale, adding: attended, observer: observer)
  }

  func pack(rows: Int) throws {
    try attention.pack(rows: rows, scaledBy: attentionScale)
    try mlp.pack(rows: rows, scaledBy: mlpScale)
  }
}
