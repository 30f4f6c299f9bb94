import Formats

/// The taps inside one block, from the sizes of the block.
struct BlockTaps {
  /// The block's own tap.
  let block: Tap
  let heads: Int
  /// Channels of a head.
  let headDimension: Int
  /// Channels of the MLP's hidden layer.
  let hidden: Int
  /// Attention within windows: how many there are, and the tokens of each, padding included. Nil where all tokens see all.
  var windows: (count: Int, area: Int)?
  /// What a decoder's layer attends to besides its own tokens.
  var memory: Tap?

  /// In the order of the block.
  var taps: [Tap] {
    let seen = windows?.area ?? block.tokens
    var list = [
      byHeads(.query, like: block), byHeads(.key, like: block), byHeads(.value, like: block),
      weights(.weights, of: seen, over: seen), plain(.attentionOutput), plain(.afterAttention),
    ]
    if let memory {
      list += [
        byHeads(.crossQuery, like: block), byHeads(.crossKey, like: memory), byHeads(.crossValue, like: memory),
        weights(.crossWeights, of: block.tokens, over: memory.tokens), plain(.crossOutput), plain(.afterCross),
      ]
    }
    return list + [plain(.hidden, hidden), plain(.mlpOutput)]
  }

  /// - Parameter channels: the block's own where nil.
  private func plain(_ part: BlockPart, _ channels: Int? = nil) -> Tap {
    let channels = channels ?? block.channels
    return tap(
      part, like: block, channels: channels,
      axes: [TapAxis(TapAxis.tokens, block.tokens), TapAxis("channel", channels)])
  }

  private func byHeads(_ part: BlockPart, like tokens: Tap) -> Tap {
    tap(
      part, like: tokens, channels: heads * headDimension,
      axes: [TapAxis(TapAxis.tokens, tokens.tokens), TapAxis("head", heads), TapAxis("channel", headDimension)])
  }

  private func weights(_ part: BlockPart, of queries: Int, over keys: Int) -> Tap {
    let axes =
      (windows.map { [TapAxis("window", $0.count)] } ?? [])
      + [TapAxis("head", heads), TapAxis(TapAxis.queries, queries), TapAxis("key", keys)]
    return Tap(
      name: part.tap(of: block.name), tokens: axes.dropLast().reduce(1) { $0 * $1.length }, channels: keys,
      prefixTokens: block.prefixTokens, parent: block.parent, depth: block.depth, role: .weights, axes: axes)
  }

  private func tap(_ part: BlockPart, like tokens: Tap, channels: Int, axes: [TapAxis]) -> Tap {
    Tap(
      name: part.tap(of: block.name), tokens: tokens.tokens, channels: channels, grid: tokens.grid,
      prefixTokens: tokens.prefixTokens, parent: block.parent, depth: block.depth, role: .inside, axes: axes)
  }
}
