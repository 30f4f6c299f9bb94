import CImageCodecs
import Figures

/// Writes pixels as JPEG, colour not subsampled: for pictures to look at, not to measure.
public enum JPEGWriter {
  /// - Parameters:
  ///   - rgb: three bytes a pixel.
  ///   - quality: 1 to 100.
  /// - Throws: `FigureError` where the picture cannot be encoded.
  public static func encode(rgb: [UInt8], width: Int, height: Int, quality: Int) throws -> [UInt8] {
    guard width > 0, height > 0, width <= 65_000, height <= 65_000, rgb.count == width * height * 3 else {
      throw FigureError("a JPEG of \(width)×\(height) cannot be made of \(rgb.count) bytes")
    }
    let bound = codec_jpeg_bound(Int32(width), Int32(height))
    var message = [CChar](repeating: 0, count: Int(CODEC_MESSAGE_SIZE))
    var size = bound
    let bytes = try [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      let status = codec_encode_jpeg(
        rgb, Int32(width), Int32(height), Int32(quality), buffer.baseAddress, &size, &message)
      guard status == CODEC_OK else {
        let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        throw FigureError("a JPEG of \(width)×\(height) could not be made: \(reason)")
      }
      count = size
    }
    return bytes
  }
}
