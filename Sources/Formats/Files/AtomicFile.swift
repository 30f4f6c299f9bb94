import Foundation

/// A file written whole or not at all.
public enum AtomicFile {
  /// Writes beside the place under another name, then renames. Where that fails, nothing is left behind. A link is followed: its
  /// target is written.
  ///
  /// - Parameter isDurable: whether the file is on the disk before its name is, so that it also survives a power failure.
  /// - Throws: ``FileWritingError``.
  public static func write(_ data: Data, to path: String, isDurable: Bool = false) throws {
    let target = target(of: path)
    let partial = partialPath(of: target)
    UnfinishedFiles.add(partial)
    defer { UnfinishedFiles.remove(partial) }
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileWritingError(path: path, code: errno) }
    var code = writeAll(data, to: descriptor)
    if code == 0, isDurable, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(partial, target) != 0 { code = errno }
    guard code == 0 else {
      unlink(partial)
      throw FileWritingError(path: path, code: code)
    }
  }

  /// Writes to an open file to the end.
  ///
  /// - Returns: the system's error number; 0 where everything was written.
  static func writeAll(_ data: Data, to descriptor: Int32) -> Int32 {
    data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = UnsafeRawBufferPointer(rebasing: rest)
        let count = Foundation.write(descriptor, piece.baseAddress, piece.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if count == 0 {
          return EIO
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  /// Where a path leads to: links that name a file are followed, whether that is there or not.
  public static func target(of path: String) -> String {
    var target = path
    for _ in 0..<40 {
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: target) else { return target }
      target = next.hasPrefix("/") ? next : FilePath.folder(of: target) + "/" + next
    }
    return path
  }

  /// The name under which a file is written before it is whole: with `.partial` behind it, or a short one where that is too long
  /// for a file system.
  static func partialPath(of path: String) -> String {
    let name = path.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? path
    guard name.utf8.count > 255 - ".partial".utf8.count else { return path + ".partial" }
    return FilePath.folder(of: path) + "/.\(ContentDigest(Data(name.utf8)).hexadecimal.prefix(16)).partial"
  }
}
