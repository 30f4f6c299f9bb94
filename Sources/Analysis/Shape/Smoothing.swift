/// Means over squares, three times one after the other, which is nearly a Gaussian (a quadratic spline); at the border the
/// outermost pixels are repeated.
package enum Smoothing {
  /// Radii of the squares, doubled from 1 up to a sixth of the shorter side: σ about 1.4, 2.4, 4.5, 8.5, … pixels.
  package static func radii(height: Int, width: Int) -> [Int] {
    var radii = [1]
    while let last = radii.last, 2 * last <= min(height, width) / 6 { radii.append(2 * last) }
    return radii
  }

  /// - Parameter image: `[height, width, 3]`.
  package static func smoothed(_ image: [Float], height: Int, width: Int, radius: Int) -> [Float] {
    var result = image
    for _ in 0..<3 {
      result = means(result, lines: height, length: width, lineStep: width * 3, step: 3, radius)
      result = means(result, lines: width, length: height, lineStep: 3, step: width * 3, radius)
    }
    return result
  }

  /// Means along lines, by a running sum.
  private static func means(
    _ image: [Float], lines: Int, length: Int, lineStep: Int, step: Int, _ radius: Int
  ) -> [Float] {
    var result = [Float](repeating: 0, count: image.count)
    let factor = 1 / Double(2 * radius + 1)
    image.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        for line in 0..<lines {
          for channel in 0..<3 {
            let start = line * lineStep + channel
            func value(_ index: Int) -> Double { Double(source[start + max(0, min(length - 1, index)) * step]) }
            var sum = (-radius...radius).reduce(0) { $0 + value($1) }
            for index in 0..<length {
              target[start + index * step] = Float(sum * factor)
              sum += value(index + radius + 1) - value(index - radius)
            }
          }
        }
      }
    }
    return result
  }
}
