import Foundation

/// HaarPSI.
public enum HaarSimilarity {
  /// Images whose shorter side is smaller have none: the largest filter would not fit (piq's rule).
  public static let leastSide = 16

  /// Haar wavelet-based perceptual similarity index (Reisenhofer, Bosse, Kutyniok and Wiegand 2018), as piq computes it:
  /// YIQ at half the size in 0 ... 255, three scales, C = 30, α = 4.2.
  ///
  /// - Returns: 1 for identical images, 0 where nothing is alike; nil where the shorter side has fewer than 16 pixels.
  public static func value(_ image: RGBPixels, _ reference: RGBPixels) -> Double? {
    image.requireSameSize(as: reference)
    guard image.shorterSide >= leastSide else { return nil }
    // Beside saving rounding, it keeps two black images apart from 0 / 0: no other pair has weights of 0.
    if image == reference { return 1 }
    let first = LumaPlanes(image, scale: 255, withColor: true)
    let second = LumaPlanes(reference, scale: 255, withColor: true)
    let boxes = (first: boxSums(first), second: boxSums(second))
    defer { withExtendedLifetime((first, second, boxes)) {} }
    var weighted = 0.0
    var total = 0.0
    for row in 0..<first.height {
      let line = first.origin + row * first.stride
      for column in stride(from: 0, to: first.width, by: VectorMath.width) {
        let place = line + column
        var fine: [(x: Wave, y: Wave)] = []
        fine.reserveCapacity(3)
        for scale in 0..<3 {
          fine.append((wave(boxes.first, scale, place, first.stride), wave(boxes.second, scale, place, first.stride)))
        }
        let down = (similar(fine[0].x.down, fine[0].y.down) + similar(fine[1].x.down, fine[1].y.down)) * Float(0.5)
        let across =
          (similar(fine[0].x.across, fine[0].y.across) + similar(fine[1].x.across, fine[1].y.across)) * Float(0.5)
        let weightDown = VectorMath.larger(absolute(fine[2].x.down), absolute(fine[2].y.down))
        let weightAcross = VectorMath.larger(absolute(fine[2].x.across), absolute(fine[2].y.across))
        let i = similar(
          mean(first.planes[1].pointer + place, first.stride), mean(second.planes[1].pointer + place, first.stride))
        let q = similar(
          mean(first.planes[2].pointer + place, first.stride), mean(second.planes[2].pointer + place, first.stride))
        let weightColor = (weightDown + weightAcross) * Float(0.5)
        let sum =
          logistic(down) * weightDown + logistic(across) * weightAcross + logistic((i + q) * Float(0.5)) * weightColor
        let weights = weightDown + weightAcross + weightColor
        for lane in 0..<min(VectorMath.width, first.width - column) {
          weighted += Double(sum[lane])
          total += Double(weights[lane])
        }
      }
    }
    let score = min(weighted / total, 1 / (1 + exp(-4.2)))
    let inverse = log(score / (1 - score)) / 4.2
    return inverse * inverse
  }

  /// Coefficients of a scale: of the filter that tells above from below, and of the one that tells left from right.
  private typealias Wave = (down: Lanes, across: Lanes)

  /// Sums over boxes of 1, 2 and 4 pixels a side, each at its upper left corner.
  private static func boxSums(_ image: LumaPlanes) -> [FloatPlane] {
    var planes = [image.planes[0]]
    for side in [1, 2] {
      let finer = planes[planes.count - 1]
      let sums = FloatPlane(image.count)
      // Beyond the last of these places all is zero.
      let last = image.count - side * (image.stride + 1)
      for place in stride(from: 0, to: last, by: VectorMath.width) {
        let upper = finer.pointer + place
        let lower = upper + side * image.stride
        sums.start.store(upper.lanes(0) + upper.lanes(side) + (lower.lanes(0) + lower.lanes(side)), place)
      }
      withExtendedLifetime(finer) {}
      planes.append(sums)
    }
    return planes
  }

  @inline(__always)
  private static func wave(_ boxes: [FloatPlane], _ scale: Int, _ place: Int, _ stride: Int) -> Wave {
    // A filter of 2h × 2h pixels, 1 / 2h each, begins h − 1 above and left of its place.
    let half = 1 << scale
    let upper = boxes[scale].pointer + place - (half - 1) * (stride + 1)
    let lower = upper + half * stride
    let (a, b, c, d) = (upper.lanes(0), upper.lanes(half), lower.lanes(0), lower.lanes(half))
    let factor = 1 / Float(2 * half)
    return (((a + b) - (c + d)) * factor, ((a + c) - (b + d)) * factor)
  }

  /// The mean of a pixel and those to the right, below and both.
  @inline(__always)
  private static func mean(_ place: UnsafePointer<Float>, _ stride: Int) -> Lanes {
    let below = place + stride
    return (place.lanes(0) + place.lanes(1) + (below.lanes(0) + below.lanes(1))) * Float(0.25)
  }

  @inline(__always)
  private static func absolute(_ x: Lanes) -> Lanes { VectorMath.larger(x, -x) }

  /// (2 |x| |y| + C) / (x² + y² + C).
  @inline(__always)
  private static func similar(_ x: Lanes, _ y: Lanes) -> Lanes {
    (absolute(x * y) * Float(2) + Float(30)) / (x * x + y * y + Float(30))
  }

  /// 1 / (1 + exp(−4.2 x)).
  @inline(__always)
  private static func logistic(_ x: Lanes) -> Lanes { Float(1) / (VectorMath.exponential(x * Float(-4.2)) + Float(1)) }
}
