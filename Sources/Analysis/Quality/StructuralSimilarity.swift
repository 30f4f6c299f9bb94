import Foundation

/// SSIM and MS-SSIM.
public enum StructuralSimilarity {
  /// Side of the Gaussian window, in pixels: no image may be smaller.
  public static let window = 11
  /// Images whose shorter side is smaller have no MS-SSIM: at the fifth scale the window would not fit.
  public static let leastSideOfFiveScales = 161
  /// What each scale counts, the finest first (Wang, Simoncelli and Bovik 2003).
  public static let scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

  /// Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004): Gaussian window of 11 × 11, σ = 1.5, K₁ = 0.01,
  /// K₂ = 0.03, population covariance, over all places where the window fits, channels averaged.
  ///
  /// scikit-image's `structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)`.
  ///
  /// - Returns: at most 1, which identical images score; nil where the window does not fit into the image.
  public static func value(_ image: RGBPixels, _ reference: RGBPixels) -> Double? {
    image.requireSameSize(as: reference)
    guard image.shorterSide >= window else { return nil }
    let means = WindowMoments(height: image.height, width: image.width)
      .similarity(FloatPlane(image), FloatPlane(reference))
    return means.structure.reduce(0, +) / 3
  }

  /// Multi-scale structural similarity (Wang, Simoncelli and Bovik 2003) as piq computes it: contrast and structure of the
  /// four finer scales, the whole of SSIM at the fifth, each below 0 counted as 0, to the power of its weight; the
  /// product a channel, channels averaged. Between scales 2 × 2 pixels are averaged; where a side is odd, one row and one
  /// column are repeated above and on the left.
  ///
  /// - Returns: 0 ... 1; nil where the shorter side has fewer than 161 pixels.
  public static func multiScale(_ image: RGBPixels, _ reference: RGBPixels) -> Double? {
    image.requireSameSize(as: reference)
    guard image.shorterSide >= leastSideOfFiveScales else { return nil }
    var (height, width) = (image.height, image.width)
    var first = FloatPlane(image)
    var second = FloatPlane(reference)
    var products = [1.0, 1.0, 1.0]
    for (scale, weight) in scaleWeights.enumerated() {
      if scale > 0 {
        first = halved(first, height, width)
        second = halved(second, height, width)
        let padding = max(height % 2, width % 2)
        (height, width) = ((height + padding) / 2, (width + padding) / 2)
      }
      let means = WindowMoments(height: height, width: width).similarity(first, second)
      let values = scale < scaleWeights.count - 1 ? means.contrast : means.structure
      for channel in 0..<3 { products[channel] *= pow(max(0, values[channel]), weight) }
    }
    return products.reduce(0, +) / 3
  }

  /// Means of 2 × 2 pixels.
  private static func halved(_ image: FloatPlane, _ height: Int, _ width: Int) -> FloatPlane {
    let padding = max(height % 2, width % 2)
    let (newHeight, newWidth) = ((height + padding) / 2, (width + padding) / 2)
    let result = FloatPlane(newHeight * newWidth * 3)
    defer { withExtendedLifetime(image) {} }
    for row in 0..<newHeight {
      let upper = image.start + max(0, 2 * row - padding) * width * 3
      let lower = image.start + (2 * row + 1 - padding) * width * 3
      let target = result.start + row * newWidth * 3
      for column in 0..<newWidth {
        let left = max(0, 2 * column - padding) * 3
        let right = (2 * column + 1 - padding) * 3
        for channel in 0..<3 {
          let sum = upper[left + channel] + upper[right + channel] + lower[left + channel] + lower[right + channel]
          target[column * 3 + channel] = sum * 0.25
        }
      }
    }
    return result
  }
}
