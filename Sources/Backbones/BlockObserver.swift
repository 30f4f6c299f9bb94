import Formats
import Torch

/// The values inside one block that are wanted of a forward pass. The block hands each on as it arises; what is not wanted is not
/// computed, and what is wanted changes nothing of what the block gives.
public struct BlockObserver {
  private let wanted: Set<BlockPart>
  private let visit: (BlockPart, Tensor) throws -> Void

  /// - Parameter visit: takes each wanted value, `[B, T, C]`; attention weights as `[B, heads · queries, keys]`.
  public init(_ wanted: Set<BlockPart>, visit: @escaping (BlockPart, Tensor) throws -> Void) {
    self.wanted = wanted
    self.visit = visit
  }

  /// Hands a value on where it is wanted.
  public func callAsFunction(_ part: BlockPart, _ value: @autoclosure () throws -> Tensor) throws {
    if wanted.contains(part) { try visit(part, value()) }
  }
}

/// The values of one attention, of which a decoder's layer has two.
struct AttentionParts {
  let query: BlockPart
  let key: BlockPart
  let value: BlockPart
  let weights: BlockPart
  let output: BlockPart

  /// Attention of tokens to each other.
  static let own = AttentionParts(
    query: .query, key: .key, value: .value, weights: .weights, output: .attentionOutput)
  /// Attention of queries to the encoder's output.
  static let cross = AttentionParts(
    query: .crossQuery, key: .crossKey, value: .crossValue, weights: .crossWeights, output: .crossOutput)
}

extension BlockObserver {
  /// What enters an attention, and the weights that come of it.
  ///
  /// - Parameters:
  ///   - query: `[B', heads, L, d]`; `key` and `value`: `[B', heads, S, d]`, where B' is B times the number of windows.
  ///   - mask: as the attention takes it.
  ///   - batch: B.
  ///   - merge: tokens of windows `[B', L, C]` as tokens of the grid `[B, T, C]`.
  func attention(
    _ parts: AttentionParts = .own, query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, batch: Int,
    merge: (Tensor) throws -> Tensor = { $0 }
  ) throws {
    for (part, heads) in [(parts.query, query), (parts.key, key), (parts.value, value)] {
      try self(part, merge(BlockObserver.joined(heads)))
    }
    try self(
      parts.weights, query.attentionWeights(key: key, mask: mask).reshaped(batch, -1, key.extent(2)))
  }

  /// `[B, heads, L, d]` to `[B, L, heads · d]`.
  private static func joined(_ heads: Tensor) throws -> Tensor {
    let shape = heads.shape
    return try heads.transposed(1, 2).reshaped(shape[0], shape[2], shape[1] * shape[3])
  }
}
