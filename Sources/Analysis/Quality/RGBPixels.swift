/// One image of 8 bits, `[height, width, 3]`: red, green, blue of a pixel one behind the other, pixels in raster order.
///
/// Every measure of quality takes two of them and means their values as value / 255, in 0 ... 1.
public struct RGBPixels: Sendable, Equatable {
  public let height: Int
  public let width: Int
  public let bytes: [UInt8]

  /// Values an image has: three a pixel.
  public var count: Int { bytes.count }

  /// - Precondition: there are `height * width * 3` bytes, and at least one pixel.
  public init(height: Int, width: Int, bytes: [UInt8]) {
    precondition(height > 0 && width > 0 && bytes.count == height * width * 3, "three bytes a pixel")
    self.height = height
    self.width = width
    self.bytes = bytes
  }

  /// The upper left corner of rows that lie in memory.
  ///
  /// - Parameters:
  ///   - memory: an image of `rowPixels` pixels a row, at least `height` rows.
  ///   - rowPixels: at least `width`.
  init(_ memory: UnsafeRawBufferPointer, rowPixels: Int, height: Int, width: Int) {
    precondition(width <= rowPixels && memory.count >= height * rowPixels * 3, "an image within its memory")
    let row = width * 3
    let bytes = [UInt8](unsafeUninitializedCapacity: height * row) { buffer, initialized in
      let target = UnsafeMutableRawBufferPointer(buffer)
      for line in 0..<height {
        let source = memory[line * rowPixels * 3..<line * rowPixels * 3 + row]
        UnsafeMutableRawBufferPointer(rebasing: target[line * row..<(line + 1) * row])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source))
      }
      initialized = height * row
    }
    self.init(height: height, width: width, bytes: bytes)
  }

  /// The smaller of height and width.
  var shorterSide: Int { min(height, width) }

  func requireSameSize(as other: RGBPixels) {
    precondition(height == other.height && width == other.width, "two images of the same size")
  }
}
