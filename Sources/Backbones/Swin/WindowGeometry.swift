/// A window and its shift on one grid. All pairs are height, width.
public struct WindowGeometry: Equatable, Sendable {
  public let grid: [Int]
  public let window: [Int]
  /// How far the windows of every second block are shifted.
  public let shift: [Int]
  /// Whether the grid is padded before it is rolled, or after.
  public let padsBeforeRolling: Bool

  public init(grid: [Int], window: [Int], shift: [Int], padsBeforeRolling: Bool) {
    self.grid = grid
    self.window = window
    self.shift = shift
    self.padsBeforeRolling = padsBeforeRolling
  }

  /// The grid with its lower and right edge filled up to whole windows.
  public var padded: [Int] { zip(grid, window).map { ($0 + $1 - 1) / $1 * $1 } }

  /// The number of windows.
  public var count: Int { (padded[0] / window[0]) * (padded[1] / window[1]) }

  /// Tokens of a window.
  public var area: Int { window[0] * window[1] }

  public var isPadded: Bool { padded != grid }
  public var isShifted: Bool { shift != [0, 0] }

  /// For each token of each window, in order: where on the grid it comes from (raster order), or nil for padding.
  public func sources(shifted: Bool) -> [Int?] {
    let shift = shifted ? shift : [0, 0]
    return positions().map { row, column in
      if padsBeforeRolling {
        let source = [(row + shift[0]) % padded[0], (column + shift[1]) % padded[1]]
        return source[0] < grid[0] && source[1] < grid[1] ? source[0] * grid[1] + source[1] : nil
      }
      guard row < grid[0], column < grid[1] else { return nil }
      return (row + shift[0]) % grid[0] * grid[1] + (column + shift[1]) % grid[1]
    }
  }

  /// For each token of the grid in raster order: where it stands among the tokens of all windows.
  public func destinations(shifted: Bool) -> [Int] {
    var result = Array(repeating: 0, count: grid[0] * grid[1])
    for (position, source) in sources(shifted: shifted).enumerated() {
      if let source { result[source] = position }
    }
    return result
  }

  /// For each token of each shifted window: which of the parts that rolling brought together it belongs to. Tokens of
  /// different parts do not attend to each other.
  public func regions() -> [Int] {
    func part(_ position: Int, axis: Int) -> Int {
      guard shift[axis] > 0 else { return 0 }
      return (position >= padded[axis] - window[axis] ? 1 : 0) + (position >= padded[axis] - shift[axis] ? 1 : 0)
    }
    return positions().map { row, column in part(row, axis: 0) * 3 + part(column, axis: 1) }
  }

  /// For each pair of tokens of a window (query, key): the row of the bias table that its offset has.
  public func biasRows() -> [Int] {
    let columns = 2 * window[1] - 1
    return (0..<area).flatMap { query in
      (0..<area).map { key in
        let down = query / window[1] - key / window[1] + window[0] - 1
        let right = query % window[1] - key % window[1] + window[1] - 1
        return down * columns + right
      }
    }
  }

  /// Rows and columns of the padded grid, window after window.
  private func positions() -> [(Int, Int)] {
    var result: [(Int, Int)] = []
    result.reserveCapacity(padded[0] * padded[1])
    for top in stride(from: 0, to: padded[0], by: window[0]) {
      for left in stride(from: 0, to: padded[1], by: window[1]) {
        for row in top..<top + window[0] {
          for column in left..<left + window[1] { result.append((row, column)) }
        }
      }
    }
    return result
  }
}

/// How a library fits windows to a grid. Both agree where the window divides the grid and is smaller.
public enum WindowRules: Codable, Equatable, Sendable {
  /// timm decides on each axis by itself whether the window shrinks and is shifted, and pads what was rolled.
  ///
  /// - `alwaysPartitions`: windows neither shrink nor stay unshifted.
  /// - `followsInput`: they are fitted to the input's grid; else to the native one, whatever the input.
  case timm(alwaysPartitions: Bool, followsInput: Bool)
  /// transformers shrinks a square window to the shorter axis and then shifts along neither, and rolls what was padded.
  case transformers

  public func geometry(window: [Int], grid: [Int], nativeGrid: [Int]) -> WindowGeometry {
    switch self {
    case .timm(let alwaysPartitions, let followsInput):
      let reference = followsInput ? grid : nativeGrid
      let fitted = alwaysPartitions ? window : zip(window, reference).map(min)
      let shift = (0..<2).map { axis in
        !alwaysPartitions && reference[axis] <= fitted[axis] ? 0 : window[axis] / 2
      }
      return WindowGeometry(grid: grid, window: fitted, shift: shift, padsBeforeRolling: false)
    case .transformers:
      let shorter = min(grid[0], grid[1])
      let fits = shorter > window[0]
      return WindowGeometry(
        grid: grid, window: fits ? window : [shorter, shorter], shift: fits ? window.map { $0 / 2 } : [0, 0],
        padsBeforeRolling: true)
    }
  }
}
