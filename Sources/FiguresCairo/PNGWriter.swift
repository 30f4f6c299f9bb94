import CDeflate
import CImageCodecs
import Figures

/// Writes pixels as PNG, losslessly and the same bytes for the same pixels.
public enum PNGWriter {
  /// Four bytes a pixel; those with opacity 255 everywhere are written without it.
  /// - Throws: `FigureError` where the size and the bytes do not fit together.
  public static func encode(rgba pixels: [UInt8], width: Int, height: Int) throws -> [UInt8] {
    guard width > 0, height > 0, pixels.count == width * height * 4 else {
      throw FigureError("a PNG of \(width)×\(height) needs \(width * height * 4) bytes, got \(pixels.count)")
    }
    let isOpaque = isOpaque(pixels)
    // Maps have the colours of one table; of a small picture the table is larger than what it saves.
    if isOpaque, pixels.count > 4096 {
      let page = PNGPage(
        width: width, height: height,
        pixels: (0..<width * height).map { place in
          UInt32(pixels[place * 4]) << 16 | UInt32(pixels[place * 4 + 1]) << 8 | UInt32(pixels[place * 4 + 2])
        })
      if let file = try page.indexedExactly() { return file }
    }
    let bytes = isOpaque ? withoutOpacity(pixels) : pixels
    let data = try imageData(bytes, width: width, height: height, channels: isOpaque ? 3 : 4, isDrawing: false)
    return file([header(width: width, height: height, depth: 8, kind: isOpaque ? .rgb : .rgba), chunk("IDAT", data)])
  }

  enum Kind: UInt8 {
    case rgb = 2
    case indexed = 3
    case rgba = 6
  }

  static func isOpaque(_ rgba: [UInt8]) -> Bool {
    stride(from: 3, to: rgba.count, by: 4).allSatisfy { rgba[$0] == 255 }
  }

  /// The red, green and blue of pixels of four bytes.
  static func withoutOpacity(_ rgba: [UInt8]) -> [UInt8] {
    let count = rgba.count / 4
    return [UInt8](unsafeUninitializedCapacity: count * 3) { buffer, initialized in
      for pixel in 0..<count {
        for channel in 0..<3 { buffer[pixel * 3 + channel] = rgba[pixel * 4 + channel] }
      }
      initialized = count * 3
    }
  }

  /// Pixels filtered line by line and compressed: the content of an `IDAT` chunk, and of an image of a PDF with predictor 15.
  /// - Parameter isDrawing: whether areas of one colour prevail.
  static func imageData(_ pixels: [UInt8], width: Int, height: Int, channels: Int, isDrawing: Bool) throws -> [UInt8] {
    let row = width * channels
    let lines = try [UInt8](unsafeUninitializedCapacity: (row + 1) * height) { buffer, count in
      guard codec_filter_png(pixels, row, height, channels, isDrawing ? 1 : 0, buffer.baseAddress) == CODEC_OK else {
        throw FigureError("no memory to write a PNG of \(width)×\(height)")
      }
      count = (row + 1) * height
    }
    // What is left of photographs hardly shrinks by searching longer.
    return try compressed(lines, level: isDrawing ? 9 : 6)
  }

  /// As a zlib stream.
  static func compressed(_ bytes: [UInt8], level: Int32 = 9) throws -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(level) else { throw FigureError("no memory to compress a PNG") }
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
    return try [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      count = libdeflate_zlib_compress(compressor, bytes, bytes.count, buffer.baseAddress, bound)
      guard count > 0 else { throw FigureError("a PNG of \(bytes.count) bytes could not be compressed") }
    }
  }

  // MARK: Chunks

  /// Signature, the chunks given, and the last one.
  static func file(_ chunks: [[UInt8]]) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunks.joined() + chunk("IEND", [])
  }

  static func header(width: Int, height: Int, depth: UInt8, kind: Kind) -> [UInt8] {
    chunk("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [depth, kind.rawValue, 0, 0, 0])
  }

  static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(libdeflate_crc32(0, body, body.count))
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }
}
