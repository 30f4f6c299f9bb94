/// How far pixels are from a set of pixels.
package enum DistanceMap {
  /// The squared Euclidean distance of each pixel to the nearest one of a mask, exact: Felzenszwalb and Huttenlocher,
  /// "Distance Transforms of Sampled Functions", Theory of Computing 2012. scipy's `distance_transform_edt`, squared.
  ///
  /// - Parameter mask: `[height, width]`, anything but 0 inside.
  /// - Returns: `[height, width]`; infinity everywhere where the mask is empty.
  package static func squared(to mask: [UInt8], height: Int, width: Int) -> [Float] {
    var result = columnDistances(mask, height, width)
    var line = [Float](repeating: 0, count: width)
    var indices = [Int](repeating: 0, count: width)
    var starts = [Float](repeating: 0, count: width)
    result.withUnsafeMutableBufferPointer { result in
      for row in 0..<height {
        for column in 0..<width { line[column] = result[row * width + column] }
        // Parabolas that are lowest somewhere, and where each begins to be.
        var last = -1
        for column in 0..<width where line[column].isFinite {
          while last >= 0 {
            let other = indices[last]
            let rise = (line[column] + Float(column * column)) - (line[other] + Float(other * other))
            let meeting = rise / Float(2 * (column - other))
            if meeting > starts[last] {
              starts[last + 1] = meeting
              break
            }
            last -= 1
          }
          last += 1
          indices[last] = column
          if last == 0 { starts[0] = -.infinity }
        }
        guard last >= 0 else { continue }
        var lowest = 0
        for column in 0..<width {
          while lowest < last && starts[lowest + 1] < Float(column) { lowest += 1 }
          let across = column - indices[lowest]
          result[row * width + column] = Float(across * across) + line[indices[lowest]]
        }
      }
    }
    return result
  }

  /// Squared distances within each column.
  private static func columnDistances(_ mask: [UInt8], _ height: Int, _ width: Int) -> [Float] {
    precondition(mask.count == height * width, "a mask of height × width")
    let far = height + width
    var steps = [Int](repeating: far, count: mask.count)
    for index in mask.indices {
      let above = index >= width ? steps[index - width] : far
      steps[index] = mask[index] != 0 ? 0 : min(far, above + 1)
    }
    for index in mask.indices.reversed() where index + width < mask.count {
      steps[index] = min(steps[index], steps[index + width] + 1)
    }
    return steps.map { $0 >= far ? .infinity : Float($0 * $0) }
  }
}
