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

  /// Decodes a file of a ``PictureFormat``, told apart by content, to what Pillow's `Image.open(path).convert("RGB")` yields: no
  /// gamma, opacity dropped, and turned as its orientation says only where Pillow does it (TIFF).
  ///
  /// - Throws: `ImagingError` when the file cannot be read, is of another format, is damaged or too large.
  public init(contentsOf url: URL) throws { self = try PixelImage.picture(contentsOf: url).image }

  /// Decodes a file held in memory; see `init(contentsOf:)`.
  public init(decoding bytes: [UInt8]) throws { self = try PixelImage.picture(decoding: bytes).image }

  /// The picture in a file, and what the file says besides; see `init(contentsOf:)`.
  public static func picture(contentsOf url: URL) throws -> DecodedPicture {
    let path = url.path
    do {
      return try picture(decoding: FileBytes.read(path))
    } catch let error as ImagingError {
      throw ImagingError(path: path, reason: error.reason)
    }
  }

  /// The same of a file held in memory.
  public static func picture(decoding bytes: [UInt8]) throws -> DecodedPicture { try ImageHeader(bytes).decode(bytes) }

  /// Width and height of a file's picture as it is read, without decoding its pixels.
  ///
  /// - Throws: `ImagingError` when the file cannot be read or its header is of no ``PictureFormat``.
  public static func size(of url: URL) throws -> ImageSize {
    let path = url.path
    do {
      var bytes = try FileBytes.read(path, limit: 65_536)
      do {
        return try ImageHeader(bytes).size
      } catch  where bytes.count == 65_536 {
        // A large preview or profile may stand before the frame header, and a TIFF's directory at the end.
        bytes = try FileBytes.read(path)
        return try ImageHeader(bytes).size
      }
    } catch let error as ImagingError {
      throw ImagingError(path: path, reason: error.reason)
    }
  }
}
