import NeuralNet
import Torch

/// Multi-head attention whose queries and keys carry positions and whose values do not.
public final class DETRAttention: Module {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let heads: Int
  /// Query and key in one, where they have the same input and the module is prepared.
  private var queryAndKey: Linear?

  public init(width: Int, heads: Int) {
    query = Linear(width, width, bias: true)
    key = Linear(width, width, bias: true)
    value = Linear(width, width, bias: true)
    output = Linear(width, width, bias: true)
    self.heads = heads
  }

  /// The names are those of transformers 5.
  public var contents: [ModuleEntry] {
    [.child("q_proj", query), .child("k_proj", key), .child("v_proj", value), .child("o_proj", output)]
  }

  /// Attention of an input to itself, plus the input.
  ///
  /// - Parameters:
  ///   - input: [B, L, C].
  ///   - positions: [1 or B, L, C], added for queries and keys.
  ///   - mask: [B, 1, 1, L] bool, true takes part; nil where all do.
  public func callAsFunction(
    _ input: Tensor, positions: Tensor, mask: Tensor?, observer: BlockObserver? = nil
  ) throws -> Tensor {
    let placed = try input + positions
    let queries: Tensor
    let keys: Tensor
    if let queryAndKey, !recordsGradients {
      let width = input.extent(2)
      let both = try queryAndKey(placed)
      queries = try split(both.slice(2, 0..<width))
      keys = try split(both.slice(2, width..<(2 * width)))
    } else {
      queries = try split(query(placed))
      keys = try split(key(placed))
    }
    return try attend(queries, keys, split(value(input)), mask: mask, adding: input, .own, observer)
  }

  /// Attention of `input` to `memory`, plus the input.
  ///
  /// - Parameters:
  ///   - input: [B, Q, C], `positions`: [1 or B, Q, C], added for queries.
  ///   - memory: [B, S, C], for values; `placedMemory`: the same with its positions, for keys.
  ///   - mask: [B, 1, 1, S] bool, true takes part; nil where all do.
  public func callAsFunction(
    _ input: Tensor, positions: Tensor, memory: Tensor, placedMemory: Tensor, mask: Tensor?,
    observer: BlockObserver? = nil
  ) throws -> Tensor {
    try attend(
      split(query(input + positions)), split(key(placedMemory)), split(value(memory)), mask: mask, adding: input,
      .cross,
      observer)
  }

  /// [B, L, C] to [B, heads, L, C / heads]; a view.
  private func split(_ tensor: Tensor) throws -> Tensor {
    let shape = tensor.shape
    return try tensor.reshaped(shape[0], shape[1], heads, shape[2] / heads).transposed(1, 2)
  }

  private func attend(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, mask: Tensor?, adding residual: Tensor,
    _ parts: AttentionParts, _ observer: BlockObserver?
  ) throws -> Tensor {
    try observer?.attention(
      parts, query: queries, key: keys, value: values, mask: mask, batch: residual.extent(0))
    let attended = try queries.attention(key: keys, value: values, mask: mask).transposed(1, 2)
      .reshaped(residual.shape)
    try observer?(parts.output, output(attended))
    return try output(attended, adding: residual)
  }

  /// Packs for self-attention over `rows` tokens in all.
  func prepareSelf(rows: Int) throws {
    let width = query.weight.shape[0]
    let both = Linear(width, 2 * width, bias: true)
    try both.weight.set(Tensor.concatenate([query.weight.value, key.weight.value], axis: 0))
    if let queryBias = query.bias, let keyBias = key.bias {
      try both.bias?.set(Tensor.concatenate([queryBias.value, keyBias.value], axis: 0))
    }
    try both.pack(rows: rows)
    queryAndKey = both
    try value.pack(rows: rows)
    try output.pack(rows: rows)
  }

  /// Packs for attention of `rows` tokens to `memoryRows`.
  func prepareCross(rows: Int, memoryRows: Int) throws {
    try query.pack(rows: rows)
    try key.pack(rows: memoryRows)
    try value.pack(rows: memoryRows)
    try output.pack(rows: rows)
  }

  public func parametersDidChange() { queryAndKey = nil }
}
