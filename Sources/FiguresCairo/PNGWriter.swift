import CDeflate
import Figures

/// Writes pixels as PNG, losslessly and the same bytes for the same pixels.
public enum PNGWriter {
  /// Three or four bytes a pixel; those with opacity 255 everywhere are written without it.
  /// - Throws: `FigureError` where the size and the bytes do not fit together.
  public static func encode(rgba pixels: [UInt8], width: Int, height: Int) throws -> [UInt8] {
    guard width > 0, height > 0, pixels.count == width * height * 4 else {
      throw FigureError("a PNG of \(width)×\(height) needs \(width * height * 4) bytes, got \(pixels.count)")
    }
    let isOpaque = stride(from: 3, to: pixels.count, by: 4).allSatisfy { pixels[$0] == 255 }
    let channels = isOpaque ? 3 : 4
    let lines = filtered(pixels, width: width, height: height, channels: channels)
    var png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let size = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
    png += chunk("IHDR", size + [8, isOpaque ? 2 : 6, 0, 0, 0])
    png += chunk("IDAT", try compressed(lines))
    png += chunk("IEND", [])
    return png
  }

  /// Every line with the filter whose sum of magnitudes is least, as the PNG specification advises.
  private static func filtered(_ pixels: [UInt8], width: Int, height: Int, channels: Int) -> [UInt8] {
    let bytes = width * channels
    var output: [UInt8] = []
    output.reserveCapacity((bytes + 1) * height)
    var above = [UInt8](repeating: 0, count: bytes)
    var line = above
    var candidates = [[UInt8]](repeating: above, count: 5)
    for row in 0..<height {
      for pixel in 0..<width {
        for channel in 0..<channels { line[pixel * channels + channel] = pixels[(row * width + pixel) * 4 + channel] }
      }
      for place in 0..<bytes {
        let left = place >= channels ? line[place - channels] : 0
        let corner = place >= channels ? above[place - channels] : 0
        let up = above[place]
        candidates[0][place] = line[place]
        candidates[1][place] = line[place] &- left
        candidates[2][place] = line[place] &- up
        candidates[3][place] = line[place] &- UInt8((Int(left) + Int(up)) / 2)
        candidates[4][place] = line[place] &- paeth(left, up, corner)
      }
      var best = (filter: 0, sum: Int.max)
      for filter in 0..<5 {
        let sum = candidates[filter].reduce(0) { $0 + Int(Int8(bitPattern: $1).magnitude) }
        if sum < best.sum { best = (filter, sum) }
      }
      output.append(UInt8(best.filter))
      output += candidates[best.filter]
      swap(&above, &line)
    }
    return output
  }

  private static func paeth(_ left: UInt8, _ up: UInt8, _ corner: UInt8) -> UInt8 {
    let estimate = Int(left) + Int(up) - Int(corner)
    let (a, b, c) = (
      (estimate - Int(left)).magnitude, (estimate - Int(up)).magnitude, (estimate - Int(corner)).magnitude
    )
    return a <= b && a <= c ? left : b <= c ? up : corner
  }

  private static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(8) else { throw FigureError("no memory to compress a PNG") }
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
    return try [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      count = libdeflate_zlib_compress(compressor, bytes, bytes.count, buffer.baseAddress, bound)
      guard count > 0 else { throw FigureError("a PNG of \(bytes.count) bytes could not be compressed") }
    }
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(libdeflate_crc32(0, body, body.count))
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }
}
