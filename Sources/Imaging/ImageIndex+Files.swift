import Formats
import Foundation

extension ImageIndex {
  /// What there is to list of a file.
  public struct Measured: Sendable, Equatable {
    public let bytes: Int
    /// nil where the file's header is of no ``PictureFormat``.
    public let size: ImageSize?
    /// nil where it was not asked for.
    public let content: ContentIdentity?

    public init(bytes: Int, size: ImageSize?, content: ContentIdentity?) {
      self.bytes = bytes
      self.size = size
      self.content = content
    }
  }

  /// Reads a file: whole where its content is wanted, else its header.
  ///
  /// - Throws: `ImagingError` when the file cannot be read.
  public static func measure(_ entry: ImageEntry, hashing: Bool) throws -> Measured {
    do {
      if hashing {
        let bytes = try FileBytes.read(entry.path)
        return Measured(bytes: bytes.count, size: try? ImageHeader(bytes).size, content: ContentIdentity(of: bytes))
      }
      return Measured(
        bytes: try FileBytes.size(entry.path), size: try? PixelImage.size(of: entry.url), content: nil)
    } catch let error as ImagingError {
      throw ImagingError(path: entry.path, reason: error.reason)
    }
  }
}
