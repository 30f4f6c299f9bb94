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

  /// What holds the file.
  private enum Place: Sendable {
    case folder(String)
    case archive(ImageArchive, member: Int)
  }

  /// Path from the folder, or in the archive, `/` between its parts.
  public let relativePath: String
  private let place: Place
  /// nil where nothing is.
  public let known: Known?

  /// - Parameter folder: where the path begins; empty for a path that stands for itself.
  public init(relativePath: String, folder: String, known: Known? = nil) {
    self.relativePath = relativePath
    place = .folder(folder)
    self.known = known
  }

  init(in archive: ImageArchive, _ member: Int, known: Known) {
    relativePath = archive.members[member].name
    place = .archive(archive, member: member)
    self.known = known
  }

  /// Where the file is; of one in an archive its name behind the archive's path.
  public var path: String {
    switch place {
    case .folder(let folder): folder.isEmpty ? relativePath : folder + "/" + relativePath
    case .archive(let archive, _): archive.path + "/" + relativePath
    }
  }

  public var url: URL { URL(fileURLWithPath: path, isDirectory: false) }

  public static func == (first: ImageEntry, second: ImageEntry) -> Bool {
    first.path == second.path && first.known == second.known
  }

  // MARK: Reading

  /// The picture.
  ///
  /// - Throws: `ImagingError` when the file cannot be read or decoded, or is another than an index lists.
  public func image() throws -> PixelImage {
    if known?.content == nil, case .folder = place { return try PixelImage(contentsOf: url) }
    return try identified().picture.image
  }

  /// The picture, and what the file's bytes are known by: both from reading it once.
  ///
  /// - Throws: as ``image()``.
  public func identified() throws -> (picture: DecodedPicture, content: ContentIdentity) {
    let found =
      try archived { bytes in
        (picture: try PixelImage.picture(decoding: bytes), content: ContentIdentity(of: bytes))
      } ?? PixelImage.identified(contentsOf: url)
    if let content = known?.content, content != found.content {
      throw ImagingError(
        path: path, reason: "is another file than the index lists (its SHA-256 differs); make the index again")
    }
    return found
  }

  /// What the file's bytes are known by: what an index says, else the file is read.
  ///
  /// - Throws: `ImagingError` when the file cannot be read.
  public func content() throws -> ContentIdentity {
    try known?.content ?? archived { ContentIdentity(of: $0) } ?? PixelImage.content(of: url)
  }

  /// Width and height of the picture: what an index says, else the file's header is read.
  ///
  /// - Throws: `ImagingError` when the file cannot be read or its header is of no ``PictureFormat``.
  public func size() throws -> ImageSize {
    if let size = known?.size { return size }
    if let size = try? archived(limit: 65_536, { try ImageHeader($0).size }) { return size }
    return try archived { try ImageHeader($0).size } ?? PixelImage.size(of: url)
  }

  /// What `body` makes of the bytes of a file in an archive; nil for a file of a folder.
  ///
  /// - Throws: `ImagingError` with the path.
  private func archived<Value>(
    limit: Int = FileBytes.largest, _ body: ([UInt8]) throws -> Value
  ) throws -> Value? {
    guard case .archive(let archive, let member) = place else { return nil }
    do { return try body(archive.read(member, limit: limit)) } catch let error as ImagingError {
      throw ImagingError(path: path, reason: error.reason)
    }
  }
}
