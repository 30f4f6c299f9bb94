/// A value inside a block of a model, in the order in which the block computes them. It is read at the tap
/// `BLOCK.PART`, such as `block.3.attention.q`.
///
/// This is the one list of them. `docs/store.md` shows it with the shapes; stores and `inspect` repeat ``definition``.
public enum BlockPart: String, Sendable, CaseIterable {
  case query = "attention.q"
  case key = "attention.k"
  case value = "attention.v"
  case weights = "attention.weights"
  case attentionOutput = "attention.output"
  case afterAttention = "residual.attention"
  case crossQuery = "cross.q"
  case crossKey = "cross.k"
  case crossValue = "cross.v"
  case crossWeights = "cross.weights"
  case crossOutput = "cross.output"
  case afterCross = "residual.cross"
  case hidden = "mlp.hidden"
  case mlpOutput = "mlp.output"

  /// What it is, as one line of text without a full stop.
  public var definition: String {
    switch self {
    case .query:
      "queries of the self-attention: with bias, after the norm of queries and the turn of rotary positions where the model "
        + "has them, before the division by the root of a head's channels; heads one after the other"
    case .key:
      "keys of the self-attention: with bias, after the norm of keys and the turn of rotary positions where the model has "
        + "them; heads one after the other"
    case .value: "values of the self-attention: with bias; heads one after the other"
    case .weights:
      "weights of the self-attention after the softmax, without dropout: of each head and query a row over the keys, which sums to 1"
    case .attentionOutput:
      "output of the self-attention: after the output projection, before layer scale, before it is added to the residual stream"
    case .afterAttention:
      "residual stream after the self-attention was added, before the MLP; in DETR after the layer norm of that sum"
    case .crossQuery: "queries of the attention to the encoder's output: with bias, of the queries with their positions"
    case .crossKey: "keys of the attention to the encoder's output: with bias, of that output with its positions"
    case .crossValue: "values of the attention to the encoder's output: with bias, of that output without positions"
    case .crossWeights:
      "weights of the attention to the encoder's output after the softmax, without dropout: of each head and query a row over "
        + "the keys, which sums to 1"
    case .crossOutput:
      "output of the attention to the encoder's output: after the output projection, before it is added to the residual stream"
    case .afterCross:
      "residual stream after the attention to the encoder's output was added, after the layer norm of that sum"
    case .hidden:
      "hidden layer of the MLP: after the activation, what the second linear map takes; of a gated MLP after the gate"
    case .mlpOutput:
      "output of the MLP: after the second linear map, before layer scale, before it is added to the residual stream"
    }
  }

  /// Whether it is heads × queries × keys, where the others are tokens × channels.
  public var holdsWeights: Bool { self == .weights || self == .crossWeights }

  /// Where it stands between the block's input, 0, and its output, 1.
  public var place: Double {
    Double((BlockPart.allCases.firstIndex(of: self) ?? 0) + 1) / Double(BlockPart.allCases.count + 1)
  }

  /// The tap of the part inside a block: `block.3.attention.q` of `block.3`.
  public func tap(of block: String) -> String { "\(block).\(rawValue)" }

  /// The block and the part that a tap's name stands for; nil for one that is not inside a block.
  public static func split(_ tap: String) -> (block: String, part: BlockPart)? {
    let words = tap.split(separator: ".", omittingEmptySubsequences: false)
    guard words.count > 2, let part = BlockPart(rawValue: words.suffix(2).joined(separator: ".")) else { return nil }
    return (words.dropLast(2).joined(separator: "."), part)
  }
}

/// A named axis of what a tap has of one image: `head`, 12.
public struct TapAxis: Sendable, Equatable {
  public let name: String
  public let length: Int

  public static let tokens = "token"
  public static let queries = "query"

  public init(_ name: String, _ length: Int) {
    self.name = name
    self.length = length
  }
}

extension [TapAxis] {
  /// `12 head × 197 query × 197 key`.
  public var text: String { map { "\($0.length) \($0.name)" }.joined(separator: " × ") }
}
