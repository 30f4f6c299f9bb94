import Formats
import Foundation

extension PixelImage {
  /// Decodes a file as `init(contentsOf:)` does, and says what its bytes are known by: both from reading it once.
  ///
  /// - Throws: `ImagingError` when the file cannot be read or decoded.
  public static func identified(contentsOf url: URL) throws -> (picture: DecodedPicture, content: ContentIdentity) {
    do {
      let bytes = try FileBytes.read(url.path)
      return (try picture(decoding: bytes), ContentIdentity(of: bytes))
    } catch let error as ImagingError {
      throw ImagingError(path: url.path, reason: error.reason)
    }
  }

  /// What the bytes of a file are known by, without decoding them.
  ///
  /// - Throws: `ImagingError` when the file cannot be read.
  public static func content(of url: URL) throws -> ContentIdentity {
    do {
      return ContentIdentity(try FileBytes.digest(url.path))
    } catch let error as ImagingError {
      throw ImagingError(path: url.path, reason: error.reason)
    }
  }
}
