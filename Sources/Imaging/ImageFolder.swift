import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The pictures below a folder.
public struct ImageFolder {
  /// One picture.
  public struct Entry: Sendable, Equatable {
    /// Path from the folder, `/` between its parts.
    public let relativePath: String
    /// Where the file is.
    public let url: URL

    public init(relativePath: String, url: URL) {
      self.relativePath = relativePath
      self.url = url
    }
  }

  /// Endings of the files that are taken, whatever their case.
  public static let extensions = ["jpg", "jpeg", "png"]

  /// The `.jpg`, `.jpeg` and `.png` files below `folder`, at any depth, in the order of the UTF-8 bytes of their relative
  /// paths. Hidden files and folders are left out; symbolic links are followed, but never in a circle.
  ///
  /// - Parameter limit: the first so many only; nil for all.
  /// - Throws: `ImagingError` when there is no such folder, a folder cannot be read, a picture's name is not UTF-8, or there
  ///   is not a picture in it.
  public static func list(_ folder: URL, limit: Int? = nil) throws -> [Entry] {
    if let limit, limit < 1 { throw ImagingError(reason: "a limit of \(limit) images leaves nothing; give 1 or more") }
    let root = folder.path
    var paths: [String] = []
    try walk(root, prefix: "", above: [], into: &paths)
    guard !paths.isEmpty else {
      throw ImagingError(path: root, reason: "no images in this folder (looked for .jpg, .jpeg and .png at any depth)")
    }
    paths.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return paths.prefix(limit ?? paths.count).map { path in
      Entry(relativePath: path, url: URL(fileURLWithPath: root + "/" + path, isDirectory: false))
    }
  }

  /// Device and number of a folder, by which a circle of links is recognised.
  private struct Identity: Equatable {
    let device: UInt64
    let number: UInt64
  }

  private static func walk(_ path: String, prefix: String, above: [Identity], into paths: inout [String]) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw ImagingError(path: path, reason: FileBytes.reason(errno)) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw ImagingError(path: path, reason: "is not a folder") }
    let identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    guard !above.contains(identity) else { return }
    guard let stream = opendir(path) else { throw ImagingError(path: path, reason: FileBytes.reason(errno)) }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let item = readdir(stream) else {
        if errno != 0 { throw ImagingError(path: path, reason: FileBytes.reason(errno)) }
        return
      }
      let bytes = withUnsafeBytes(of: &item.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard bytes.first != UInt8(ascii: ".") else { continue }
      let isPicture = isPictureName(bytes)
      guard let name = String(validating: bytes, as: UTF8.self) else {
        guard isPicture else { continue }
        throw ImagingError(
          path: path, reason: "the file name \(String(decoding: bytes, as: UTF8.self)) is not UTF-8; rename it")
      }
      let full = path + "/" + name
      guard stat(full, &status) == 0 else {
        // A broken link that names a picture is listed, so that its failure is reported and counted.
        if isPicture { paths.append(prefix + name) }
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try walk(full, prefix: prefix + name + "/", above: above + [identity], into: &paths)
      case S_IFREG where isPicture: paths.append(prefix + name)
      default: continue
      }
    }
  }

  private static func isPictureName(_ bytes: [UInt8]) -> Bool {
    guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let ending = String(decoding: bytes[(dot + 1)...], as: UTF8.self).lowercased()
    return extensions.contains(ending)
  }
}
