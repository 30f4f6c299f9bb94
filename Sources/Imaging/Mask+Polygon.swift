extension Mask {
  /// A mask of the pixels in a polygon, by pycocotools' own rasterisation (`rleFrPoly`): the outline is drawn on a grid five
  /// times as fine, and where it crosses a column of pixel centres inside and outside change.
  ///
  /// - Parameter polygon: x and y by turns, in pixels, at least three points.
  /// - Throws: `ImagingError` without a path, where the list is odd, too short, or goes absurdly far outside.
  public init(width: Int, height: Int, polygon: [Double]) throws {
    guard polygon.count >= 6, polygon.count.isMultiple(of: 2) else {
      throw ImagingError(reason: "a polygon of \(polygon.count) numbers; expected x and y of at least 3 points")
    }
    guard polygon.allSatisfy({ abs($0) <= 1_000_000 }) else {
      throw ImagingError(reason: "a polygon with a coordinate beyond 1,000,000 pixels")
    }
    let scale = 5.0
    let points = polygon.map { Int(scale * $0 + 0.5) }
    let count = points.count / 2
    var changes: [Int] = []
    var previous: (x: Int, y: Int)?
    for index in 0..<count {
      let next = (index + 1) % count
      Mask.trace(from: (points[2 * index], points[2 * index + 1]), to: (points[2 * next], points[2 * next + 1])) {
        x, y in
        defer { previous = (x, y) }
        guard let previous, previous.x != x else { return }
        let column = (Double(x < previous.x ? x : x - 1) + 0.5) / scale - 0.5
        guard column.rounded(.down) == column, column >= 0, column <= Double(width - 1) else { return }
        let row = (Double(min(y, previous.y)) + 0.5) / scale - 0.5
        changes.append(Int(column) * height + Int(min(max(row, 0), Double(height)).rounded(.up)))
      }
    }
    changes.sort()
    var values = [UInt8](repeating: 0, count: width * height)
    var isInside = false
    for (index, change) in changes.enumerated() {
      isInside.toggle()
      guard isInside else { continue }
      let end = index + 1 < changes.count ? changes[index + 1] : values.count
      for pixel in change..<end { values[pixel % height * width + pixel / height] = 1 }
    }
    self.init(width: width, height: height, values: values)
  }

  /// Calls `visit` for each grid point of a straight line, ends included, as `rleFrPoly` steps along it.
  private static func trace(from start: (x: Int, y: Int), to end: (x: Int, y: Int), visit: (Int, Int) -> Void) {
    let across = abs(end.x - start.x)
    let down = abs(end.y - start.y)
    let isFlat = across >= down
    let isFlipped = isFlat ? start.x > end.x : start.y > end.y
    let (low, high) = isFlipped ? (end, start) : (start, end)
    let length = isFlat ? across : down
    let slope = Double(isFlat ? high.y - low.y : high.x - low.x) / Double(length)
    for step in 0...length {
      let along = isFlipped ? length - step : step
      if length == 0 {
        // 0/0 in the original, which C turns into the lowest integer: above every row.
        visit(low.x, Int(Int32.min))
      } else if isFlat {
        visit(low.x + along, Int(Double(low.y) + slope * Double(along) + 0.5))
      } else {
        visit(Int(Double(low.x) + slope * Double(along) + 0.5), low.y + along)
      }
    }
  }
}
