import Formats

/// Sums of the pixels of many images, over the images that reach there: inputs may differ in size and lie in the upper left
/// corner of one canvas. Whole numbers, so that no order of adding matters.
///
/// `@unchecked Sendable`: one thread at a time adds, and none reads meanwhile.
final class MeanPixels: @unchecked Sendable {
  private let width: Int
  private var sums: [UInt32]
  private var counts: [UInt32]

  init(height: Int, width: Int) {
    self.width = width
    sums = Array(repeating: 0, count: height * width * 3)
    counts = Array(repeating: 0, count: height * width)
  }

  func add(_ image: RGBPixels) {
    for row in 0..<image.height {
      for column in 0..<image.width {
        let (index, pixel) = (row * width + column, row * image.width + column)
        counts[index] += 1
        for channel in 0..<3 { sums[index * 3 + channel] += UInt32(image.bytes[pixel * 3 + channel]) }
      }
    }
  }

  /// The mean of all images where one of them lies.
  func mean(of image: RGBPixels) -> [Float] {
    values(image) { sum, count, _ in Float(sum) / Float(max(1, count)) }
  }

  /// The mean of all images but one; its own pixels where it is the only one that reaches there.
  func mean(without image: RGBPixels) -> [Float] {
    values(image) { sum, count, own in
      count > 1 ? Float(sum - UInt32(own)) / Float(count - 1) : Float(own)
    }
  }

  private func values(_ image: RGBPixels, _ value: (UInt32, UInt32, UInt8) -> Float) -> [Float] {
    var values = [Float](repeating: 0, count: image.count)
    for row in 0..<image.height {
      for column in 0..<image.width {
        let (index, pixel) = (row * width + column, row * image.width + column)
        for channel in 0..<3 {
          values[pixel * 3 + channel] = value(
            sums[index * 3 + channel], counts[index], image.bytes[pixel * 3 + channel])
        }
      }
    }
    return values
  }
}
