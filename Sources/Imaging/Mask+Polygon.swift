extension Mask {
  /// A mask of the pixels in a polygon, by pycocotools' own rasterisation (`rleFrPoly`): the outline is drawn on a grid five
  /// times as fine, and where it crosses a column of pixel centres inside and outside change.
  ///
  /// - Parameter polygon: x and y by turns, in pixels, at least three points.
  /// - Throws: `ImagingError` without a path, where the list is odd, too short, or goes absurdly far outside.
  public init(width: Int, height: Int, polygon: [Double]) throws {
    self.init(width: width, height: height)
    try formUnion(polygon: polygon)
  }

  /// Adds the pixels in a polygon; see ``init(width:height:polygon:)``. What it costs grows with the columns of the mask that
  /// the outline crosses and with the pixels inside, not with how far the outline goes outside.
  mutating func formUnion(polygon: [Double]) throws {
    guard polygon.count >= 6, polygon.count.isMultiple(of: 2) else {
      throw ImagingError(reason: "a polygon of \(polygon.count) numbers; expected x and y of at least 3 points")
    }
    guard polygon.allSatisfy({ abs($0) <= 1_000_000 }) else {
      throw ImagingError(reason: "a polygon with a coordinate beyond 1,000,000 pixels")
    }
    let points = polygon.map { Int(Mask.fineness * $0 + 0.5) }
    let count = points.count / 2
    var changes: [Int] = []
    for index in 0..<count {
      let next = (index + 1) % count
      crossings(from: (points[2 * index], points[2 * index + 1]), to: (points[2 * next], points[2 * next + 1])) {
        column, fineRow in
        let row = (Double(fineRow) + 0.5) / Mask.fineness - 0.5
        changes.append(column * height + Int(min(max(row, 0), Double(height)).rounded(.up)))
      }
    }
    changes.sort()
    var isInside = false
    for (index, change) in changes.enumerated() {
      isInside.toggle()
      guard isInside else { continue }
      let end = index + 1 < changes.count ? changes[index + 1] : values.count
      for pixel in change..<end { values[pixel % height * width + pixel / height] = 1 }
    }
  }

  /// Steps of the outline's grid in a pixel.
  private static var fineness: Double { 5 }

  /// Calls `visit` for each column of pixel centres that a straight line of the fine grid crosses, with the upper of the two
  /// rows of that grid between which it does. `rleFrPoly` walks along the line and looks where x changes; column c is crossed
  /// between 5c + 2 and 5c + 3.
  private func crossings(from start: (x: Int, y: Int), to end: (x: Int, y: Int), visit: (Int, Int) -> Void) {
    let across = abs(end.x - start.x)
    let down = abs(end.y - start.y)
    guard across > 0 else { return }
    let isFlat = across >= down
    let isFlipped = isFlat ? start.x > end.x : start.y > end.y
    let (low, high) = isFlipped ? (end, start) : (start, end)
    let length = isFlat ? across : down
    let slope = Double(isFlat ? high.y - low.y : high.x - low.x) / Double(length)
    let (left, right) = (min(start.x, end.x), max(start.x, end.x))
    let first = max(0, Int((Double(left - 2) / 5).rounded(.up)))
    let last = min(width - 1, Int((Double(right - 3) / 5).rounded(.down)))
    guard first <= last else { return }
    for column in first...last {
      let x = 5 * column + 2
      if isFlat {
        func y(_ along: Int) -> Int { Int(Double(low.y) + slope * Double(along) + 0.5) }
        visit(column, min(y(x - low.x), y(x + 1 - low.x)))
      } else {
        // The first step that lies beyond the centre's column; steps before it lie on the other side.
        func isBeyond(_ step: Int) -> Bool {
          let position = Int(Double(low.x) + slope * Double(step) + 0.5)
          return slope > 0 ? position > x : position <= x
        }
        guard !isBeyond(0), isBeyond(length) else { continue }
        var (before, beyond) = (0, length)
        while beyond - before > 1 {
          let middle = (before + beyond) / 2
          if isBeyond(middle) { beyond = middle } else { before = middle }
        }
        visit(column, low.y + before)
      }
    }
  }
}
