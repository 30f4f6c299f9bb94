/// Memory of single precision for rows that vector code reads a little past their end.
final class FloatPlane {
  /// What may be read, and is 0 where nothing was written, behind the last number.
  static let margin = 64

  let start: UnsafeMutablePointer<Float>
  let count: Int

  /// Zeros.
  init(_ count: Int) {
    self.count = count
    start = .allocate(capacity: count + FloatPlane.margin)
    start.initialize(repeating: 0, count: count + FloatPlane.margin)
  }

  /// An image's values in 0 ... 1, interleaved as they are.
  convenience init(_ image: RGBPixels) {
    self.init(image.count)
    image.bytes.withUnsafeBufferPointer { bytes in
      for (place, byte) in bytes.enumerated() { start[place] = Float(byte) * (1 / 255) }
    }
  }

  deinit { start.deallocate() }

  var pointer: UnsafePointer<Float> { UnsafePointer(start) }
}
