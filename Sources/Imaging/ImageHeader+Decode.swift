import CImageCodecs

extension ImageHeader {
  /// The pixels of the file this header was read from, as Pillow's `convert("RGB")` gives them.
  ///
  /// - Throws: `ImagingError` without a path, where the file is damaged beyond what Pillow accepts, or truncated.
  func decode(_ bytes: [UInt8]) throws -> DecodedPicture {
    var facts = facts
    let stored = try storedPixels(bytes, frames: &facts.frames)
    return DecodedPicture(image: facts.isTurned ? stored.turned(facts.orientation) : stored, facts: facts)
  }

  private func storedPixels(_ bytes: [UInt8], frames: inout Int) throws -> PixelImage {
    switch format {
    case .webp:
      var count: Int32 = 1
      let (pixels, status, message) = fill(channels: 3) { pixels, message in
        codec_decode_webp(bytes, bytes.count, Int32(width), Int32(height), pixels, &count, message)
      }
      guard status == Int32(CODEC_OK) else { throw ImagingError(reason: "damaged WebP: \(message)") }
      frames = Int(count)
      return PixelImage(width: width, height: height, pixels: pixels)
    case .bmp(let file):
      return try file.decode(bytes)
    case .tiff:
      let (pixels, status, message) = fill(channels: 3) { pixels, message in
        codec_decode_tiff(bytes, bytes.count, UInt32(width), UInt32(height), pixels, message)
      }
      guard status == Int32(CODEC_OK) else { throw ImagingError(reason: "TIFF that cannot be read: \(message)") }
      return PixelImage(width: width, height: height, pixels: pixels)
    case .png:
      let (pixels, status, message) = fill(channels: 3) { pixels, message in
        codec_decode_png(bytes, bytes.count, UInt32(width), UInt32(height), pixels, message)
      }
      guard status == Int32(CODEC_OK) else { throw ImagingError(reason: "damaged PNG: \(message)") }
      return PixelImage(width: width, height: height, pixels: pixels)
    case .jpeg(let components, let isComplete):
      // As Pillow does: no file without its end, whatever its rows; damage inside that the decoder can step over is accepted.
      guard isComplete else { throw ImagingError(reason: "truncated JPEG: the file ends before the image does") }
      let channels = components == 4 ? 4 : 3
      let (pixels, status, message) = fill(channels: channels) { pixels, message in
        codec_decode_jpeg(bytes, bytes.count, Int32(channels), Int32(width), Int32(height), pixels, message)
      }
      guard status != Int32(CODEC_ERROR) else { throw ImagingError(reason: "damaged JPEG: \(message)") }
      return PixelImage(
        width: width, height: height, pixels: channels == 4 ? ImageHeader.rgb(inkless: pixels) : pixels)
    }
  }

  private func fill(
    channels: Int, _ decode: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CChar>?) -> Int32
  ) -> (pixels: [UInt8], status: Int32, message: String) {
    var message = [CChar](repeating: 0, count: Int(CODEC_MESSAGE_SIZE))
    var status: Int32 = 0
    let count = width * height * channels
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      status = decode(buffer.baseAddress, &message)
      // After an error nothing of the buffer is used.
      filled = status == Int32(CODEC_ERROR) ? 0 : count
    }
    return (pixels, status, ImageHeader.text(message))
  }

  /// CMYK as files store it (Adobe's convention: 255 is no ink) to RGB with Pillow's integer formula.
  static func rgb(inkless stored: [UInt8]) -> [UInt8] {
    let count = stored.count / 4
    return [UInt8](unsafeUninitializedCapacity: count * 3) { rgb, filled in
      for pixel in 0..<count {
        let white = Int32(stored[4 * pixel + 3])
        for channel in 0..<3 {
          let product = (255 - Int32(stored[4 * pixel + channel])) * white + 128
          rgb[3 * pixel + channel] = UInt8(clamping: white - ((product >> 8) + product) >> 8)
        }
      }
      filled = count * 3
    }
  }
}
