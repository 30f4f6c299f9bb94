import Formats

/// Masks of the objects in the model's inputs, one an image, packed to bits.
public final class ObjectMasks: ObjectCoverage {
  private let height: Int
  private let width: Int
  private let words: [[UInt64]]

  /// - Parameters:
  ///   - height: of the model's input in pixels; likewise `width`.
  ///   - masks: for each image `[height, width]`, row by row, 0 outside of objects; empty for an image without any.
  public init(height: Int, width: Int, masks: [[UInt8]]) {
    self.height = height
    self.width = width
    words = masks.map { ObjectMasks.pack($0) }
  }

  /// From masks that are packed already.
  public init(height: Int, width: Int, packed words: [[UInt64]]) {
    self.height = height
    self.width = width
    self.words = words
  }

  /// A mask as bits; empty where no pixel is inside.
  public static func pack(_ mask: [UInt8]) -> [UInt64] {
    guard mask.contains(where: { $0 != 0 }) else { return [] }
    var words = [UInt64](repeating: 0, count: (mask.count + 63) / 64)
    for (pixel, value) in mask.enumerated() where value != 0 { words[pixel >> 6] |= 1 << UInt64(pixel & 63) }
    return words
  }

  public func hasObject(image: Int) -> Bool { !words[image].isEmpty }

  /// A cell is ⌈height / rows⌉ × ⌈width / columns⌉ pixels: the stride of a network, also of one that pads an input its stride
  /// does not divide. What lies beyond the input counts for nothing.
  public func coverage(image: Int, grid: ImageSize) -> [Float] {
    let (down, across) = ((height + grid.height - 1) / grid.height, (width + grid.width - 1) / grid.width)
    var counts = [Int](repeating: 0, count: grid.area)
    for (word, bits) in words[image].enumerated() {
      var bits = bits
      while bits != 0 {
        let pixel = (word << 6) + bits.trailingZeroBitCount
        counts[pixel / width / down * grid.width + pixel % width / across] += 1
        bits &= bits - 1
      }
    }
    return (0..<counts.count).map { cell in
      let (row, column) = (cell / grid.width, cell % grid.width)
      let area = (min(height, (row + 1) * down) - row * down) * (min(width, (column + 1) * across) - column * across)
      return area > 0 ? Float(counts[cell]) / Float(area) : 0
    }
  }
}
