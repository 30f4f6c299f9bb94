import Foundation

/// Edges of an image by Canny's detector ("A Computational Approach to Edge Detection", IEEE TPAMI 1986).
///
/// scikit-image's `feature.canny(luminance, sigma=1, low_threshold=0.1, high_threshold=0.2, mode="nearest")`.
package struct Canny {
  /// Standard deviation of the Gaussian, in pixels, and where it is cut off.
  private static let (sigma, radius) = (1.0, 4)
  /// Of the magnitude of Sobel's gradient (weights 1, 2, 1), for luminance in 0 ... 1.
  private static let (low, high) = (0.1, 0.2)
  private static let weights: [Double] = {
    let values = (0...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = values[0] + 2 * values[1...].reduce(0, +)
    return values.map { $0 / sum }
  }()

  private let height: Int
  private let width: Int

  /// - Returns: `[height, width]`, 1 where there is an edge; none on the outermost pixels.
  package static func edges(_ image: RGBPixels) -> [UInt8] {
    let detector = Canny(height: image.height, width: image.width)
    var luminance: [Double] = []
    luminance.reserveCapacity(image.height * image.width)
    for index in stride(from: 0, to: image.count, by: 3) {
      let red = 0.299 * Double(image.bytes[index])
      let green = 0.587 * Double(image.bytes[index + 1])
      let blue = 0.114 * Double(image.bytes[index + 2])
      luminance.append((red + green + blue) / 255)
    }
    return detector.traced(detector.thinned(detector.smoothed(luminance)))
  }

  /// Gaussian weights down, then across; beyond the image its outermost pixels repeat.
  private func smoothed(_ image: [Double]) -> [Double] {
    var down = [Double](repeating: 0, count: image.count)
    var result = down
    for row in 0..<height {
      for column in 0..<width {
        var sum = image[row * width + column] * Canny.weights[0]
        for step in 1...Canny.radius {
          let above = image[max(0, row - step) * width + column]
          let below = image[min(height - 1, row + step) * width + column]
          sum += (above + below) * Canny.weights[step]
        }
        down[row * width + column] = sum
      }
    }
    for row in 0..<height {
      for column in 0..<width {
        var sum = down[row * width + column] * Canny.weights[0]
        for step in 1...Canny.radius {
          let before = down[row * width + max(0, column - step)]
          let after = down[row * width + min(width - 1, column + step)]
          sum += (before + after) * Canny.weights[step]
        }
        result[row * width + column] = sum
      }
    }
    return result
  }

  /// The gradient's magnitude where it is at least the lower threshold and no smaller than along its direction on both sides,
  /// interpolated between neighbours; 0 elsewhere.
  private func thinned(_ image: [Double]) -> [Double] {
    var down = [Double](repeating: 0, count: image.count)
    var across = down
    var magnitude = down
    for row in 0..<height {
      let (above, below) = (max(0, row - 1) * width, min(height - 1, row + 1) * width)
      for column in 0..<width {
        let (before, after) = (max(0, column - 1), min(width - 1, column + 1))
        let index = row * width + column
        let upper = image[above + before] + 2 * image[above + column] + image[above + after]
        let lower = image[below + before] + 2 * image[below + column] + image[below + after]
        let left = image[above + before] + 2 * image[row * width + before] + image[below + before]
        let right = image[above + after] + 2 * image[row * width + after] + image[below + after]
        (down[index], across[index]) = (lower - upper, right - left)
        magnitude[index] = (down[index] * down[index] + across[index] * across[index]).squareRoot()
      }
    }
    var result = [Double](repeating: 0, count: image.count)
    guard height > 2, width > 2 else { return result }
    for row in 1..<height - 1 {
      for column in 1..<width - 1 {
        let index = row * width + column
        let own = magnitude[index]
        guard own >= Canny.low else { continue }
        let (y, x) = (down[index], across[index])
        let (stepDown, stepAcross) = ((y < 0 ? -1 : 1) * width, x < 0 ? -1 : 1)
        let isSteep = abs(y) >= abs(x)
        let share = isSteep ? abs(x) / abs(y) : abs(y) / abs(x)
        let straight = isSteep ? stepDown : stepAcross
        let diagonal = stepDown + stepAcross
        let ahead = magnitude[index + straight] * (1 - share) + magnitude[index + diagonal] * share
        let behind = magnitude[index - straight] * (1 - share) + magnitude[index - diagonal] * share
        if ahead <= own && behind <= own { result[index] = own }
      }
    }
    return result
  }

  /// Of the lines of such pixels, neighbours in eight directions, those that reach the upper threshold somewhere.
  private func traced(_ ridges: [Double]) -> [UInt8] {
    var edges = [UInt8](repeating: 0, count: ridges.count)
    var open = ridges.indices.filter { ridges[$0] >= Canny.high }
    for index in open { edges[index] = 1 }
    while let index = open.popLast() {
      // Ridges never touch the border, so that every neighbour is in the image.
      for offset in [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1] {
        let neighbor = index + offset
        if edges[neighbor] == 0 && ridges[neighbor] > 0 {
          edges[neighbor] = 1
          open.append(neighbor)
        }
      }
    }
    return edges
  }
}
