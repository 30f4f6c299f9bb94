/// Memory of numbers for rows that vector code reads a little past their end.
final class Plane<Element: BinaryFloatingPoint & BitwiseCopyable> {
  /// What may be read, and is 0 where nothing was written, behind the last number.
  static var margin: Int { 64 }

  let start: UnsafeMutablePointer<Element>
  let count: Int

  /// Zeros.
  init(_ count: Int) {
    self.count = count
    start = .allocate(capacity: count + Plane.margin)
    start.initialize(repeating: 0, count: count + Plane.margin)
  }

  deinit { start.deallocate() }

  var pointer: UnsafePointer<Element> { UnsafePointer(start) }
}

/// Pixels, and what is made of them where single precision is enough.
typealias FloatPlane = Plane<Float>

extension Plane<Float> {
  /// An image's values in 0 ... 1, interleaved as they are.
  convenience init(_ image: RGBPixels) {
    self.init(image.count)
    image.bytes.withUnsafeBufferPointer { bytes in
      for (index, byte) in bytes.enumerated() { start[index] = Float(byte) * (1 / 255) }
    }
  }
}
