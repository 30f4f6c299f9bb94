import Formats
import Torch

/// Which of a backbone's taps a user asked for.
public enum TapSelection {
  /// The taps named by `text`: `all`, `stages` (the borders of the components that inverse networks span), or names
  /// separated by commas. In order of depth, whatever the order of the names; what is inside a block comes before the block's output.
  ///
  /// - Parameters:
  ///   - taps: those that can be read.
  ///   - inside: those inside blocks, which are read where they are named, and only there.
  ///   - components: of the model.
  /// - Throws: ``BackboneError`` with the taps there are, where a name is unknown.
  public static func select(
    _ text: String, from taps: [Tap], inside: [Tap] = [], components: [ModelComponent]
  ) throws -> [Tap] {
    switch text {
    case "all": return taps
    case "stages":
      let outputs = Set(components.map(\.output))
      return taps.filter { outputs.contains($0.name) }
    default: break
    }
    let names = text.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init)
    let known = Set((taps + inside).map(\.name))
    for name in names where !known.contains(name) { throw unknown(name, taps: taps, inside: inside) }
    guard !names.isEmpty else { throw BackboneError("--taps is empty; give all, stages, or names separated by commas") }
    let wanted = Set(names)
    return merged(taps, inside).filter { wanted.contains($0.name) }
  }

  /// All taps in order of depth: what is inside a block before the block's output.
  public static func merged(_ taps: [Tap], _ inside: [Tap]) -> [Tap] {
    let byBlock = Dictionary(grouping: inside) { BlockPart.split($0.name)?.block ?? "" }
    return taps.flatMap { (byBlock[$0.name] ?? []) + [$0] }
  }

  private static func unknown(_ name: String, taps: [Tap], inside: [Tap]) -> BackboneError {
    let blocks = inside.reduce(into: [String]()) { blocks, tap in
      let block = BlockPart.split(tap.name)?.block ?? ""
      if blocks.last != block { blocks.append(block) }
    }
    func parts(of block: String) -> String {
      inside.compactMap { BlockPart.split($0.name) }.filter { $0.block == block }.map(\.part.rawValue)
        .joined(separator: ", ")
    }
    let has = "--taps: the model has no tap '\(name)'; "
    // The longest, so that `block.1` is not taken for the block of `block.11.attention`.
    if let block = blocks.filter({ name.hasPrefix($0 + ".") }).max(by: { $0.count < $1.count }) {
      return BackboneError(
        has + "inside \(block) there are \(parts(of: block)), as in \(block).\(BlockPart.query.rawValue)")
    }
    if BlockPart.split(name) != nil || name.contains(".attention") || name.contains(".mlp"),
      let first = blocks.first, let last = blocks.last
    {
      return BackboneError(
        has
          + "its blocks are \(blocks.count > 8 ? "\(first) to \(last)" : blocks.joined(separator: ", ")), inside which there are "
          + parts(of: first))
    }
    let hint =
      blocks.first.map { "; what is inside blocks is named as in \(BlockPart.query.tap(of: $0))" } ?? ""
    return BackboneError(
      has + "it has \(taps.map(\.name).joined(separator: ", ")), and 'all' and 'stages' are understood\(hint)")
  }
}

/// Which tokens of a tap a store keeps.
public enum TokenSelection: String, Sendable, CaseIterable {
  case all
  /// The average of the tokens that are not prefix tokens.
  case mean
  /// The class and distillation tokens; of attention weights, those of these tokens as queries.
  case prefix

  /// The tap as the store keeps it, or nil where nothing of it is kept.
  public func reduce(_ tap: Tap) -> Tap? {
    switch self {
    case .all: tap
    // Attention weights have no tokens of their own to be averaged.
    case .mean: tap.role == .weights ? nil : tap.keeping(1, of: TapAxis.tokens, prefixTokens: 0)
    case .prefix:
      tap.prefixTokens == 0
        ? nil
        : tap.keeping(
          tap.prefixTokens, of: tap.role == .weights ? TapAxis.queries : TapAxis.tokens, prefixTokens: tap.prefixTokens)
    }
  }
}

extension Tap {
  /// The tap with some of its tokens alone, which lie on no grid.
  fileprivate func keeping(_ count: Int, of axis: String, prefixTokens: Int) -> Tap {
    let axes = axes.map { $0.name == axis ? TapAxis(axis, count) : $0 }
    return Tap(
      name: name, tokens: role == .weights ? axes.dropLast().reduce(1) { $0 * $1.length } : count, channels: channels,
      prefixTokens: prefixTokens, parent: parent, depth: depth, role: role, axes: axes)
  }
}

extension TokenSelection {
  /// The kept tokens of a tap's value `[B, T, C]`.
  public func reduce(_ value: Tensor, of tap: Tap) throws -> Tensor {
    switch self {
    case .all: return value
    case .mean: return try value.slice(1, tap.prefixTokens..<tap.tokens).mean([1], keepingAxes: true)
    case .prefix where tap.role == .weights:
      let queries = tap.axes.first { $0.name == TapAxis.queries }?.length ?? tap.tokens
      return try value.reshaped(value.extent(0), tap.tokens / queries, queries, tap.channels)
        .slice(2, 0..<tap.prefixTokens).reshaped(value.extent(0), -1, tap.channels)
    case .prefix: return try value.slice(1, 0..<tap.prefixTokens)
    }
  }
}
