/// An image in CIELAB, a plane each for lightness, a* and b*, pixels in raster order.
///
/// `@unchecked Sendable`: its numbers are written while it is made and only read after.
package final class LabImage: @unchecked Sendable {
  let count: Int
  private let planes: FloatPlane
  private let stride: Int

  /// - Parameter image: sRGB.
  package init(_ image: RGBPixels) {
    count = image.height * image.width
    stride = (count + VectorMath.width - 1) / VectorMath.width * VectorMath.width
    planes = FloatPlane(3 * stride)
    let whole = count - count % VectorMath.width
    image.bytes.withUnsafeBufferPointer { bytes in
      ColorDifference.linearLight.withUnsafeBufferPointer { light in
        for pixel in Swift.stride(from: 0, to: whole, by: VectorMath.width) {
          store(CIELab(bytes, at: pixel * 3, light), pixel)
        }
        guard whole < count else { return }
        // The rest, with as many copies of its last pixel as fill the lanes.
        let rest = (0..<VectorMath.width).flatMap { lane in
          let pixel = min(count - 1, whole + lane) * 3
          return [bytes[pixel], bytes[pixel + 1], bytes[pixel + 2]]
        }
        rest.withUnsafeBufferPointer { store(CIELab($0, at: 0, light), whole) }
      }
    }
  }

  /// Given chroma vectors, all of lightness 0.
  init(a: [Float], b: [Float]) {
    count = a.count
    stride = (count + VectorMath.width - 1) / VectorMath.width * VectorMath.width
    planes = FloatPlane(3 * stride)
    for (pixel, value) in a.enumerated() { planes.start[stride + pixel] = value }
    for (pixel, value) in b.enumerated() { planes.start[2 * stride + pixel] = value }
  }

  /// Calls `body` with the chroma vectors, a* and b*, of a row of pixels.
  func withChroma(_ pixels: Range<Int>, _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
    withExtendedLifetime(planes) {
      body(planes.pointer + stride + pixels.lowerBound, planes.pointer + 2 * stride + pixels.lowerBound)
    }
  }

  /// As many colours as there are lanes, from a pixel on; beyond the last pixel they are any.
  @inline(__always)
  func colors(at pixel: Int) -> CIELab {
    CIELab(
      lightness: planes.pointer.lanes(pixel), a: planes.pointer.lanes(stride + pixel),
      b: planes.pointer.lanes(2 * stride + pixel))
  }

  private func store(_ color: CIELab, _ pixel: Int) {
    planes.start.store(color.lightness, pixel)
    planes.start.store(color.a, stride + pixel)
    planes.start.store(color.b, 2 * stride + pixel)
  }
}

/// Two images of one size: as it is shown, and as it was before its colours were changed.
package struct ColorPair: Sendable {
  let shown: LabImage
  /// nil where what is shown is the original.
  let original: LabImage?
  /// The chroma that all such images have on average at each pixel, which shares of colour leave out; nil is none.
  let meanShown: LabImage?
  let meanOriginal: LabImage?

  package init(shown: LabImage, original: LabImage?, meanShown: LabImage? = nil, meanOriginal: LabImage? = nil) {
    self.shown = shown
    self.original = original
    self.meanShown = meanShown
    self.meanOriginal = meanOriginal
  }

  /// Chroma vectors of what is shown less their mean, from a pixel on; lightness as it is.
  @inline(__always)
  func ownShown(at pixel: Int) -> CIELab { ColorPair.own(shown.colors(at: pixel), meanShown, pixel) }

  /// The same of the original; nil where what is shown is the original.
  @inline(__always)
  func ownOriginal(at pixel: Int) -> CIELab? {
    original.map { ColorPair.own($0.colors(at: pixel), meanOriginal, pixel) }
  }

  @inline(__always)
  private static func own(_ color: CIELab, _ mean: LabImage?, _ pixel: Int) -> CIELab {
    guard let mean = mean?.colors(at: pixel) else { return color }
    return CIELab(lightness: color.lightness, a: color.a - mean.a, b: color.b - mean.b)
  }
}
