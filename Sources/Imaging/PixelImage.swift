import Formats
import Foundation

/// 8-bit RGB pixels.
public struct PixelImage: Sendable, Equatable {
  /// Pixels a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `[height, width, 3]`, row by row, red, green, blue, each 0 to 255.
  public var pixels: [UInt8]

  /// Height and width in pixels.
  public var size: ImageSize { ImageSize(height: height, width: width) }

  /// - Precondition: both sides are at least 1 and `pixels` holds `width * height * 3` bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "an image has at least one pixel")
    precondition(pixels.count == width * height * 3, "pixels must hold width × height × 3 bytes")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Decodes a JPEG or PNG file, told apart by content, to what Pillow's `Image.open(path).convert("RGB")` yields: no
  /// orientation applied, no gamma, alpha dropped.
  ///
  /// - Throws: `ImagingError` when the file cannot be read, is neither JPEG nor PNG, is damaged or too large.
  public init(contentsOf url: URL) throws {
    let path = url.path
    do {
      self = try PixelImage(decoding: FileBytes.read(path))
    } catch let error as ImagingError {
      throw ImagingError(path: path, reason: error.reason)
    }
  }

  /// Decodes a JPEG or PNG file held in memory; see `init(contentsOf:)`.
  public init(decoding bytes: [UInt8]) throws {
    let header = try ImageHeader(bytes)
    self = try header.decode(bytes)
  }

  /// Width and height in the file's header, without decoding its pixels and without applying its orientation.
  ///
  /// - Throws: `ImagingError` when the file cannot be read or its header is neither JPEG's nor PNG's.
  public static func size(of url: URL) throws -> ImageSize {
    let path = url.path
    do {
      var bytes = try FileBytes.read(path, limit: 65_536)
      do {
        let header = try ImageHeader(bytes)
        return ImageSize(height: header.height, width: header.width)
      } catch  where bytes.count == 65_536 {
        // A large preview or profile may stand before the frame header.
        bytes = try FileBytes.read(path)
        let header = try ImageHeader(bytes)
        return ImageSize(height: header.height, width: header.width)
      }
    } catch let error as ImagingError {
      throw ImagingError(path: path, reason: error.reason)
    }
  }
}
