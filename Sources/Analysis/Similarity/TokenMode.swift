/// Which numbers of a tap `[N, T, C]` make the columns of its matrix.
public enum TokenMode: Sendable, Equatable, CustomStringConvertible {
  /// All tokens one after another: T·C columns.
  case flatten
  /// The mean of the tokens that are not prefix tokens: C columns; of all tokens where there are no others.
  case mean
  /// The prefix tokens one after another.
  case prefix
  /// The mean of the tokens whose cells objects cover, weighted by how much of a cell they cover: C columns.
  case object
  /// The other tokens averaged to a grid of G × G, as PyTorch's `adaptive_avg_pool2d`: G²·C columns.
  case grid(Int)

  /// From `flatten`, `mean`, `prefix`, `object` or `grid:G`.
  ///
  /// - Throws: ``AnalysisError`` for anything else.
  public init(_ text: String) throws {
    switch text {
    case "flatten": self = .flatten
    case "mean": self = .mean
    case "prefix": self = .prefix
    case "object": self = .object
    default:
      guard text.hasPrefix("grid:"), let size = Int(text.dropFirst(5)), (1...1024).contains(size) else {
        throw AnalysisError(
          .badInput,
          "unknown token mode '\(text)'; expected flatten, mean, prefix, object or grid:G, for example grid:7")
      }
      self = .grid(size)
    }
  }

  public var description: String {
    switch self {
    case .flatten: "flatten"
    case .mean: "mean"
    case .prefix: "prefix"
    case .object: "object"
    case .grid(let size): "grid:\(size)"
    }
  }

  /// Why a tap has no such columns; nil where it has.
  func reasonAgainst(_ tap: TapShape) -> String? {
    switch self {
    case .flatten, .mean: nil
    case .prefix: tap.prefixTokens > 0 ? nil : "it has no prefix tokens"
    case .grid, .object: tap.grid != nil ? nil : "its tokens lie on no grid"
    }
  }
}

/// How the columns of a matrix come from those of a store, piece by piece.
struct ColumnPlan {
  /// Some columns of the store and what becomes of them.
  struct Piece {
    /// Columns of the store.
    let input: Range<Int>
    /// For each cell, the tokens it is the mean of, counted from the first of `input`; nil where columns are taken as
    /// they are.
    let cells: [[Int]]?
    let channels: Int
    /// Whether the tokens of a cell count as much as objects cover of theirs; else all count the same.
    var isWeighted = false

    /// Columns of the matrix.
    var columns: Int { cells.map { $0.count * channels } ?? input.count }
  }

  let pieces: [Piece]
  var columns: Int { pieces.reduce(0) { $0 + $1.columns } }

  /// - Parameter width: the most columns of a piece that is taken as it is.
  init(_ mode: TokenMode, _ tap: TapShape, width: Int) {
    let channels = tap.channels
    switch mode {
    case .flatten: pieces = ColumnPlan.direct(0..<tap.columns, channels, width)
    case .prefix: pieces = ColumnPlan.direct(0..<tap.prefixTokens * channels, channels, width)
    case .mean:
      let first = tap.tokens > tap.prefixTokens ? tap.prefixTokens : 0
      if tap.tokens - first == 1 {
        pieces = ColumnPlan.direct(first * channels..<tap.columns, channels, width)
      } else {
        pieces = [
          Piece(input: first * channels..<tap.columns, cells: [Array(0..<tap.tokens - first)], channels: channels)
        ]
      }
    case .object:
      let first = tap.prefixTokens
      pieces = [
        Piece(
          input: first * channels..<tap.columns, cells: [Array(0..<tap.tokens - first)], channels: channels,
          isWeighted: true)
      ]
    case .grid(let size):
      let grid = tap.grid ?? TapShape.Grid(height: 1, width: tap.tokens - tap.prefixTokens)
      if grid == TapShape.Grid(height: size, width: size) {
        pieces = ColumnPlan.direct(tap.prefixTokens * channels..<tap.columns, channels, width)
      } else {
        pieces = (0..<size).map { row in
          let rows = ColumnPlan.window(row, of: size, over: grid.height)
          let cells = (0..<size).map { column in
            let columns = ColumnPlan.window(column, of: size, over: grid.width)
            return (0..<rows.count).flatMap { y in columns.map { y * grid.width + $0 } }
          }
          let first = (tap.prefixTokens + rows.lowerBound * grid.width) * channels
          return Piece(input: first..<first + rows.count * grid.width * channels, cells: cells, channels: channels)
        }
      }
    }
  }

  private static func direct(_ columns: Range<Int>, _ channels: Int, _ width: Int) -> [Piece] {
    Analysis.pieces(of: columns, size: width).map { Piece(input: $0, cells: nil, channels: channels) }
  }

  /// ⌊i·n/G⌋ ..< ⌈(i + 1)·n/G⌉.
  private static func window(_ index: Int, of size: Int, over extent: Int) -> Range<Int> {
    index * extent / size..<((index + 1) * extent + size - 1) / size
  }
}
