import Formats

/// A position in a network where its activations are read.
public struct Tap: Equatable, Sendable {
  /// The stable name of the design, for example `stage.2.block.5`.
  public let name: String
  /// T of `[B, T, C]`.
  public let tokens: Int
  /// C of `[B, T, C]`.
  public let channels: Int
  /// The grid on which the tokens (without prefix tokens) lie in raster order; nil where they lie on none.
  public let grid: ImageSize?
  /// How many class and distillation tokens come first; of attention weights, how many queries.
  public let prefixTokens: Int
  /// The tap whose value this one is computed from; nil for the first tap, which is computed from the image.
  public let parent: String?
  /// How many taps in a row lead to this one from the image, counted from 0. Two taps of one depth are either two heads with
  /// one parent, or two names of one value: a stage's output and its last block's. What is inside a block has the block's.
  public let depth: Int
  public let role: TapRole
  /// Of a tap inside a block, what `[T, C]` is when it is unfolded, slowest axis first: attention weights are heads × queries × keys.
  public let axes: [TapAxis]

  public init(
    name: String, tokens: Int, channels: Int, grid: ImageSize? = nil, prefixTokens: Int = 0, parent: String? = nil,
    depth: Int = 0, role: TapRole = .trunk, axes: [TapAxis] = []
  ) {
    self.axes = axes
    self.name = name
    self.tokens = tokens
    self.channels = channels
    self.grid = grid
    self.prefixTokens = prefixTokens
    self.parent = parent
    self.depth = depth
    self.role = role
  }
}

/// The taps of a model in forward order, each with its parent and its depth.
public struct TapList {
  public private(set) var taps: [Tap] = []

  public init() {}

  /// Appends a tap that is computed from the last one.
  public mutating func append(
    _ name: String, tokens: Int, channels: Int, grid: ImageSize? = nil, prefixTokens: Int = 0, role: TapRole = .trunk
  ) {
    taps.append(
      Tap(
        name: name, tokens: tokens, channels: channels, grid: grid, prefixTokens: prefixTokens, parent: taps.last?.name,
        depth: taps.last.map { $0.depth + 1 } ?? 0, role: role))
  }

  /// Appends another name for the last tap's value, as a stage's output is its last block's.
  public mutating func appendAlias(_ name: String) {
    guard let last = taps.last else { preconditionFailure("an alias follows the tap that it names again") }
    taps.append(
      Tap(
        name: name, tokens: last.tokens, channels: last.channels, grid: last.grid, prefixTokens: last.prefixTokens,
        parent: last.name, depth: last.depth, role: .alias))
  }

  /// Appends a head: it is computed from the last tap that is not one, as every head is.
  public mutating func appendHead(_ name: String, tokens: Int, channels: Int) {
    let parent = taps.last { $0.role != .head }
    taps.append(
      Tap(
        name: name, tokens: tokens, channels: channels, parent: parent?.name, depth: parent.map { $0.depth + 1 } ?? 0,
        role: .head))
  }
}
