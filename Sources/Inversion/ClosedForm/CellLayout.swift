import Backbones
import Formats
import Torch

/// How the activation at a cut meets what it is to give, row by row, so that one linear map serves all rows.
///
/// - On grids: each token of the source's grid with the cell of the target, pixels or tokens, that lies over it.
/// - Tokens without a grid on both sides (queries, predictions): each with its counterpart.
/// - Tokens without a grid against a grid (decoded queries, a position in the image): all tokens together as one row, each
///   narrowed to a few channels where the map would be too large, against all of the target as one cell.
///
/// On grids a row may also hold the tokens around its own, in a square (``neighbourhood``): deeper tokens know of their neighbours,
/// and attention and windows have moved what belongs to one of them into another.
package struct CellLayout {
  /// Numbers of a map in one row of all tokens, and of rows against a whole target, which bound memory.
  private static let mostInputs = 1024
  private static let mostElements = 1 << 26
  /// Numbers of a row with its neighbours. A map's sums of products take 16 bytes for each pair of them, in training and validation
  /// together: 1 GiB at most.
  package static let mostNeighbourhoodInputs = 8192

  let source: Tap
  /// nil: the image.
  let target: Tap?
  /// The source's grid; of tokens without one a row of them, or one cell for all.
  private let grid: ImageSize
  /// The target's pixels or tokens, and those of one cell.
  private let extents: ImageSize
  private let cell: ImageSize
  /// The channels that each token is narrowed to where all tokens are one row; nil where each is a row of its own.
  let narrowed: Int?
  /// Tokens along a side of the square around a token that make up a row; 1 where a row is a token alone.
  package let neighbourhood: Int

  /// - Parameters:
  ///   - source: the shape of the activation; of `boxes` with the classes beside the box.
  ///   - image: the size of the image.
  ///   - neighbourhood: an odd number; taken as 1 where the source has no grid, or its rows would have more than
  ///     ``mostNeighbourhoodInputs`` numbers.
  package init(source: Tap, target: Tap?, image: ImageSize, neighbourhood: Int = 1) {
    self.source = source
    self.target = target
    let goal = target == nil ? image : target?.grid
    switch (source.grid, goal) {
    case (let sourceGrid?, let goal?):
      (grid, extents, narrowed) = (sourceGrid, goal, nil)
    case (nil, nil):
      let row = ImageSize(height: 1, width: source.tokens)
      (grid, extents, narrowed) = (row, row, nil)
    default:
      (grid, extents) = (ImageSize(side: 1), goal ?? ImageSize(height: 1, width: target?.tokens ?? 1))
      let outputs = extents.area * (target?.channels ?? 3)
      let inputs = min(CellLayout.mostInputs, CellLayout.mostElements / outputs)
      narrowed = min(source.channels, max(1, inputs / source.tokens))
    }
    cell = extents.combined(with: grid) { ($0 + $1 - 1) / $1 }
    let isTooWide = CellLayout.widthProblem(of: source, neighbourhood: neighbourhood) != nil
    self.neighbourhood = source.grid == nil || isTooWide ? 1 : neighbourhood
  }

  /// Why the tokens of a tap are taken alone although a square of them was asked for; nil where they are not.
  package static func widthProblem(of source: Tap, neighbourhood: Int) -> String? {
    let inputs = neighbourhood * neighbourhood * source.channels
    guard source.grid != nil, neighbourhood > 1, inputs > mostNeighbourhoodInputs else { return nil }
    return
      "the least-squares map from '\(source.name)' takes each token alone: \(neighbourhood)x\(neighbourhood) tokens of "
      + "\(source.channels) channels are \(inputs) numbers, and a map takes at most \(mostNeighbourhoodInputs)"
  }

  /// Rows of an image's activation.
  package var rows: Int { grid.area }
  /// Numbers that the map takes for a row.
  package var inputs: Int { narrowed.map { source.tokens * $0 } ?? source.channels * neighbourhood * neighbourhood }
  /// Numbers that it gives.
  package var outputs: Int { cell.area * (target?.channels ?? 3) }
  /// Prefix tokens that both sides have.
  package var prefixTokens: Int { min(source.prefixTokens, target?.prefixTokens ?? 0) }

  // MARK: Rows

  /// An activation `[B, T, C]` as `[B, rows, inputs]`.
  ///
  /// - Parameters:
  ///   - narrowing: `[C, narrowed]`, where tokens are narrowed.
  ///   - validity: `[B, rows, 1]`, 0 for padding, which counts as zeros among neighbours; nil where there is none.
  package func rows(of activation: Tensor, narrowing: Tensor?, validity: Tensor? = nil) throws -> Tensor {
    let tokens =
      source.prefixTokens == 0 || source.grid == nil
      ? activation : try activation.slice(1, source.prefixTokens..<activation.extent(1))
    guard neighbourhood == 1 else { return try withNeighbours(validity.map { try tokens * $0 } ?? tokens) }
    guard let narrowed else { return tokens }
    let narrow = try narrowing.map { try tokens.matmul($0) } ?? tokens
    return try narrow.reshaped(activation.extent(0), 1, source.tokens * narrowed)
  }

  /// Tokens `[B, rows, C]` with those around each, row by row from above left to below right, zeros outside of the grid:
  /// `[B, rows, neighbourhood² · C]`.
  private func withNeighbours(_ tokens: Tensor) throws -> Tensor {
    let (batch, channels, reach) = (tokens.extent(0), tokens.extent(2), neighbourhood / 2)
    let map = try tokens.reshaped(batch, grid.height, grid.width, channels)
      .padded([0, 0, reach, reach, reach, reach])
    let parts = try (0..<neighbourhood).flatMap { down in
      try (0..<neighbourhood).map { across in
        try map.slice(1, down..<down + grid.height).slice(2, across..<across + grid.width)
      }
    }
    return try Tensor.concatenate(parts, axis: 3).reshaped(batch, rows, inputs)
  }

  /// What is to be given, `[B, T, C]` or pixels `[B, 3, H, W]`, as cells `[B, rows, outputs]`.
  package func cells(of goal: Tensor) throws -> Tensor {
    let batch = goal.extent(0)
    var map: Tensor
    if let target {
      let tokens = target.grid == nil ? goal : try goal.slice(1, target.prefixTokens..<goal.extent(1))
      map = try tokens.reshaped(batch, extents.height, extents.width, target.channels)
    } else {
      map = try goal.permuted(0, 2, 3, 1)
    }
    let covered = grid.combined(with: cell, *)
    let (below, right) = (covered.height - extents.height, covered.width - extents.width)
    if below > 0 || right > 0 { map = try map.padded([0, 0, 0, right, 0, below]) }
    let channels = map.extent(3)
    return try map.reshaped([batch, grid.height, cell.height, grid.width, cell.width, channels])
      .permuted(0, 1, 3, 2, 4, 5).reshaped(batch, rows, outputs)
  }

  /// Undoes ``cells(of:)``; prefix tokens are put in front where the target has them.
  package func goal(of cells: Tensor, prefix: Tensor?) throws -> Tensor {
    let batch = cells.extent(0)
    let channels = target?.channels ?? 3
    var map = try cells.reshaped([batch, grid.height, grid.width, cell.height, cell.width, channels])
      .permuted(0, 1, 3, 2, 4, 5)
      .reshaped(batch, grid.height * cell.height, grid.width * cell.width, channels)
    if map.extent(1) > extents.height { map = try map.slice(1, 0..<extents.height) }
    if map.extent(2) > extents.width { map = try map.slice(2, 0..<extents.width) }
    guard target != nil else { return try map.permuted(0, 3, 1, 2) }
    let tokens = try map.reshaped(batch, extents.area, channels)
    return try prefix.map { try Tensor.concatenate([$0, tokens], axis: 1) } ?? tokens
  }

  /// `[B, rows, 1]`: 1 where a row shows the image, 0 where it is padding; nil where nothing is.
  func validity(_ context: InverseContext, device: Device) throws -> Tensor? {
    guard let grid = source.grid else { return nil }
    return try context.validity(grid: grid, device: device)?.flattened(from: 1).unsqueezed(2)
  }
}
