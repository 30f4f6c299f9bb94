import Figures

/// What is worth a closer look in pictures, and how far one is from another.
enum PictureDetail {
  /// The side of the part that is enlarged, as a share of the picture's.
  static let share = 1.0 / 3

  /// The part of a picture with the largest sum of absolute differences between neighbouring pixels, in red, green and blue.
  /// - Parameter pixels: three bytes each, row after row.
  static func richest(_ pixels: [UInt8], width: Int, height: Int) -> ImageGridFigure.Area? {
    let (partWidth, partHeight) = (Int(Double(width) * share), Int(Double(height) * share))
    guard partWidth > 1, partHeight > 1, pixels.count == width * height * 3 else { return nil }
    // Sums over all above and to the left, with an empty row and column before them.
    var sums = [Int](repeating: 0, count: (width + 1) * (height + 1))
    func change(_ first: Int, _ second: Int) -> Int {
      (0..<3).reduce(0) { $0 + abs(Int(pixels[first * 3 + $1]) - Int(pixels[second * 3 + $1])) }
    }
    for y in 0..<height {
      var line = 0
      for x in 0..<width {
        let place = y * width + x
        line += x + 1 < width ? change(place, place + 1) : 0
        line += y + 1 < height ? change(place, place + width) : 0
        sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + line
      }
    }
    var best = (sum: -1, x: 0, y: 0)
    for y in 0...height - partHeight {
      for x in 0...width - partWidth {
        let (top, bottom) = (y * (width + 1), (y + partHeight) * (width + 1))
        let sum = sums[bottom + x + partWidth] - sums[bottom + x] - sums[top + x + partWidth] + sums[top + x]
        if sum > best.sum { best = (sum, x, y) }
      }
    }
    return ImageGridFigure.Area(
      x: Double(best.x) / Double(width), y: Double(best.y) / Double(height), width: Double(partWidth) / Double(width),
      height: Double(partHeight) / Double(height))
  }

  /// By pixel: the mean of the absolute differences of red, green and blue, as shares of 255.
  static func errors(_ first: [UInt8], _ second: [UInt8]) -> [Double] {
    guard first.count == second.count else { return [] }
    return (0..<first.count / 3).map { pixel in
      var sum = 0
      for channel in pixel * 3..<pixel * 3 + 3 { sum += abs(Int(first[channel]) - Int(second[channel])) }
      return Double(sum) / 765
    }
  }

  /// Values as colours of a map that runs from 0 to `most`; larger ones have its last colour.
  static func colored(_ values: [Double], most: Double, map: ColorMap, width: Int, height: Int) throws -> Picture {
    try Picture(
      width: width, height: height, rgb: values.flatMap { map.color(at: most > 0 ? $0 / most : 0).bytes.prefix(3) })
  }
}
