import Foundation

/// GMSD.
public enum GradientSimilarity {
  /// Gradient magnitude similarity deviation (Xue, Zhang, Mou and Bovik 2014), as piq computes it: luminance at half the
  /// size, gradients by Prewitt's filter with zeros around the image, similarity (2 g h + c) / (g² + h² + c) with
  /// c = 170 / 255², and the standard deviation of it over the image (population).
  ///
  /// - Returns: 0 for identical images; larger is worse.
  public static func deviation(_ image: RGBPixels, _ reference: RGBPixels) -> Double {
    image.requireSameSize(as: reference)
    let first = LumaPlanes(image, scale: 1, withColor: false)
    let second = LumaPlanes(reference, scale: 1, withColor: false)
    defer { withExtendedLifetime((first, second)) {} }
    let constant = Float(170.0 / 65025)
    // 1 − similarity has the same deviation and keeps its digits where images are nearly alike.
    var sum = 0.0
    var squares = 0.0
    for row in 0..<first.height {
      let start = first.origin + row * first.stride
      for column in stride(from: 0, to: first.width, by: VectorMath.width) {
        let g2 = squaredGradient(first.planes[0].pointer + start + column, first.stride)
        let h2 = squaredGradient(second.planes[0].pointer + start + column, first.stride)
        let step = g2.squareRoot() - h2.squareRoot()
        let unlike = step * step / (g2 + h2 + constant)
        for lane in 0..<min(VectorMath.width, first.width - column) {
          let value = Double(unlike[lane])
          sum += value
          squares += value * value
        }
      }
    }
    let count = Double(first.height * first.width)
    return max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
  }

  /// Of Prewitt's filter, a third of it each way.
  @inline(__always)
  private static func squaredGradient(_ place: UnsafePointer<Float>, _ stride: Int) -> Lanes {
    let (above, below) = (place - stride, place + stride)
    let (upper, lower) = (above.lanes(-1), below.lanes(1))
    let (right, left) = (above.lanes(1), below.lanes(-1))
    let diagonal = lower - upper
    let other = right - left
    let across = diagonal + other + (place.lanes(1) - place.lanes(-1))
    let down = diagonal - other + (below.lanes(0) - above.lanes(0))
    return (across * across + down * down) * Float(1.0 / 9)
  }
}
