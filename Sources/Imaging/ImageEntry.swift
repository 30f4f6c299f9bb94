import Formats
import Foundation

/// One picture of a folder or of an index.
public struct ImageEntry: Sendable, Equatable {
  /// What an index knows of a picture, so that the file need not be asked.
  public struct Known: Sendable, Equatable {
    /// Of the file.
    public var bytes: Int?
    /// As the picture is read, before any recipe.
    public var size: ImageSize?
    /// Index into the labels of the listing.
    public var label: Int32?
    public var content: ContentIdentity?

    public init(
      bytes: Int? = nil, size: ImageSize? = nil, label: Int32? = nil, content: ContentIdentity? = nil
    ) {
      self.bytes = bytes
      self.size = size
      self.label = label
      self.content = content
    }
  }

  /// Path from the folder, `/` between its parts.
  public let relativePath: String
  private let folder: String
  /// nil where nothing is.
  public let known: Known?

  /// - Parameter folder: where the path begins; empty for a path that stands for itself.
  public init(relativePath: String, folder: String, known: Known? = nil) {
    self.relativePath = relativePath
    self.folder = folder
    self.known = known
  }

  /// Where the file is.
  public var path: String { folder.isEmpty ? relativePath : folder + "/" + relativePath }

  public var url: URL { URL(fileURLWithPath: path, isDirectory: false) }

  // MARK: Reading

  /// The picture.
  ///
  /// - Throws: `ImagingError` when the file cannot be read or decoded, or is another than an index lists.
  public func image() throws -> PixelImage {
    guard known?.content != nil else { return try PixelImage(contentsOf: url) }
    return try identified().picture.image
  }

  /// The picture, and what the file's bytes are known by: both from reading it once.
  ///
  /// - Throws: as ``image()``.
  public func identified() throws -> (picture: DecodedPicture, content: ContentIdentity) {
    let found = try PixelImage.identified(contentsOf: url)
    if let content = known?.content, content != found.content {
      throw ImagingError(
        path: path, reason: "is another file than the index lists (its SHA-256 differs); make the index again")
    }
    return found
  }

  /// What the file's bytes are known by: what an index says, else the file is read.
  ///
  /// - Throws: `ImagingError` when the file cannot be read.
  public func content() throws -> ContentIdentity { try known?.content ?? PixelImage.content(of: url) }

  /// Width and height of the picture: what an index says, else the file's header is read.
  ///
  /// - Throws: `ImagingError` when the file cannot be read or its header is of no ``PictureFormat``.
  public func size() throws -> ImageSize { try known?.size ?? PixelImage.size(of: url) }
}
