/// Height fields from coverage: how a flat outline becomes a body with a lit and a dark side.
enum SceneRelief {
  /// The height of a shape whose edge is rounded with this radius, in pixels; 0 outside.
  ///
  /// Inside, the exact Euclidean distance to the outline (Felzenszwalb and Huttenlocher 2012) is bent to a quarter
  /// circle and smoothed, so that ridges where two sides meet stay soft.
  static func inflated(_ coverage: [UInt8], width: Int, height: Int, radius: Double) -> [Float] {
    let distances = squaredDistances(coverage, width: width, height: height)
    let reach = Float(max(radius, 1.5))
    var heights = distances.map { squared -> Float in
      let rest = 1 - min(squared.squareRoot() / reach, 1)
      return reach * (1 - rest * rest).squareRoot()
    }
    let smoothing = max(1, Int(reach * 0.2 + 0.5))
    for _ in 0..<2 { blur(&heights, width: width, height: height, radius: smoothing) }
    return heights
  }

  /// The squared distance of each pixel to the nearest one that is less than half covered.
  static func squaredDistances(_ coverage: [UInt8], width: Int, height: Int) -> [Float] {
    let far = Float(1e12)
    var field = coverage.map { $0 >= 128 ? far : 0 }
    var scratch = DistanceLine(capacity: max(width, height))
    field.withUnsafeMutableBufferPointer { buffer in
      for column in 0..<width { scratch.transform(buffer, start: column, step: width, count: height) }
      for row in 0..<height { scratch.transform(buffer, start: row * width, step: 1, count: width) }
    }
    return field
  }

  /// A box blur along the rows, then along the columns; the edge is repeated.
  static func blur(_ values: inout [Float], width: Int, height: Int, radius: Int) {
    guard radius > 0, width > 0, height > 0 else { return }
    var line = [Float](repeating: 0, count: max(width, height))
    values.withUnsafeMutableBufferPointer { buffer in
      line.withUnsafeMutableBufferPointer { line in
        for row in 0..<height { blurLine(buffer, line, start: row * width, step: 1, count: width, radius: radius) }
        for column in 0..<width { blurLine(buffer, line, start: column, step: width, count: height, radius: radius) }
      }
    }
  }

  private static func blurLine(
    _ values: UnsafeMutableBufferPointer<Float>, _ line: UnsafeMutableBufferPointer<Float>, start: Int, step: Int,
    count: Int, radius: Int
  ) {
    for place in 0..<count { line[place] = values[start + place * step] }
    let share = 1 / Float(2 * radius + 1)
    var sum = Float(0)
    for place in -radius...radius { sum += line[min(max(place, 0), count - 1)] }
    for place in 0..<count {
      values[start + place * step] = sum * share
      sum += line[min(place + radius + 1, count - 1)] - line[max(place - radius, 0)]
    }
  }

  /// One line of the distance transform: the lower envelope of parabolas.
  private struct DistanceLine {
    var roots: [Int]
    var bounds: [Float]
    var values: [Float]

    init(capacity: Int) {
      roots = [Int](repeating: 0, count: capacity + 1)
      bounds = [Float](repeating: 0, count: capacity + 2)
      values = [Float](repeating: 0, count: capacity + 1)
    }

    mutating func transform(_ field: UnsafeMutableBufferPointer<Float>, start: Int, step: Int, count: Int) {
      for place in 0..<count { values[place] = field[start + place * step] }
      var last = 0
      roots[0] = 0
      bounds[0] = -.infinity
      bounds[1] = .infinity
      for place in 1..<max(count, 1) {
        while true {
          let root = roots[last]
          let rise = values[place] - values[root] + Float(place * place - root * root)
          let crossing = rise / Float(2 * (place - root))
          if crossing <= bounds[last], last > 0 {
            last -= 1
          } else {
            last += 1
            roots[last] = place
            bounds[last] = crossing
            bounds[last + 1] = .infinity
            break
          }
        }
      }
      var current = 0
      for place in 0..<count {
        while bounds[current + 1] < Float(place) { current += 1 }
        let offset = Float(place - roots[current])
        field[start + place * step] = values[roots[current]] + offset * offset
      }
    }
  }
}
