import Formats

/// A window and its shift on one grid.
public struct WindowGeometry: Equatable, Sendable {
  public let grid: ImageSize
  public let window: ImageSize
  /// How far the windows of every second block are shifted, down and to the right.
  public let shift: ImageSize
  /// Whether the grid is padded before it is rolled, or after.
  public let padsBeforeRolling: Bool

  public init(grid: ImageSize, window: ImageSize, shift: ImageSize, padsBeforeRolling: Bool) {
    self.grid = grid
    self.window = window
    self.shift = shift
    self.padsBeforeRolling = padsBeforeRolling
  }

  /// No shift.
  static let unshifted = ImageSize(side: 0)

  /// The grid with its lower and right edge filled up to whole windows.
  public var padded: ImageSize { grid.combined(with: window) { ($0 + $1 - 1) / $1 * $1 } }

  /// The number of windows.
  public var count: Int { padded.combined(with: window, /).area }

  /// Tokens of a window.
  public var area: Int { window.area }

  public var isPadded: Bool { padded != grid }
  public var isShifted: Bool { shift != WindowGeometry.unshifted }

  /// For each token of each window, in order: where on the grid it comes from (raster order), or nil for padding.
  public func sources(shifted: Bool) -> [Int?] {
    let shift = shifted ? shift : WindowGeometry.unshifted
    let padded = padded
    return positions().map { row, column in
      if padsBeforeRolling {
        let (sourceRow, sourceColumn) = ((row + shift.height) % padded.height, (column + shift.width) % padded.width)
        return sourceRow < grid.height && sourceColumn < grid.width ? sourceRow * grid.width + sourceColumn : nil
      }
      guard row < grid.height, column < grid.width else { return nil }
      return (row + shift.height) % grid.height * grid.width + (column + shift.width) % grid.width
    }
  }

  /// For each token of the grid in raster order: where it stands among the tokens of all windows.
  public func destinations(shifted: Bool) -> [Int] {
    var result = Array(repeating: 0, count: grid.area)
    for (position, source) in sources(shifted: shifted).enumerated() {
      if let source { result[source] = position }
    }
    return result
  }

  /// For each token of each shifted window: which of the parts that rolling brought together it belongs to. Tokens of
  /// different parts do not attend to each other.
  public func regions() -> [Int] {
    func part(_ position: Int, _ side: KeyPath<ImageSize, Int>) -> Int {
      let (shift, padded) = (shift[keyPath: side], padded[keyPath: side])
      guard shift > 0 else { return 0 }
      return (position >= padded - window[keyPath: side] ? 1 : 0) + (position >= padded - shift ? 1 : 0)
    }
    return positions().map { row, column in part(row, \.height) * 3 + part(column, \.width) }
  }

  /// For each pair of tokens of a window (query, key): the row of the bias table that its offset has.
  public func biasRows() -> [Int] {
    let columns = 2 * window.width - 1
    return (0..<area).flatMap { query in
      (0..<area).map { key in
        let down = query / window.width - key / window.width + window.height - 1
        let right = query % window.width - key % window.width + window.width - 1
        return down * columns + right
      }
    }
  }

  /// Rows and columns of the padded grid, window after window.
  private func positions() -> [(Int, Int)] {
    let padded = padded
    var result: [(Int, Int)] = []
    result.reserveCapacity(padded.area)
    for top in stride(from: 0, to: padded.height, by: window.height) {
      for left in stride(from: 0, to: padded.width, by: window.width) {
        for row in top..<top + window.height {
          for column in left..<left + window.width { result.append((row, column)) }
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

  public func geometry(window: ImageSize, grid: ImageSize, nativeGrid: ImageSize) -> WindowGeometry {
    switch self {
    case .timm(let alwaysPartitions, let followsInput):
      let reference = followsInput ? grid : nativeGrid
      let fitted = alwaysPartitions ? window : window.combined(with: reference, min)
      func shift(_ side: KeyPath<ImageSize, Int>) -> Int {
        !alwaysPartitions && reference[keyPath: side] <= fitted[keyPath: side] ? 0 : window[keyPath: side] / 2
      }
      return WindowGeometry(
        grid: grid, window: fitted, shift: ImageSize(height: shift(\.height), width: shift(\.width)),
        padsBeforeRolling: false)
    case .transformers:
      let shorter = min(grid.height, grid.width)
      let fits = shorter > window.height
      return WindowGeometry(
        grid: grid, window: fits ? window : ImageSize(side: shorter),
        shift: fits ? window.map { $0 / 2 } : WindowGeometry.unshifted, padsBeforeRolling: true)
    }
  }
}
