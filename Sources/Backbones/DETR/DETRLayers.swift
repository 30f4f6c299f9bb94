import NeuralNet
import Torch

/// The epsilon of every layer normalisation of DETR.
let detrLayerNormEpsilon = 1e-5

/// One layer of the encoder: self-attention and MLP, each followed by sum and normalisation.
public final class DETREncoderLayer: Module {
  let attention: DETRAttention
  let attentionNorm: LayerNorm
  let mlp: MLP
  let finalNorm: LayerNorm

  public init(width: Int, heads: Int, innerWidth: Int, activation: Activation) {
    attention = DETRAttention(width: width, heads: heads)
    attentionNorm = LayerNorm(width, epsilon: detrLayerNormEpsilon)
    mlp = MLP(width: width, inner: innerWidth, activation: activation)
    finalNorm = LayerNorm(width, epsilon: detrLayerNormEpsilon)
  }

  public var contents: [ModuleEntry] {
    [
      .child("self_attn", attention), .child("self_attn_layer_norm", attentionNorm), .child("mlp", mlp),
      .child("final_layer_norm", finalNorm),
    ]
  }

  /// [B, L, C] to [B, L, C]. `positions`: [1 or B, L, C]; `mask`: [B, 1, 1, L] bool, true takes part.
  public func callAsFunction(
    _ input: Tensor, positions: Tensor, mask: Tensor?, observer: BlockObserver? = nil
  ) throws -> Tensor {
    let attended = try attentionNorm(attention(input, positions: positions, mask: mask, observer: observer))
    try observer?(.afterAttention, attended)
    return try finalNorm(mlp(attended, adding: attended, observer: observer))
  }

  func prepare(rows: Int) throws {
    try attention.prepareSelf(rows: rows)
    try mlp.pack(rows: rows)
  }
}

/// One layer of the decoder: self-attention of the queries, attention to the memory, MLP, each followed by sum and
/// normalisation.
public final class DETRDecoderLayer: Module {
  let selfAttention: DETRAttention
  let selfAttentionNorm: LayerNorm
  let crossAttention: DETRAttention
  let crossAttentionNorm: LayerNorm
  let mlp: MLP
  let finalNorm: LayerNorm

  public init(width: Int, heads: Int, innerWidth: Int, activation: Activation) {
    selfAttention = DETRAttention(width: width, heads: heads)
    selfAttentionNorm = LayerNorm(width, epsilon: detrLayerNormEpsilon)
    crossAttention = DETRAttention(width: width, heads: heads)
    crossAttentionNorm = LayerNorm(width, epsilon: detrLayerNormEpsilon)
    mlp = MLP(width: width, inner: innerWidth, activation: activation)
    finalNorm = LayerNorm(width, epsilon: detrLayerNormEpsilon)
  }

  public var contents: [ModuleEntry] {
    [
      .child("self_attn", selfAttention), .child("self_attn_layer_norm", selfAttentionNorm),
      .child("encoder_attn", crossAttention), .child("encoder_attn_layer_norm", crossAttentionNorm),
      .child("mlp", mlp), .child("final_layer_norm", finalNorm),
    ]
  }

  /// [B, Q, C] to [B, Q, C].
  ///
  /// - Parameters:
  ///   - queryPositions: [1 or B, Q, C], added for queries and for the keys of self-attention.
  ///   - memory: [B, S, C]; `placedMemory`: the same with its positions.
  ///   - mask: [B, 1, 1, S] bool, true takes part; nil where all of the memory does.
  public func callAsFunction(
    _ input: Tensor, queryPositions: Tensor, memory: Tensor, placedMemory: Tensor, mask: Tensor?,
    observer: BlockObserver? = nil
  ) throws -> Tensor {
    let attended = try selfAttentionNorm(
      selfAttention(input, positions: queryPositions, mask: nil, observer: observer))
    try observer?(.afterAttention, attended)
    let informed = try crossAttentionNorm(
      crossAttention(
        attended, positions: queryPositions, memory: memory, placedMemory: placedMemory, mask: mask,
        observer: observer))
    try observer?(.afterCross, informed)
    return try finalNorm(mlp(informed, adding: informed, observer: observer))
  }

  func prepare(rows: Int, memoryRows: Int) throws {
    try selfAttention.prepareSelf(rows: rows)
    try crossAttention.prepareCross(rows: rows, memoryRows: memoryRows)
    try mlp.pack(rows: rows)
  }
}

/// Three linear maps with ReLU between them: a query to centre, width and height of its box, before the sigmoid.
public final class DETRBoxPredictor: Module {
  let layers: [Linear]

  init(width: Int) {
    layers = [
      Linear(width, width, bias: true), Linear(width, width, bias: true), Linear(width, 4, bias: true),
    ]
  }

  public var contents: [ModuleEntry] { ModuleEntry.list("layers", layers) }

  /// [B, Q, C] to [B, Q, 4].
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    try layers[2](layers[1](layers[0](input, then: .relu), then: .relu))
  }

  func prepare(rows: Int) throws {
    for layer in layers { try layer.pack(rows: rows) }
  }
}
