import Figures
import Formats

/// A drawn page as pixels, and the smallest PNG of it: indexed where 256 colours hold it, else 24 bits a pixel.
package struct PNGPage {
  let width: Int
  let height: Int
  /// Red, green and blue from the third byte down to the first; row after row from the top.
  let pixels: [UInt32]

  /// How far a channel of a blended pixel may be off in an indexed file, of 255.
  package static let mostChange = 16

  /// - Parameter pixels: `width` × `height` of them, red, green and blue from the third byte down to the first.
  package init(width: Int, height: Int, pixels: [UInt32]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height, "pixels must be width × height")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The file, with its resolution. Areas of one colour keep it exactly. Where `mayBlend` says so, pixels at the edges of
  /// letters and lines, which hold blends of two colours, may change by up to `mostChange` a channel: to the nearest of 256
  /// colours, or to steps of 16. Where `mayReduce` says so, the whole page has 256 colours, each the mean of those that it
  /// stands for.
  package func encoded(dotsPerInch: Double, mayBlend: Bool, mayReduce: Bool = false) throws -> [UInt8] {
    let perMetre = PNGWriter.bigEndian(UInt32(saturating: (dotsPerInch / 0.0254).rounded()))
    let resolution = PNGWriter.chunk("pHYs", perMetre + perMetre + [1])
    if let indexed = IndexedColors(pixels, width: width, mostChange: mayBlend ? Self.mostChange : 0) {
      return try file(indexed.colors, indexed.indices, resolution)
    }
    if mayReduce {
      let reduced = PaletteCut(pixels)
      return try file(reduced.colors, reduced.indices, resolution)
    }
    let pixels = mayBlend ? IndexedColors.coarsened(pixels, width: width) ?? pixels : pixels
    let bytes = [UInt8](unsafeUninitializedCapacity: pixels.count * 3) { buffer, count in
      for (place, pixel) in pixels.enumerated() {
        buffer[place * 3] = UInt8(pixel >> 16 & 255)
        buffer[place * 3 + 1] = UInt8(pixel >> 8 & 255)
        buffer[place * 3 + 2] = UInt8(pixel & 255)
      }
      count = pixels.count * 3
    }
    let data = try PNGWriter.imageData(bytes, width: width, height: height, channels: 3, isDrawing: true)
    return PNGWriter.file([
      PNGWriter.header(width: width, height: height, depth: 8, kind: .rgb), resolution, PNGWriter.chunk("IDAT", data),
    ])
  }

  /// The file without a resolution where 256 colours hold it exactly; nil where they do not.
  func indexedExactly() throws -> [UInt8]? {
    try IndexedColors(pixels, width: width, mostChange: 0).map { try file($0.colors, $0.indices, nil) }
  }

  private func file(_ colors: [UInt32], _ indices: [UInt8], _ resolution: [UInt8]?) throws -> [UInt8] {
    let depth: UInt8 = [1, 2, 4].first { colors.count <= 1 << Int($0) } ?? 8
    let palette = colors.flatMap { [UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)] }
    return PNGWriter.file(
      [PNGWriter.header(width: width, height: height, depth: depth, kind: .indexed)] + [resolution].compactMap { $0 }
        + [
          PNGWriter.chunk("PLTE", palette),
          PNGWriter.chunk("IDAT", try PNGWriter.compressed(packed(indices, depth: Int(depth)))),
        ])
  }

  /// Rows of indices of `depth` bits, the first pixel in the highest ones, each behind a zero: no filter.
  private func packed(_ indices: [UInt8], depth: Int) -> [UInt8] {
    let perByte = 8 / depth
    let row = (width + perByte - 1) / perByte
    return [UInt8](unsafeUninitializedCapacity: (row + 1) * height) { buffer, count in
      for y in 0..<height {
        var place = y * (row + 1)
        buffer[place] = 0
        for x in 0..<width {
          if x % perByte == 0 {
            place += 1
            buffer[place] = 0
          }
          buffer[place] |= indices[y * width + x] << UInt8(8 - depth * (x % perByte + 1))
        }
      }
      count = (row + 1) * height
    }
  }
}
